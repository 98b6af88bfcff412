namespace Holdfast.Core.Timeline.Spool;

/// <summary>
/// The hash of each page after the newest commit: the table, and before it what commits changed since the spool was last
/// flushed. The table never knows of a commit that a loss of power could take from the spool. Not thread-safe.
/// </summary>
internal sealed class PageHashes(PageTable table)
{
    private const int Many = 64 * 1024;
    private Dictionary<uint, ulong> pending = [];
    private uint cut = uint.MaxValue;

    /// <summary>Whether enough waits for a flush to be worth one.</summary>
    public bool ManyWait => pending.Count > Many;

    public ulong this[uint page] =>
        pending.TryGetValue(page, out var hash) ? hash
        : page > cut ? 0
        : table[page];

    /// <summary>Takes what a commit changed.</summary>
    /// <param name="databasePages">The size of the database after it.</param>
    /// <param name="before">The size before it.</param>
    /// <param name="rows">Its pages.</param>
    public void Change(uint databasePages, uint before, ReadOnlySpan<IndexRow> rows)
    {
        if (databasePages < before)
        {
            CutAfter(databasePages, before);
        }

        foreach (ref readonly var row in rows)
        {
            pending[row.Page] = row.Hash;
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
    }

    /// <summary>Brings the table up to date: the spool has been flushed.</summary>
    public void Apply()
    {
        if (cut != uint.MaxValue)
        {
            table.ClearAfter(cut);
            cut = uint.MaxValue;
        }

        foreach (var (page, hash) in pending)
        {
            table[page] = hash;
        }

        if (pending.Count > Many)
        {
            // A cleared dictionary keeps its size, and costs it with each clearing.
            pending = [];
        }

        pending.Clear();
    }
}
