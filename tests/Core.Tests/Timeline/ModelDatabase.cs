using System.Buffers.Binary;
using Holdfast.Core.Timeline;

namespace Holdfast.Core.Tests.Timeline;

/// <summary>A database of pages in memory whose every commit can be had again: what a log must agree with.</summary>
internal sealed class ModelDatabase(int seed, int pageSize = 512)
{
    private readonly Random random = new(seed);
    private readonly List<byte[]> pages = [];
    private readonly List<CommitInfo> commits = [];
    private readonly List<Dictionary<uint, byte[]>> changes = [];

    public int PageSize => pageSize;

    public uint Size => (uint)pages.Count;

    /// <summary>The commits so far; the first is number 1.</summary>
    public IReadOnlyList<CommitInfo> Commits => commits;

    /// <summary>Where the source stands after a number of commits.</summary>
    public static SourcePosition PositionAfter(long commit, byte mark = 1)
    {
        var bytes = new byte[SourcePosition.Length];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, commit);
        bytes[31] = mark;
        return new SourcePosition(bytes);
    }

    public ReadOnlySpan<byte> Page(uint number) => pages[(int)number - 1];

    /// <summary>The pages that a commit changed.</summary>
    public IReadOnlyDictionary<uint, byte[]> ChangesOf(long commit) => changes[(int)commit - 1];

    /// <summary>The database's pages after a commit.</summary>
    public List<byte[]> After(long commit)
    {
        var result = new List<byte[]>();
        for (var number = 1; number <= commit; number++)
        {
            var size = (int)commits[number - 1].DatabasePages;
            while (result.Count < size)
            {
                result.Add(new byte[pageSize]);
            }

            result.RemoveRange(size, result.Count - size);
            foreach (var (page, content) in changes[number - 1])
            {
                result[(int)page - 1] = content;
            }
        }

        return result;
    }

    public ulong Hash() => HashOf(pages);

    public static ulong HashOf(IReadOnlyList<byte[]> pages)
    {
        ulong hash = 0;
        for (var page = 0; page < pages.Count; page++)
        {
            hash ^= PageHash.Of((uint)page + 1, pages[page]);
        }

        return hash;
    }

    /// <summary>Makes the first commit: every page.</summary>
    public CommitInfo Begin(ITimelineLog log, uint size, string? why = null)
    {
        log.BeginLineage(pageSize, why);
        return CommitFirst(log, size);
    }

    /// <summary>Makes the first commit of a lineage that was begun.</summary>
    public CommitInfo CommitFirst(ITimelineLog log, uint size)
    {
        pages.Clear();
        commits.Clear();
        changes.Clear();
        return Commit(log, size, [.. Enumerable.Range(1, (int)size).Select(page => (uint)page)]);
    }

    /// <summary>Makes a commit with pages at random: rewrites, growth with and without holes, shrinking, spilled pages.</summary>
    public CommitInfo CommitAtRandom(ITimelineLog log, int most = 6)
    {
        var size = Size;
        size = random.Next(8) switch
        {
            0 => size + (uint)random.Next(1, 5),
            1 when size > 3 => size - (uint)random.Next(1, (int)Math.Min(size - 1, 5)),
            _ => size,
        };
        var beyond = Math.Max(size, Size);
        var chosen = Enumerable.Range(0, random.Next(1, most)).Select(_ => (uint)random.Next(1, (int)beyond + 1));
        return Commit(log, size, [.. chosen]);
    }

    /// <summary>Makes a commit that writes pages; some twice, so that the last counts.</summary>
    public CommitInfo Commit(ITimelineLog log, uint size, IReadOnlyList<uint> written)
    {
        var changed = new Dictionary<uint, byte[]>();
        var buffer = new byte[PageHash.PrefixLength + pageSize];
        foreach (var page in written)
        {
            var content = new byte[pageSize];
            random.NextBytes(content.AsSpan(0, 64));
            changed[page] = content;
            content.CopyTo(buffer.AsSpan(PageHash.PrefixLength));
            log.AddPage(page, buffer);
        }

        Apply(size, changed);
        var commit = log.EndCommit(size, PositionAfter(commits.Count + 1));
        commits.Add(commit);
        changes.Add(changed);
        return commit;
    }

    /// <summary>Forgets commits that the log lost, as the source will be read anew.</summary>
    public void RewindTo(long commit)
    {
        var kept = After(commit);
        pages.Clear();
        pages.AddRange(kept);
        commits.RemoveRange((int)commit, commits.Count - (int)commit);
        changes.RemoveRange((int)commit, changes.Count - (int)commit);
    }

    private void Apply(uint size, Dictionary<uint, byte[]> changed)
    {
        var before = Size;
        for (var page = before + 1; page <= size; page++)
        {
            pages.Add(new byte[pageSize]);
            _ = changed.TryAdd(page, pages[^1]);
        }

        if (size < before)
        {
            pages.RemoveRange((int)size, (int)(before - size));
        }

        foreach (var page in changed.Keys.Where(page => page > size).ToList())
        {
            _ = changed.Remove(page);
        }

        foreach (var (page, content) in changed)
        {
            pages[(int)page - 1] = content;
        }
    }
}
