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
    private const long MostBytes = 48L << 20;
    private const int MostRounds = 5;
    private const int MostMisses = 6;

    // In tries, of about a quarter of a millisecond each.
    private const int MostIncomplete = 10;
    private const int PatienceUnderLock = 10;
    private const int PatienceBesideWriters = 200;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(300);

    // Beside writers that are faster than the capture there are never few; the WAL must end somewhere.
    private int misses;

    private uint Few => IsTooLong ? uint.MaxValue : Math.Min(FewFrames, (uint)(FewBytes / log.PageSize)) << misses;

    // Once writers have been faster, the next attempt ends it, whatever it costs them: a WAL without bounds costs more.
    private bool IsTooLong =>
        misses > 0 && follower.Position.Frame * (long)WalFile.FrameLength(log.PageSize) > MostBytes;

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
            attachment.SyncFile();
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
            else if (pins.Free.TryLock())
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
        return Checkpoint(pins.Free, pins.At, PatienceBesideWriters);
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
            pins.Lend(pin => outcome = Checkpoint(pin, follower.Position, PatienceUnderLock));
            return outcome;
        }
        finally
        {
            pins.Free.Unlock();
            counters.CountWriteLock(time.GetElapsedTime(start));
        }
    }

    // For some microseconds after its commit a writer still holds the pin that it began with, and the application's own
    // checkpoint may run just now, and flush. Both pass; what does not is a reader.
    private MoveOutcome Checkpoint(Pin connection, WalPosition goal, int patience)
    {
        for (var (ran, busy) = (0, 0); busy < patience; )
        {
            _ = connection.TryCheckpoint() ? ran++ : busy++;
            if (attachment.Index.Backfilled >= goal.Frame || HasRestartedSince(goal))
            {
                return MoveOutcome.Complete;
            }

            if (ran == MostIncomplete)
            {
                return MoveOutcome.Hindered;
            }

            Momentary.Pause();
        }

        return MoveOutcome.Outrun;
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
