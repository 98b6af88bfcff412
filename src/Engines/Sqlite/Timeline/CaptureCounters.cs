namespace Holdfast.Engines.Sqlite.Timeline;

/// <summary>What a capture has done; written by its thread, read by any.</summary>
internal sealed class CaptureCounters
{
    private long commits;
    private long resynchronisations;
    private string? lastReason;
    private long holds;
    private long longestHold;

    public long Commits => Volatile.Read(ref commits);

    public long Resynchronisations => Volatile.Read(ref resynchronisations);

    public string? LastReason => Volatile.Read(ref lastReason);

    public long WriteLockHolds => Volatile.Read(ref holds);

    public TimeSpan LongestWriteLock => new(Volatile.Read(ref longestHold));

    public void CountCommit() => Volatile.Write(ref commits, commits + 1);

    public void CountResynchronisation(string reason)
    {
        Volatile.Write(ref lastReason, reason);
        Volatile.Write(ref resynchronisations, resynchronisations + 1);
    }

    public void CountWriteLock(TimeSpan held)
    {
        Volatile.Write(ref longestHold, Math.Max(longestHold, held.Ticks));
        Volatile.Write(ref holds, holds + 1);
    }
}
