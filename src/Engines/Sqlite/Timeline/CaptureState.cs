using Holdfast.Core.Timeline;
using Holdfast.Engines.Sqlite.Files;
using Holdfast.Engines.Sqlite.Interop;

namespace Holdfast.Engines.Sqlite.Timeline;

/// <summary>
/// The capture of one attached database file, for one thread: what is done at each turn, and when the pin moves and the
/// WAL is copied into the file.
/// </summary>
internal sealed class CaptureState(
    Attachment attachment,
    ITimelineLog log,
    CaptureCounters counters,
    TimeProvider time,
    CancellationToken token
)
{
    private const int MostTries = 1000;

    // Each move lets the application's checkpoint flush once more; by itself it does so every 1,000 frames.
    private const uint FramesPerMove = 1000;
    private const uint MostFramesUnderLock = 2000;
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(50);

    private readonly WalThreshold threshold = new(time);
    private WalFollower follower = null!;
    private Pins pins = null!;
    private MovingOn movingOn = null!;
    private long lastNews;

    /// <summary>Up to where everything was captured.</summary>
    public WalPosition Position => follower.Position;

    /// <summary>How it sleeps until something happens.</summary>
    public SleepingCapture Sleep(AutoResetEvent wake) =>
        new(attachment.Index, wake, follower.Seen, attachment.Index.Backfilled);

    /// <summary>Goes on where the log stands when that is provably right; else reads the whole database.</summary>
    public void Start()
    {
        if (!TryContinue(out var why))
        {
            Resynchronise(why);
        }
    }

    /// <summary>Reads the whole database, because continuity was lost.</summary>
    public void Resynchronise(string why)
    {
        pins.Release();
        var (header, fileHoldsAll) = TakePin();
        var database = new PinnedDatabase(attachment, header, fileHoldsAll);
        new Resynchronisation(log, token).Run(database);
        counters.CountResynchronisation(why);
        follower.Begin(database.Position, header);
        pins.Settle();
    }

    /// <summary>One turn; whether anything happened.</summary>
    public bool Turn()
    {
        var news = follower.HasNews;
        if (news && !follower.TryCatchUp())
        {
            // A writer died while it wrote the header: the next one who begins to read repairs it.
            _ = pins.TryMove();
            return true;
        }

        if (news)
        {
            lastNews = time.GetTimestamp();
        }

        if (IsMoveDue())
        {
            _ = pins.TryMove();
        }

        if (threshold.IsReached(follower.Position, attachment.Index.Backfilled, log.PageSize))
        {
            threshold.Note(movingOn.Run());
        }

        return news;
    }

    /// <summary>Whether the file that is captured has this name now.</summary>
    public bool HasTheName(string path) => FileStatus.Of(path)?.Identity == attachment.Identity;

    /// <summary>Captures everything committed before the call; false when that is not possible at this moment.</summary>
    public bool TryCatchUp() => follower.TryCatchUp();

    /// <summary>Brings the file up to date; the newest commit that it holds, or null when that is older than what is known.</summary>
    public CommitInfo? Settle(out bool complete)
    {
        complete = movingOn.Run() == MoveOutcome.Complete;
        return follower.HeldByFile;
    }

    // Behind the newest commit the pin keeps checkpoints from being complete; on read lock 0 it keeps them from anything.
    // An application's blocking checkpoint holds the write lock and waits for the pin: nothing is committed meanwhile, or
    // everything is copied. Then it must move, too.
    private bool IsMoveDue()
    {
        var (position, at) = (follower.Position, pins.At);
        if (position.Frame == 0)
        {
            return false;
        }

        if (position.Salts != at.Salts || position.Frame - at.Frame >= FramesPerMove)
        {
            return true;
        }

        return (position.Frame != at.Frame && time.GetElapsedTime(lastNews) >= Quiet)
            || (!follower.RestartPermitted && attachment.Index.Backfilled >= position.Frame);
    }

    // When the file holds everything, the first pin lies on read lock 0 and a writer may overwrite at once what was
    // written while nobody captured. The write lock, if it is free, keeps writers off until those frames are read.
    private bool TryContinue(out string why)
    {
        var start = time.GetTimestamp();
        var locked = attachment.Second.TryLock();
        try
        {
            var (header, _) = TakePin();
            why = WhyNotContinue(header) ?? "";
            if (why.Length > 0)
            {
                return false;
            }

            var saved = WalPosition.Unpack(log.Position)!.Value;
            if (locked && header.LastFrame - saved.Frame > MostFramesUnderLock)
            {
                attachment.Second.Unlock();
                locked = false;
            }

            follower.Begin(saved, header);
            log.Flush();
            pins.Settle();
            return true;
        }
        finally
        {
            if (locked)
            {
                attachment.Second.Unlock();
                counters.CountWriteLock(time.GetElapsedTime(start));
            }
        }
    }

    private (WalIndexHeader Header, bool FileHoldsAll) TakePin()
    {
        follower = new WalFollower(attachment, log, counters);
        pins = new Pins(attachment, follower, log);
        movingOn = new MovingOn(attachment, follower, pins, log, counters, time);
        for (var tries = 0; tries < MostTries; tries++)
        {
            token.ThrowIfCancellationRequested();
            WalIndexHeader header = default;
            var exact = false;
            Momentary.Retry(() => exact = pins.TryTakeFirst(out header));
            if (exact)
            {
                return (header, follower.RestartPermitted);
            }

            Momentary.Pause();
        }

        throw new SqliteException(ResultCode.Busy, "it changes all the time");
    }

    private string? WhyNotContinue(in WalIndexHeader header)
    {
        if (log.Lineage is null || log.Tip.Number == 0)
        {
            return "nothing was captured yet";
        }

        if (WalPosition.Unpack(log.Position) is not { } saved || saved.Inode != attachment.Identity.Inode)
        {
            return "another file has the name of the database";
        }

        // A WAL that was just created has no salts: it is no proof of anything.
        return
            saved.Salts != 0
            && saved.Salts == header.Salts
            && saved.Frame <= header.LastFrame
            && (header.LastFrame == 0 || header.PageSize == log.PageSize)
            && (saved.Frame == 0 || attachment.Wal.Holds(saved, log.PageSize))
            ? null
            : "the WAL is not the one that was captured last";
    }
}
