using System.Buffers.Binary;
using Holdfast.Core.Timeline;

namespace Holdfast.Testing;

/// <summary>
/// A timeline log in its simplest form: a file to which every commit is appended whole, so that the database after any of
/// them can be put together and compared. It outlives the process that is killed, not a loss of power. It fails on
/// whatever a capture must not do.
/// </summary>
public sealed class RecordingLog : ITimelineLog, IDisposable
{
    private const byte LineageRecord = 1;
    private const byte CommitRecord = 2;
    private const byte MoveRecord = 3;
    private readonly FileStream file;
    private readonly Dictionary<uint, byte[]> pending = [];
    private readonly Dictionary<uint, ulong> hashes = [];
    private readonly List<RecordedCommit> commits = [];
    private readonly Lock gate = new();
    private ulong hash;
    private bool flushed = true;

    /// <summary>Opens the log, empty or as it was left.</summary>
    public RecordingLog(string path)
    {
        file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite, 1 << 16);
        Replay();
    }

    /// <inheritdoc/>
    public LineageId? Lineage { get; private set; }

    /// <inheritdoc/>
    public CommitInfo Tip { get; private set; }

    /// <inheritdoc/>
    public int PageSize { get; private set; }

    /// <inheritdoc/>
    public SourcePosition Position { get; private set; }

    /// <summary>How many lineages there were.</summary>
    public int Lineages { get; private set; }

    /// <summary>Why the newest lineage was begun.</summary>
    public string? Why { get; private set; }

    /// <summary>All commits of the newest lineage.</summary>
    public IReadOnlyList<RecordedCommit> Commits
    {
        get
        {
            lock (gate)
            {
                return [.. commits];
            }
        }
    }

    /// <inheritdoc/>
    public void BeginLineage(int pageSize, string? why)
    {
        Begin(pageSize, why);
        Span<byte> record = stackalloc byte[5];
        record[0] = LineageRecord;
        BinaryPrimitives.WriteInt32LittleEndian(record[1..], pageSize);
        Append(record);
        file.Flush();
    }

    /// <inheritdoc/>
    public bool Differs(uint number, Span<byte> prefixAndPage)
    {
        RequirePage(number, prefixAndPage.Length);
        return !hashes.TryGetValue(number, out var known) || known != PageHash.InPlace(number, prefixAndPage);
    }

    /// <inheritdoc/>
    public void AddPage(uint number, Span<byte> prefixAndPage)
    {
        RequirePage(number, prefixAndPage.Length);
        pending[number] = prefixAndPage[PageHash.PrefixLength..].ToArray();
    }

    /// <inheritdoc/>
    public CommitInfo EndCommit(uint databasePages, SourcePosition position, CommitFlags flags = CommitFlags.None)
    {
        Require(Tip.Number > 0 || flags == CommitFlags.Resynchronised, "the first commit holds every page");
        RequireFlushed(position, flags);
        flushed = false;

        // A transaction may write pages and shrink the database afterwards.
        foreach (var beyond in pending.Keys.Where(page => page > databasePages))
        {
            _ = pending.Remove(beyond);
        }

        lock (gate)
        {
            var commit = new RecordedCommit(Tip.Number + 1, databasePages, flags, []);
            var head = new byte[1 + 4 + 1 + SourcePosition.Length + 4];
            head[0] = CommitRecord;
            BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(1), databasePages);
            head[5] = (byte)flags;
            position.CopyTo(head.AsSpan(6));
            BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(6 + SourcePosition.Length), pending.Count);
            Append(head);
            Span<byte> prefix = stackalloc byte[4];
            foreach (var (number, page) in pending)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(prefix, number);
                Append(prefix);
                commit.Pages[number] = file.Position;
                Append(page);
                Apply(number, page);
            }

            file.Flush();
            End(commit, position);
            return Tip;
        }
    }

    /// <inheritdoc/>
    public void Abandon() => pending.Clear();

    /// <inheritdoc/>
    public void MoveTo(SourcePosition position)
    {
        Require(pending.Count == 0, "between commits");
        RequireFlushed(position, CommitFlags.None);
        Span<byte> record = stackalloc byte[1 + SourcePosition.Length];
        record[0] = MoveRecord;
        position.CopyTo(record[1..]);
        Append(record);
        file.Flush();
        Position = position;
    }

    /// <inheritdoc/>
    public void Flush()
    {
        Require(pending.Count == 0, "between commits");
        flushed = true;
    }

    /// <summary>The database after a commit, byte for byte.</summary>
    public byte[] Rebuild(long number)
    {
        lock (gate)
        {
            var target = commits[(int)number - 1];
            var database = new byte[(long)target.DatabasePages * PageSize];
            var done = new HashSet<uint>();
            var size = target.DatabasePages;
            var end = file.Position;
            for (var i = (int)number - 1; i >= 0; i--)
            {
                // What lay beyond the end of a smaller database is gone, though it grew again.
                size = Math.Min(size, commits[i].DatabasePages);
                foreach (var (page, offset) in commits[i].Pages)
                {
                    if (page <= size && done.Add(page))
                    {
                        file.Position = offset;
                        file.ReadExactly(database, (int)(page - 1) * PageSize, PageSize);
                    }
                }
            }

            file.Position = end;
            return database;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    private void Begin(int pageSize, string? why)
    {
        lock (gate)
        {
            pending.Clear();
            hashes.Clear();
            commits.Clear();
            hash = 0;
            PageSize = pageSize;
            Why = why;
            Lineage = LineageId.New(DateTimeOffset.UtcNow);
            Lineages++;
            Tip = default;
            Position = default;
        }
    }

    private void Apply(uint number, ReadOnlySpan<byte> page)
    {
        hash ^= hashes.GetValueOrDefault(number);
        hashes[number] = PageHash.Of(number, page);
        hash ^= hashes[number];
    }

    private void End(RecordedCommit commit, SourcePosition position)
    {
        pending.Clear();
        if (commit.DatabasePages < Tip.DatabasePages)
        {
            for (var gone = commit.DatabasePages + 1; gone <= Tip.DatabasePages; gone++)
            {
                _ = hashes.Remove(gone, out var old);
                hash ^= old;
            }
        }

        var lockPage = ((1u << 30) / (uint)PageSize) + 1;
        for (var grown = Tip.DatabasePages + 1; grown <= commit.DatabasePages; grown++)
        {
            if (grown != lockPage && !commit.Pages.ContainsKey(grown))
            {
                Apply(grown, new byte[PageSize]);
            }
        }

        commits.Add(commit);
        Position = position;
        Tip = new CommitInfo(
            commit.Number,
            DateTimeOffset.UtcNow,
            commit.DatabasePages,
            hash,
            commit.Pages.Count,
            commit.Flags
        );
    }

    private void Replay()
    {
        var good = 0L;
        using var reader = new BinaryReader(file, System.Text.Encoding.UTF8, leaveOpen: true);
        try
        {
            while (file.Position < file.Length)
            {
                ReplayRecord(reader);
                good = file.Position;
            }
        }
        catch (EndOfStreamException) { }

        file.SetLength(good);
        file.Position = good;
    }

    private void ReplayRecord(BinaryReader reader)
    {
        switch (reader.ReadByte())
        {
            case LineageRecord:
                Begin(reader.ReadInt32(), why: null);
                break;
            case MoveRecord:
                Position = new SourcePosition(Exactly(reader, SourcePosition.Length));
                break;
            default:
                ReplayCommit(reader);
                break;
        }
    }

    private void ReplayCommit(BinaryReader reader)
    {
        var databasePages = reader.ReadUInt32();
        var flags = (CommitFlags)reader.ReadByte();
        var position = new SourcePosition(Exactly(reader, SourcePosition.Length));
        var commit = new RecordedCommit(Tip.Number + 1, databasePages, flags, []);
        var contents = new List<(uint Number, byte[] Page)>();
        for (var left = reader.ReadInt32(); left > 0; left--)
        {
            var number = reader.ReadUInt32();
            commit.Pages[number] = file.Position;
            contents.Add((number, Exactly(reader, PageSize)));
        }

        contents.ForEach(page => Apply(page.Number, page.Page));
        End(commit, position);
    }

    private static byte[] Exactly(BinaryReader reader, int count) =>
        reader.ReadBytes(count) is var bytes && bytes.Length == count ? bytes : throw new EndOfStreamException();

    private void Append(ReadOnlySpan<byte> bytes) => file.Write(bytes);

    // A position of SQLite begins with the salts: when they change, what was there before is being overwritten.
    private void RequireFlushed(SourcePosition next, CommitFlags flags)
    {
        Span<byte> before = stackalloc byte[SourcePosition.Length];
        Span<byte> after = stackalloc byte[SourcePosition.Length];
        Position.CopyTo(before);
        next.CopyTo(after);
        Require(
            flushed || flags == CommitFlags.Resynchronised || before[..8].SequenceEqual(after[..8]),
            "what may be overwritten is flushed"
        );
    }

    private void RequirePage(uint number, int length)
    {
        Require(number > 0, "pages are numbered from 1");
        Require(length == PageSize + PageHash.PrefixLength, "a page has one size");
        Require(number != ((1u << 30) / (uint)PageSize) + 1, "the lock page has no content");
    }

    private static void Require(bool condition, string rule)
    {
        if (!condition)
        {
            throw new InvalidOperationException(rule);
        }
    }
}

/// <summary>A commit and where its pages are.</summary>
public sealed record RecordedCommit(long Number, uint DatabasePages, CommitFlags Flags, Dictionary<uint, long> Pages);
