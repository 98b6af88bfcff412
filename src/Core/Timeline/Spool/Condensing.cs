namespace Holdfast.Core.Timeline.Spool;

/// <summary>Merges the commits of several files into one: the newest content of each page that they changed.</summary>
internal static class Condensing
{
    /// <summary>Writes the merged commit into a file of its own, flushed; nothing else is changed.</summary>
    public static SpoolFile Merge(string directory, IReadOnlyList<SpoolFile> files, int pageSize)
    {
        var newest = new Dictionary<uint, (int File, long Offset)>();
        var last = FindNewest(files, newest);
        var merged = SpoolFile.CreateAside(directory, files[0].First);
        using var writer = new EntryWriter(pageSize);
        writer.Begin(merged);
        for (var file = 0; file < files.Count; file++)
        {
            CopyNewest(files[file], file, newest, writer);
        }

        var (rows, count) = writer.Sort(last.Commit.DatabasePages);
        var entry = last with
        {
            From = files[0].First,
            Commit = last.Commit with { PageCount = count, Flags = last.Commit.Flags | CommitFlags.Condensed },
        };
        merged.Appended(writer.End(entry, rows.AsSpan(0, count)));
        merged.Flush();
        merged.Dispose();
        return merged;
    }

    private static EntryHeader FindNewest(
        IReadOnlyList<SpoolFile> files,
        Dictionary<uint, (int File, long Offset)> newest
    )
    {
        EntryHeader? last = null;
        for (var file = 0; file < files.Count; file++)
        {
            foreach (var (entry, offset, reader) in Commits(files[file]))
            {
                foreach (ref readonly var row in reader.Index)
                {
                    newest[row.Page] = (file, offset);
                }

                last = entry;
            }
        }

        return last ?? throw new InvalidOperationException("files without commits were to be merged");
    }

    private static void CopyNewest(
        SpoolFile from,
        int file,
        Dictionary<uint, (int File, long Offset)> newest,
        EntryWriter writer
    )
    {
        foreach (var (_, offset, reader) in Commits(from))
        {
            foreach (ref readonly var row in reader.Index)
            {
                if (newest[row.Page] == (file, offset))
                {
                    writer.Add(row.Page, row.Hash, reader.Page(row));
                }
            }
        }
    }

    private static IEnumerable<(EntryHeader Entry, long Offset, EntryReader Reader)> Commits(SpoolFile file)
    {
        using var reader = new EntryReader(file.Path);
        for (long offset = 0; offset < file.End; )
        {
            var entry = reader.Open(offset, file.End) ?? throw reader.Damaged(offset);
            if (entry.Kind == EntryKind.Commit)
            {
                yield return (entry, offset, reader);
            }

            offset += entry.TotalLength;
        }
    }
}
