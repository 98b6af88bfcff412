namespace Holdfast.Core.Timeline.Spool;

/// <summary>The newest content of each page that a range of commits changed, wherever it lies. Not thread-safe.</summary>
internal sealed class NetChange : IDisposable
{
    private readonly List<EntryReader> readers = [];
    private readonly Dictionary<uint, (int Reader, long At, ulong Hash)> newest = [];
    private CommitInfo last;

    /// <summary>Adds the commits of a file.</summary>
    /// <param name="reader">The file; disposed with this.</param>
    /// <param name="start">Where to begin.</param>
    /// <param name="end">Where its entries end.</param>
    /// <param name="from">The first commit that is wanted.</param>
    /// <param name="to">The last.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The first commit that is wanted of the next file; −1 when they do not follow each other.</returns>
    public long Add(EntryReader reader, long start, long end, long from, long to, CancellationToken cancellationToken)
    {
        readers.Add(reader);
        for (var offset = start; offset < end && from <= to; )
        {
            cancellationToken.ThrowIfCancellationRequested();
            var entry = reader.Open(offset, end) ?? throw reader.Damaged(offset);
            if (entry.Kind == EntryKind.Commit && entry.Commit.Number >= from)
            {
                if (entry.Commit.Number > to || entry.From > from)
                {
                    return -1;
                }

                foreach (ref readonly var row in reader.Index)
                {
                    newest[row.Page] = (readers.Count - 1, reader.PlaceOf(row), row.Hash);
                }

                last = entry.Commit;
                from = entry.Commit.Number + 1;
            }

            offset += entry.TotalLength;
        }

        return from;
    }

    /// <summary>Tells it as the last of the commits.</summary>
    public void Tell(ISpoolVisitor visitor, CancellationToken cancellationToken)
    {
        var pages = newest.Keys.Where(page => page <= last.DatabasePages).Order().ToArray();
        var commit = last with { PageCount = pages.Length };
        visitor.Begin(commit);
        foreach (var page in pages)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (reader, at, hash) = newest[page];
            visitor.Page(page, readers[reader].PageAt(at, page, hash));
        }

        visitor.End(commit);
    }

    public void Dispose() => readers.ForEach(reader => reader.Dispose());
}
