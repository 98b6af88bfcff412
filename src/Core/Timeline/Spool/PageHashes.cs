namespace Holdfast.Core.Timeline.Spool;

/// <summary>
/// The hash of each page after the newest commit, and the commit that changed it last: the tables, and before them what
/// commits changed since the spool was last flushed. The tables never know of a commit that a loss of power could take
/// from the spool. Not thread-safe.
/// </summary>
internal sealed class PageHashes(PageTable table, PageTable changes)
{
    private const int Many = 64 * 1024;
    private Dictionary<uint, (ulong Hash, long Commit)> pending = [];
    private uint cut = uint.MaxValue;

    /// <summary>Whether enough waits for a flush to be worth one.</summary>
    public bool ManyWait => pending.Count > Many;

    /// <summary>The commit after which it is known which commit changed a page.</summary>
    public long ChangesSince { get; private set; } = 1;

    public ulong this[uint page] =>
        pending.TryGetValue(page, out var known) ? known.Hash
        : page > cut ? 0
        : table[page];

    /// <summary>The commit that changed a page last; 0 when none did after <see cref="ChangesSince"/>.</summary>
    public long ChangedBy(uint page) =>
        pending.TryGetValue(page, out var known) ? known.Commit
        : page > cut ? 0
        : (long)changes[page];

    /// <summary>Takes what a commit changed.</summary>
    /// <param name="commit">The commit.</param>
    /// <param name="before">The size of the database before it.</param>
    /// <param name="rows">Its pages.</param>
    public void Change(in CommitInfo commit, uint before, ReadOnlySpan<IndexRow> rows)
    {
        if (commit.DatabasePages < before)
        {
            CutAfter(commit.DatabasePages, before);
        }

        foreach (ref readonly var row in rows)
        {
            pending[row.Page] = (row.Hash, commit.Number);
        }
    }

    private void CutAfter(uint last, uint end)
    {
        if (end - last < pending.Count)
        {
            for (var page = last + 1; page <= end; page++)
            {
                _ = pending.Remove(page);
            }
        }
        else
        {
            foreach (var page in pending.Keys.Where(page => page > last).ToList())
            {
                _ = pending.Remove(page);
            }
        }

        cut = Math.Min(cut, last);
    }

    /// <summary>Forgets all pages.</summary>
    public void Clear()
    {
        pending = [];
        cut = uint.MaxValue;
        table.ClearAfter(0);
        ForgetChanges(1);
    }

    /// <summary>Says from when on the table of changes can be relied on.</summary>
    public void RelyOnChanges(long since) => ChangesSince = since;

    /// <summary>Forgets which commits changed pages up to one.</summary>
    public void ForgetChanges(long since)
    {
        changes.ClearAfter(0);
        ChangesSince = since;
    }

    /// <summary>Brings the tables up to date: the spool has been flushed.</summary>
    public void Apply()
    {
        if (cut != uint.MaxValue)
        {
            table.ClearAfter(cut);
            changes.ClearAfter(cut);
            cut = uint.MaxValue;
        }

        foreach (var (page, (hash, commit)) in pending)
        {
            table[page] = hash;
            changes[page] = (ulong)commit;
        }

        if (pending.Count > Many)
        {
            // A cleared dictionary keeps its size, and costs it with each clearing.
            pending = [];
        }

        pending.Clear();
    }
}
