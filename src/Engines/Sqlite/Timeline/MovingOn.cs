using Holdfast.Core.Timeline;

namespace Holdfast.Engines.Sqlite.Timeline;

/// <summary>
/// Brings the database file up to date, so that the WAL can begin anew: first beside the writers, then, for the few
/// frames they wrote meanwhile, under the write lock. Nothing can restart the WAL while a checkpoint of ours runs: in
/// the first phase because of the pin, in the second because of the write lock.
/// </summary>
internal sealed class MovingOn(
    Attachment attachment,
    WalFollower follower,
    Pins pins,
    ITimelineLog log,
    CaptureCounters counters,
    TimeProvider time
)
{
    // What is copied and hashed in about a millisecond.
    private const uint FewFrames = 500;
    private const int FewBytes = 2 << 20;
    private const int MostRounds = 4;
    private const int MostMisses = 6;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(300);

    // Beside writers that are faster than the capture there are never few; the WAL must end somewhere.
    private int misses;

    /// <summary>Does as much as is possible now.</summary>
    /// <returns>Whether the file holds everything that was captured.</returns>
    public bool TryRun()
    {
        if (follower.TryCatchUp() && FramesToCopy == 0)
        {
            return true;
        }

        for (var round = 0; round == 0 || (round < MostRounds && FramesToCopy > Few); round++)
        {
            if (!CopyBesideWriters())
            {
                return false;
            }
        }

        var complete = TryCopyTheRest();
        misses = complete ? 0 : Math.Min(misses + 1, MostMisses);
        return complete;
    }

    private bool TryCopyTheRest()
    {
        var start = time.GetTimestamp();
        while (time.GetElapsedTime(start) < Patience)
        {
            if (FramesToCopy <= Few && attachment.Barrier.TryTake())
            {
                return CopyTheRest();
            }

            Momentary.Pause();
            if (!follower.TryCatchUp() || (FramesToCopy > Few && !CopyBesideWriters()))
            {
                return false;
            }
        }

        return false;
    }

    private uint Few => Math.Min(FewFrames, (uint)(FewBytes / log.PageSize)) << misses;

    private uint FramesToCopy
    {
        get
        {
            var backfilled = attachment.Index.Backfilled;
            var captured = follower.Position.Frame;
            return captured > backfilled ? captured - backfilled : 0;
        }
    }

    // False when somebody else's long transaction forbids it: then the write lock would be taken in vain.
    private bool CopyBesideWriters()
    {
        if (!pins.TryMove())
        {
            return false;
        }

        log.Flush();
        attachment.Checkpointer.Run();
        var pinned = pins.At;
        var complete = attachment.Index.Backfilled >= pinned.Frame || follower.Position.Salts != pinned.Salts;
        if (complete)
        {
            attachment.Checkpointer.Sync();
        }

        return complete && follower.TryCatchUp();
    }

    private bool CopyTheRest()
    {
        var start = time.GetTimestamp();
        try
        {
            if (!follower.TryCatchUp())
            {
                return false;
            }

            log.Flush();
            pins.WithoutPin(attachment.Checkpointer.Run);
            return FramesToCopy == 0;
        }
        finally
        {
            attachment.Barrier.Release();
            counters.CountWriteLock(time.GetElapsedTime(start));
        }
    }
}
