namespace Holdfast.Engines.Sqlite.Timeline;

/// <summary>
/// When the WAL is long enough to be copied into the file: later under load, because each time costs the application a
/// moment; earlier when it is quiet, because then it costs nothing.
/// </summary>
internal sealed class WalThreshold(TimeProvider time)
{
    private const long QuietFrames = 1000;
    private const long OrdinaryFrames = 4000;
    private const long OrdinaryBytes = 16L << 20;
    private const long LoadedFrames = 8000;
    private const long LoadedBytes = 32L << 20;
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Still = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Loaded = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private WalPosition last;
    private long lastChange = time.GetTimestamp();
    private long lastRun = time.GetTimestamp();
    private TimeSpan pause;

    /// <summary>Whether it is time.</summary>
    public bool IsReached(WalPosition position, uint backfilled, int pageSize)
    {
        if (position != last)
        {
            last = position;
            lastChange = time.GetTimestamp();
        }

        // A restart comes by itself as soon as the file holds everything.
        if (position.Frame <= backfilled || time.GetElapsedTime(lastRun) < pause)
        {
            return false;
        }

        return position.Frame >= Threshold(WalFile.FrameLength(pageSize), position.Frame - backfilled);
    }

    /// <summary>Notes that it was tried; while somebody hinders it, it is tried less and less often.</summary>
    public void Note(MoveOutcome outcome)
    {
        lastRun = time.GetTimestamp();
        var next = (pause * 2) + TimeSpan.FromMilliseconds(20);
        pause =
            outcome != MoveOutcome.Hindered ? TimeSpan.Zero
            : next < LongestPause ? next
            : LongestPause;
    }

    private long Threshold(int frameLength, uint missing)
    {
        var idle = time.GetElapsedTime(lastChange);
        if (idle >= Still || (idle >= Quiet && missing >= QuietFrames))
        {
            return 0;
        }

        return time.GetElapsedTime(lastRun) < Loaded
            ? Math.Min(LoadedFrames, LoadedBytes / frameLength)
            : Math.Min(OrdinaryFrames, OrdinaryBytes / frameLength);
    }
}
