using Holdfast.Core.Stores;
using Holdfast.Core.Timeline;
using Holdfast.Core.Timeline.Format;
using Holdfast.Core.Vault;

namespace Holdfast.Core.Tests.Timeline.Shipping;

/// <summary>What a target holds of a lineage, read in the simplest way: every object from its beginning to its end.</summary>
internal sealed class StoredTimeline
{
    private readonly List<(CommitPoint Settled, long Finished, Dictionary<uint, byte[]> Pages)> bases = [];
    private readonly SortedDictionary<long, (CommitInfo Commit, long From, Dictionary<uint, byte[]> Pages)> commits =
    [];

    /// <summary>The commits of all journals.</summary>
    public IEnumerable<CommitInfo> Commits => commits.Values.Select(commit => commit.Commit);

    public int Bases => bases.Count;

    public static async Task<StoredTimeline> ReadAsync(
        IObjectStore store,
        string database,
        LineageId lineage,
        ISessionKeys? keys = null
    )
    {
        var stored = new StoredTimeline();
        await foreach (var info in store.ListAsync($"timeline/{database}/{lineage}/", null, default))
        {
            Assert.True(TimelineNames.TryParse(info.Key, database, out _, out var name), info.Key.Value);
            if (name.IsSegment)
            {
                var reader = await SegmentReader.OpenAsync(store, info.Key, info.Size, keys, default);
                await stored.AddAsync(reader, name);
            }
        }

        return stored;
    }

    /// <summary>Every commit that can be restored, oldest first.</summary>
    public List<long> Restorable() =>
        [.. commits.Keys.Union(bases.Select(item => item.Finished)).Order().Where(commit => Way(commit) != null)];

    /// <summary>How many bases are usable at the commit at which they were finished.</summary>
    public int BasesThatCanBeRestored() => bases.Count(item => Way(item.Finished)?.Start.Finished == item.Finished);

    /// <summary>The pages of the database after a commit.</summary>
    public List<byte[]> Restore(long target, int pageSize)
    {
        var (start, way) = Way(target)!.Value;
        var pages = new Dictionary<uint, byte[]>(start.Pages);
        var (size, hash) = (start.Settled.DatabasePages, start.Settled.Hash);
        foreach (var (commit, _, changed) in way)
        {
            foreach (var (page, content) in changed)
            {
                pages[page] = content;
            }

            (size, hash) = (commit.DatabasePages, commit.Hash);
        }

        var restored = new List<byte[]>();
        for (uint page = 1; page <= size; page++)
        {
            restored.Add(pages.TryGetValue(page, out var content) ? content : new byte[pageSize]);
        }

        Assert.Equal(hash, ModelDatabase.HashOf(restored));
        return restored;
    }

    private (
        (CommitPoint Settled, long Finished, Dictionary<uint, byte[]> Pages) Start,
        List<(CommitInfo Commit, long From, Dictionary<uint, byte[]> Pages)> Way
    )? Way(long target)
    {
        foreach (var start in bases.Where(item => item.Finished <= target).OrderByDescending(item => item.Finished))
        {
            var settled = start.Settled.Number;
            var way = commits
                .Values.Where(item => item.Commit.Number > settled && item.Commit.Number <= target)
                .ToList();
            var reached = way.Count == 0 ? settled : way[^1].Commit.Number;
            if (reached == target && IsUnbroken(settled, way))
            {
                return (start, way);
            }
        }

        return null;
    }

    private static bool IsUnbroken(long from, List<(CommitInfo Commit, long From, Dictionary<uint, byte[]> Pages)> way)
    {
        foreach (var (commit, before, _) in way)
        {
            if (before > from)
            {
                return false;
            }

            from = commit.Number;
        }

        return true;
    }

    private async Task AddAsync(SegmentReader reader, TimelineName name)
    {
        var visitor = new CollectingVisitor();
        await reader.ReadAsync(reader.Index.Commit(0).Number, reader.Index.Last, visitor, default);
        if (name.Object == TimelineObject.Base)
        {
            Assert.Equal(name.First, reader.Index.From.Number);
            bases.Add((reader.Index.From, name.Last, visitor.Pages[name.Last]));
            return;
        }

        Assert.Equal(name.First, reader.Index.From.Number + 1);
        var from = reader.Index.From.Number;
        foreach (var commit in visitor.Commits)
        {
            commits[commit.Number] = (commit, from, visitor.Pages[commit.Number]);
            from = commit.Number;
        }
    }
}
