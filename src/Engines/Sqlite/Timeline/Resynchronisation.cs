using Holdfast.Core.Timeline;

namespace Holdfast.Engines.Sqlite.Timeline;

/// <summary>
/// Reads the whole database once and records what differs as one commit: what happened in between is unknown, the result
/// is not.
/// </summary>
internal sealed class Resynchronisation(ITimelineLog log, CancellationToken token)
{
    private bool changed;

    /// <summary>Brings the log to what the pin sees.</summary>
    /// <param name="database">The database under the pin.</param>
    public void Run(PinnedDatabase database)
    {
        log.Abandon();
        var position = database.Position.Pack();
        if (IsAnother(database) is { } reason)
        {
            log.BeginLineage(database.PageSize, log.Lineage is null ? null : reason);
            database.Read(log.AddPage, token);
            _ = log.EndCommit(database.PageCount, position, CommitFlags.Resynchronised);
        }
        else
        {
            changed = log.Tip.DatabasePages != database.PageCount;
            database.Read(Compare, token);
            if (changed)
            {
                _ = log.EndCommit(database.PageCount, position, CommitFlags.Resynchronised);
            }
            else
            {
                log.MoveTo(position);
            }
        }

        log.Flush();
    }

    private string? IsAnother(PinnedDatabase database)
    {
        if (log.Lineage is null || log.Tip.Number == 0)
        {
            return "the lineage had no commit yet";
        }

        if (log.PageSize != database.PageSize)
        {
            return FormattableString.Invariant($"the page size changed from {log.PageSize} to {database.PageSize}");
        }

        return WalPosition.Unpack(log.Position)?.Inode == database.Position.Inode
            ? null
            : "another file has the name of the database";
    }

    private void Compare(uint number, Span<byte> prefixAndPage)
    {
        if (log.Differs(number, prefixAndPage))
        {
            log.AddPage(number, prefixAndPage);
            changed = true;
        }
    }
}
