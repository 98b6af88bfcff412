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
    // What is copied in about a millisecond.
    private const uint FewFrames = 500;
    private const int FewBytes = 2 << 20;
    private const int MostRounds = 10;
    private const int MostMisses = 6;
    private const int MostCheckpointTries = 10;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(300);

    // Beside writers that are faster than the capture there are never few; the WAL must end somewhere.
    private int misses;

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

    /// <summary>Does as much as is possible now.</summary>
    public MoveOutcome Run()
    {
        if (follower.TryCatchUp() && FramesToCopy == 0)
        {
            return MoveOutcome.Complete;
        }

        var outcome = CopyBesideWriters();
        if (outcome == MoveOutcome.Complete)
        {
            // Flushing is what takes time; once the bulk is flushed, each round leaves less to the next.
            attachment.Checkpointer.Sync();
            outcome = CopyAll();
        }

        misses = outcome == MoveOutcome.Outrun ? Math.Min(misses + 1, MostMisses) : 0;
        return outcome;
    }

    private MoveOutcome CopyAll()
    {
        var (start, rounds) = (time.GetTimestamp(), 0);
        while (time.GetElapsedTime(start) < Patience && follower.TryCatchUp())
        {
            if (FramesToCopy > Few)
            {
                if (++rounds > MostRounds || CopyBesideWriters() == MoveOutcome.Hindered)
                {
                    return rounds > MostRounds ? MoveOutcome.Outrun : MoveOutcome.Hindered;
                }
            }
            else if (attachment.Barrier.TryTake())
            {
                return CopyTheRest();
            }
            else
            {
                Momentary.Pause();
            }
        }

        return MoveOutcome.Outrun;
    }

    // Hindered by somebody else's long transaction, the write lock would be taken in vain.
    private MoveOutcome CopyBesideWriters()
    {
        if (!pins.TryMove())
        {
            return MoveOutcome.Outrun;
        }

        log.Flush();
        return Checkpoint(pins.At);
    }

    private MoveOutcome CopyTheRest()
    {
        var start = time.GetTimestamp();
        try
        {
            if (!follower.TryCatchUp())
            {
                return MoveOutcome.Outrun;
            }

            log.Flush();
            var outcome = MoveOutcome.Outrun;
            pins.WithoutPin(() => outcome = Checkpoint(follower.Position));
            return outcome;
        }
        finally
        {
            attachment.Barrier.Release();
            counters.CountWriteLock(time.GetElapsedTime(start));
        }
    }

    // For some microseconds after its commit a writer still holds the pin that it began with, and the application's own
    // checkpoint may run just now. Both pass; what does not is a reader.
    private MoveOutcome Checkpoint(WalPosition goal)
    {
        var ran = false;
        for (var tries = 0; tries < MostCheckpointTries; tries++)
        {
            ran = attachment.Checkpointer.TryRun();
            if (attachment.Index.Backfilled >= goal.Frame || HasRestartedSince(goal))
            {
                return MoveOutcome.Complete;
            }

            Momentary.Pause();
        }

        return ran ? MoveOutcome.Hindered : MoveOutcome.Outrun;
    }

    private bool HasRestartedSince(WalPosition goal) =>
        attachment.Index.TryRead(out var header) && header.Salts != goal.Salts;
}

/// <summary>What became of an attempt to bring the database file up to date.</summary>
internal enum MoveOutcome
{
    /// <summary>The file holds everything that was captured.</summary>
    Complete,

    /// <summary>Writers were faster; it is worth trying again at once.</summary>
    Outrun,

    /// <summary>Somebody's transaction, or another checkpoint, is in the way.</summary>
    Hindered,
}
