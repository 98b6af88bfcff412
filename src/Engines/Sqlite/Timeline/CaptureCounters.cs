using Holdfast.Core.Timeline;

namespace Holdfast.Engines.Sqlite.Timeline;

/// <summary>What a capture has done; written by its thread but for the write lock, read by any.</summary>
internal sealed class CaptureCounters
{
    private long commits;
    private long resynchronisations;
    private string? lastReason;
    private DurationCounts holds = DurationCounts.None;

    public long Commits => Volatile.Read(ref commits);

    public long Resynchronisations => Volatile.Read(ref resynchronisations);

    public string? LastReason => Volatile.Read(ref lastReason);

    public DurationCounts WriteLock => Volatile.Read(ref holds);

    public void CountCommit() => Volatile.Write(ref commits, commits + 1);

    public void CountResynchronisation(string reason)
    {
        Volatile.Write(ref lastReason, reason);
        Volatile.Write(ref resynchronisations, resynchronisations + 1);
    }

    /// <summary>Counts one; from any thread.</summary>
    public void CountWriteLock(TimeSpan held)
    {
        while (true)
        {
            var known = Volatile.Read(ref holds);
            if (Interlocked.CompareExchange(ref holds, known.With(held), known) == known)
            {
                return;
            }
        }
    }
}
