using Holdfast.Core.Timeline;

namespace Holdfast.Engines.Sqlite.Timeline;

/// <summary>
/// Takes each commit out of the WAL, once and in order. It relies on a pin that is held without interruption: then a
/// cycle of the WAL ends only after everything in it was seen, because
/// <list type="bullet">
/// <item>a pin on a read mark forbids that the WAL is restarted at all;</item>
/// <item>a pin on read lock 0, taken when the file held everything, permits it, but forbids that anything written since is
/// copied into the file: so only that one cycle can end, and after it cycles without a frame.</item>
/// </list>
/// What the pin permits is told by <see cref="Pins"/>; whatever contradicts it proves that it was lost.
/// </summary>
internal sealed class WalFollower(Attachment attachment, ITimelineLog log, CaptureCounters counters) : IFrames
{
    private const int MostTries = 50;
    private readonly uint lockPage = Pages.LockPage(log.PageSize);
    private readonly CommitMarks marks = new();
    private WalIndexHeader seen;

    /// <summary>Up to where everything was captured.</summary>
    public WalPosition Position { get; private set; }

    /// <summary>Whether the pin permits that the WAL is restarted.</summary>
    public bool RestartPermitted { get; set; } = true;

    /// <summary>What the wal-index showed when everything was captured.</summary>
    public WalIndexHeader Seen => seen;

    /// <summary>Whether something was committed, or may have been; a few reads of memory.</summary>
    public bool HasNews => !attachment.Index.Shows(seen);

    /// <summary>The newest commit that the database file holds; null when that is older than what is known.</summary>
    public CommitInfo? HeldByFile => marks.HeldBy(attachment.Index.Backfilled);

    /// <summary>Begins at a place, up to which the log has everything, in the cycle that the header shows.</summary>
    public void Begin(WalPosition position, in WalIndexHeader header)
    {
        Position = position;
        marks.Restart(position.Frame, log.Tip);
        Follow(header);
    }

    /// <summary>Captures everything that is committed now.</summary>
    /// <returns>False when the wal-index could not be read, because it is being written or its writer died.</returns>
    /// <exception cref="ContinuityLostException">Something may have been missed.</exception>
    public bool TryCatchUp()
    {
        if (!HasNews)
        {
            return true;
        }

        var spin = new SpinWait();
        for (var tries = 0; tries < MostTries; tries++)
        {
            if (attachment.Index.TryRead(out var header))
            {
                Follow(header);
                return true;
            }

            spin.SpinOnce(sleep1Threshold: -1);
        }

        return false;
    }

    /// <inheritdoc/>
    public void Take(WalPosition frame, uint page, uint databasePages, Span<byte> prefixAndPage)
    {
        if (page != lockPage)
        {
            log.AddPage(page, prefixAndPage);
        }

        if (databasePages != 0)
        {
            Position = frame;
            marks.Add(frame.Frame, log.EndCommit(databasePages, frame.Pack()));
            counters.CountCommit();
        }
    }

    private void Follow(in WalIndexHeader header)
    {
        if (header.Salts != Position.Salts)
        {
            Restart(header);
        }

        if (header.LastFrame < Position.Frame)
        {
            throw new ContinuityLostException("the WAL went back behind what was captured");
        }

        if (header.LastFrame > Position.Frame)
        {
            if (header.PageSize != log.PageSize)
            {
                throw new ContinuityLostException("the page size changed");
            }

            attachment.Wal.Read(Position, header, this);
            Position = Position with { Checksum = header.FrameChecksum };
        }
        else if (header.LastFrame > 0 && header.FrameChecksum != Position.Checksum)
        {
            throw new ContinuityLostException("the WAL was rewritten");
        }

        if (header.LastFrame != Position.Frame)
        {
            throw new ContinuityLostException("the WAL ends within a transaction");
        }

        seen = header;
    }

    private void Restart(in WalIndexHeader header)
    {
        if (!RestartPermitted || attachment.Index.Backfilled != 0)
        {
            throw new ContinuityLostException("the WAL was restarted although a read transaction forbade it");
        }

        Position = new WalPosition(header.Salts, 0, default, attachment.Identity.Inode);
        marks.Restart(0, log.Tip);
        if (header.LastFrame == 0)
        {
            log.MoveTo(Position.Pack());
        }
    }
}
