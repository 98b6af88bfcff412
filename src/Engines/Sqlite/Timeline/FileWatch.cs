using Holdfast.Core.Errors;
using Holdfast.Engines.Sqlite.Files;

namespace Holdfast.Engines.Sqlite.Timeline;

/// <summary>
/// Looks from outside, once a second, whether the name still means the file that is captured, and whether somebody wrote
/// into that file without SQLite.
/// </summary>
internal sealed class FileWatch(string path, Attachment attachment, TimeProvider time)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private long looked = time.GetTimestamp();
    private long present = time.GetTimestamp();
    private FileStatus? other;
    private (FileStatus Status, WalPosition Position, uint Backfilled)? quiet;

    /// <summary>Looks, if a second has passed.</summary>
    /// <returns>False when another file has the name: nobody writes into it any more, or an application does by its WAL.</returns>
    /// <exception cref="HoldfastException">There is no file of that name for some seconds.</exception>
    /// <exception cref="ContinuityLostException">The file was written past SQLite.</exception>
    public bool Look(WalPosition position)
    {
        if (time.GetElapsedTime(looked) < Period)
        {
            return true;
        }

        looked = time.GetTimestamp();
        var (attempted, backfilled) = (attachment.Index.BackfillAttempted, attachment.Index.Backfilled);
        if (FileStatus.Of(path) is not { } status)
        {
            // Whoever replaces it may delete it first.
            return time.GetElapsedTime(present) < Patience ? true : throw Gone();
        }

        present = looked;
        if (status.Identity == attachment.Identity)
        {
            // Only checkpoints write into the file, and say so in the wal-index before they begin and when they have ended.
            var still = attempted == backfilled && attachment.Index.BackfillAttempted == attempted;
            RequireUntouched(still ? (status, position, backfilled) : null);
            return true;
        }

        // Of a copy that is still being made there is no WAL.
        var settled = other == status || (other?.Identity == status.Identity && HasWal());
        other = status;
        return !settled;
    }

    private bool HasWal() => FileStatus.Of((Posix.RealPath(path) ?? path) + SideFiles.Wal)?.Size > 0;

    private void RequireUntouched((FileStatus Status, WalPosition Position, uint Backfilled)? now)
    {
        var before = quiet;
        quiet = now;
        if (
            before is { } known
            && now is { } current
            && known.Position.Salts == current.Position.Salts
            && known.Backfilled == current.Backfilled
            && Stamp(known.Status) != Stamp(current.Status)
        )
        {
            throw new ContinuityLostException("something other than SQLite wrote into the database file");
        }
    }

    private static (long, long, long) Stamp(FileStatus status) =>
        (status.Size, status.ModifiedSeconds, status.ModifiedNanoseconds);

    private HoldfastException Gone() =>
        new(
            ErrorCode.SourceMissing,
            $"the database {path} was deleted",
            "what was captured is kept; restore it, or take it out of the configuration"
        );
}
