using Holdfast.Core.Timeline;
using Holdfast.Engines.Sqlite.Interop;

namespace Holdfast.Engines.Sqlite.Timeline;

/// <summary>
/// Two read transactions, of which one is always held. Moving forward, the second is taken, everything up to it is
/// captured, and only then the first is released: the second may sit on read lock 0, and then the WAL may be overwritten
/// the moment the first goes.
/// </summary>
internal sealed class Pins(Attachment attachment, WalFollower follower, ITimelineLog log)
{
    private Pin held = attachment.First;
    private Pin free = attachment.Second;

    /// <summary>Where the held one was taken, or before.</summary>
    public WalPosition At { get; private set; }

    /// <summary>Takes the first one; nothing is known of before.</summary>
    /// <param name="header">The newest commit, which is exactly what the pin sees.</param>
    /// <returns>False when somebody committed just then, or the wal-index is being written.</returns>
    public bool TryTakeFirst(out WalIndexHeader header)
    {
        _ = attachment.Index.TryRead(out var before);
        held.Take();
        var backfilled = attachment.Index.Backfilled;
        if (attachment.Index.TryRead(out header) && header == before)
        {
            follower.RestartPermitted = backfilled >= header.LastFrame;
            return true;
        }

        held.Release();
        return false;
    }

    /// <summary>Releases whatever is taken: continuity was lost, or the capture ends.</summary>
    public void Release()
    {
        held.Release();
        free.Release();
    }

    /// <summary>Notes that everything up to the first one was captured.</summary>
    public void Settle() => At = follower.Position;

    /// <summary>Moves forward to the newest commit.</summary>
    /// <returns>False when that is not possible just now: the old one stays.</returns>
    public bool TryMove()
    {
        var known = attachment.Index.TryRead(out var before);
        try
        {
            free.Take();
        }
        catch (SqliteException error) when (error.IsMomentary)
        {
            return false;
        }

        if (!follower.TryCatchUp())
        {
            free.Release();
            return false;
        }

        var mayRestart = !known || MayRestart(before);
        if (mayRestart)
        {
            log.Flush();
        }

        held.Release();
        (held, free) = (free, held);
        follower.RestartPermitted = mayRestart;
        Settle();
        return true;
    }

    /// <summary>
    /// Releases the pin for an action and takes it again. The write lock must be held, so that nobody can restart the
    /// WAL meanwhile, and everything must be captured and flushed.
    /// </summary>
    public void WithoutPin(Action action)
    {
        held.Release();
        try
        {
            action();
        }
        finally
        {
            _ = attachment.Index.TryRead(out var before);
            TakeAgain();
            follower.RestartPermitted = MayRestart(before);
            Settle();
        }
    }

    private void TakeAgain()
    {
        try
        {
            Momentary.Retry(held.Take);
        }
        catch (SqliteException error) when (error.IsMomentary)
        {
            throw new ContinuityLostException("no read transaction could be begun while the write lock was held");
        }
    }

    // Read lock 0 is given only when the file holds everything that the reader sees. The reader sees at least what
    // was there before it began, and the file never holds less than before: so it sits on a mark, which forbids a
    // restart, when the file still does not hold that much.
    private bool MayRestart(in WalIndexHeader before)
    {
        var backfilled = attachment.Index.Backfilled;
        return !attachment.Index.TryRead(out var now) || now.Salts != before.Salts || backfilled >= before.LastFrame;
    }
}
