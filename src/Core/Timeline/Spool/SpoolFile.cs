using System.Globalization;

namespace Holdfast.Core.Timeline.Spool;

/// <summary>One file of a spool: entries one after the other. Not thread-safe: the spool guards it.</summary>
internal sealed class SpoolFile : IDisposable
{
    private const string Prefix = "spool-";
    private const string Aside = "merging";
    private const int EntriesPerMark = 16;

    private readonly List<(long From, long Offset)> marks = [];
    private int entries;
    private FileStream? stream;

    private SpoolFile(string path, long first)
    {
        Path = path;
        First = first;
        Last = first - 1;
    }

    public string Path { get; private set; }

    /// <summary>The first commit that it holds or may hold.</summary>
    public long First { get; }

    /// <summary>The last commit in it; one less than <see cref="First"/> when it has none.</summary>
    public long Last { get; private set; }

    /// <summary>The end of the last entry, in bytes.</summary>
    public long End { get; private set; }

    /// <summary>Whether it holds no more than one commit, perhaps the net change of many.</summary>
    public bool IsOneCommit => entries <= 1;

    /// <summary>The open file, when it is written.</summary>
    public FileStream Stream =>
        stream ?? throw new InvalidOperationException("a finished spool file was to be written");

    /// <summary>Creates a file; one of that name, left by an interrupted start, is emptied.</summary>
    public static SpoolFile Create(string directory, long first)
    {
        var file = new SpoolFile(PathOf(directory, first), first);
        file.stream = OpenPrivate(file.Path, FileMode.Create);
        return file;
    }

    /// <summary>Creates a file that is not yet one of the spool: <see cref="Rename"/> makes it so.</summary>
    public static SpoolFile CreateAside(string directory, long first)
    {
        var file = new SpoolFile(System.IO.Path.Combine(directory, Aside), first);
        file.stream = OpenPrivate(file.Path, FileMode.Create);
        return file;
    }

    /// <summary>What is known of a file that exists; its entries are told by <see cref="Appended"/>.</summary>
    public static SpoolFile Found(string path) => new(path, FirstOf(path)!.Value);

    /// <summary>The files of a directory, oldest first.</summary>
    public static List<string> PathsIn(string directory) =>
        [
            .. Directory
                .EnumerateFiles(directory, Prefix + "*")
                .Where(path => FirstOf(path) != null)
                .Order(StringComparer.Ordinal),
        ];

    public static string PathOf(string directory, long first) =>
        System.IO.Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{first:D19}"));

    /// <summary>Opens a file that only this user may read, and without a lock: its directory has one.</summary>
    public static FileStream OpenPrivate(string path, FileMode mode) =>
        new(
            path,
            new FileStreamOptions
            {
                Mode = mode,
                Access = FileAccess.ReadWrite,
                Share = FileShare.ReadWrite | FileShare.Delete,
                BufferSize = 0,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }
        );

    /// <summary>Opens it to be written behind its last entry; what lies there is cut off.</summary>
    public void Reopen()
    {
        stream = OpenPrivate(Path, FileMode.OpenOrCreate);
        stream.SetLength(End);
    }

    /// <summary>Notes an entry that was written behind the last one.</summary>
    public void Appended(in EntryHeader header)
    {
        if (header.Kind == EntryKind.Commit)
        {
            if (entries++ % EntriesPerMark == 0)
            {
                marks.Add((header.From, End));
            }

            Last = header.Commit.Number;
        }

        End += header.TotalLength;
    }

    /// <summary>Where to begin looking for a commit.</summary>
    public long OffsetBefore(long commit)
    {
        var low = 0;
        var high = marks.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (marks[middle].From <= commit)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low == 0 ? 0 : marks[low - 1].Offset;
    }

    /// <summary>Where a commit ends, about; the end when the file ends with it.</summary>
    public long OffsetAfter(long commit) => commit >= Last ? End : OffsetBefore(commit + 1);

    /// <summary>Gives it its name, replacing what has it.</summary>
    public void Rename(string path)
    {
        File.Move(Path, path, overwrite: true);
        Path = path;
    }

    /// <summary>Makes what was written survive a loss of power.</summary>
    public void Flush() => Stream.Flush(flushToDisk: true);

    /// <summary>Ends the writing.</summary>
    public void Dispose()
    {
        stream?.Dispose();
        stream = null;
    }

    private static long? FirstOf(string path) =>
        long.TryParse(
            System.IO.Path.GetFileName(path.AsSpan())[Prefix.Length..],
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var first
        )
            ? first
            : null;
}
