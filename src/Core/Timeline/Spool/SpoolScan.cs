namespace Holdfast.Core.Timeline.Spool;

/// <summary>What was found in the directory of a lineage.</summary>
internal sealed record FoundEntries(
    LineageId Lineage,
    int PageSize,
    CommitInfo Newest,
    SourcePosition Position,
    List<SpoolFile> Files
);

/// <summary>Told the entries of a spool that is opened.</summary>
internal delegate void EntryFound(in EntryHeader entry, ReadOnlySpan<IndexRow> rows);

/// <summary>
/// Reads a spool when it is opened: every whole entry counts, a torn end of the last file is left out, anything else
/// that is not as it was written is told.
/// </summary>
internal sealed class SpoolScan
{
    private readonly List<SpoolFile> files = [];
    private readonly long verifiedUpTo;
    private readonly EntryFound found;
    private CommitInfo newest;
    private SourcePosition position;
    private int pageSize;

    private SpoolScan(FoundEntries known, EntryFound found)
    {
        verifiedUpTo = known.Newest.Number;
        newest = known.Newest;
        position = known.Position;
        pageSize = known.PageSize;
        this.found = found;
    }

    /// <summary>Reads the spool of a lineage.</summary>
    /// <param name="directory">Its directory.</param>
    /// <param name="known">What is known to be flushed; number and page size are 0 when nothing is known.</param>
    /// <param name="found">Told each entry after what is known.</param>
    /// <exception cref="InvalidDataException">It is not what was written; why.</exception>
    public static FoundEntries Run(string directory, FoundEntries known, EntryFound found)
    {
        var scan = new SpoolScan(known, found);
        var paths = SpoolFile.PathsIn(directory);
        for (var number = 0; number < paths.Count; number++)
        {
            scan.Add(paths[number], isLast: number == paths.Count - 1);
        }

        if (scan.files.Count == 0 || scan.files[^1].Last < known.Newest.Number)
        {
            throw new InvalidDataException($"commits up to {known.Newest.Number} were spooled, and are not there");
        }

        return known with
        {
            PageSize = scan.pageSize,
            Newest = scan.newest,
            Position = scan.position,
            Files = scan.files,
        };
    }

    private void Add(string path, bool isLast)
    {
        var file = SpoolFile.Found(path);
        if (files.Count > 0)
        {
            if (file.First <= files[^1].Last)
            {
                // The rest of a merge that was killed: the file before it has the commits of this one.
                File.Delete(path);
                return;
            }

            if (file.First != files[^1].Last + 1)
            {
                throw new InvalidDataException($"the commits before {Path.GetFileName(path)} are missing");
            }
        }

        files.Add(file);
        using var reader = new EntryReader(path);
        var end = new FileInfo(path).Length;
        while (file.End < end && ReadEntry(reader, file, end)) { }

        if (file.End < end && !isLast)
        {
            throw new InvalidDataException($"{Path.GetFileName(path)} is damaged at byte {file.End}");
        }
    }

    private bool ReadEntry(EntryReader reader, SpoolFile file, long end)
    {
        if (reader.Open(file.End, end) is not { } entry || (pageSize != 0 && entry.PageSize != pageSize))
        {
            return false;
        }

        if (entry.Kind == EntryKind.Commit && entry.From != file.Last + 1)
        {
            throw new InvalidDataException($"commit {entry.From} follows commit {file.Last} in the spool");
        }

        if (entry.Commit.Number > verifiedUpTo && !HoldsItsPages(reader))
        {
            return false;
        }

        pageSize = entry.PageSize;
        file.Appended(entry);
        if (entry.Commit.Number > newest.Number || entry.Kind == EntryKind.Move)
        {
            Take(entry, reader.Index);
        }

        return true;
    }

    private void Take(in EntryHeader entry, ReadOnlySpan<IndexRow> rows)
    {
        if (entry.Kind == EntryKind.Commit)
        {
            found(entry, rows);
            newest = entry.Commit;
        }

        if (entry.Commit.Number == newest.Number)
        {
            position = entry.Position;
        }
    }

    // A loss of power may leave an entry whose header is on the disk and whose pages are not.
    private static bool HoldsItsPages(EntryReader reader)
    {
        try
        {
            foreach (ref readonly var row in reader.Index)
            {
                _ = reader.Page(row);
            }

            return true;
        }
        catch (SpoolDamagedException)
        {
            return false;
        }
    }
}
