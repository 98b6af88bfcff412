using Holdfast.Core.Stores;
using Holdfast.Core.Timeline;
using Holdfast.Core.Timeline.Restore;
using Holdfast.Workload;

namespace Holdfast.Endurance.Tests.Worlds;

/// <summary>
/// Restores out of a target, and holds what comes to the book: whole, each row as it was written, exactly the rows after
/// one transaction, the hash that was recorded.
/// </summary>
internal sealed class Vault(IObjectStore store, string ledgers, string scratch)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>How many states were restored and compared.</summary>
    public int Restored { get; private set; }

    /// <summary>Restores a moment; what it holds was compared when this returns.</summary>
    public async Task<(TimelinePlan Plan, Content Content)> RestoreAsync(TimelineRequest request)
    {
        var catalogue = await TimelineCatalogue.ListAsync(store, Keeper.Database, keys: null, Token);
        var plan = await new TimelinePlanner(catalogue).PlanAsync(request, Token);
        var path = Path.Combine(scratch, $"restored-{Guid.NewGuid():N}.db");
        using (var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite))
        {
            var pages = new PageFile(file, plan.PageSize, path);
            plan = (await new TimelineRestore(catalogue).RunAsync(plan, pages, new(), Token)).Plan;
            pages.SetPages(plan.Target.DatabasePages);
        }

        Assert.Equal(plan.Target.Hash, HashOf(path, plan.PageSize));
        var content = Content.OfFile(path);
        File.Delete(path);
        var book = Book.Read(ledgers);
        Assert.True(
            book.Of(content.Number).Any(known => known.Digest == content.Digest && known.Rows == content.Rows),
            $"commit {plan.Target.Number} of {plan.Lineage.Id} holds {content}, but it was announced as "
                + string.Join(", ", book.Of(content.Number))
        );
        Restored++;
        return (plan, content);
    }

    /// <summary>
    /// Restores a commit, or the first after it when the lineage's first base was finished later, or its detail was given
    /// up before it was stored: what was in it is in that one.
    /// </summary>
    public async Task<Content> RestoreFromAsync(LineageId lineage, long commit)
    {
        try
        {
            return (await RestoreAsync(new TimelineRequest { Commit = commit, Lineage = lineage })).Content;
        }
        catch (CommitUnavailableException error)
            when (error.After != null && (error.Before == null || IsGivenUp(error)))
        {
            return (await RestoreAsync(new TimelineRequest { Commit = error.After, Lineage = lineage })).Content;
        }
    }

    /// <summary>Restores moments at random, by number and by time, of all lineages.</summary>
    /// <returns>How many.</returns>
    public async Task<int> SweepAsync(Random random, int samples)
    {
        var catalogue = await TimelineCatalogue.ListAsync(store, Keeper.Database, keys: null, Token);
        var windows = new List<(LineageId Lineage, RecoverableWindow Window)>();
        foreach (var lineage in catalogue.Lineages)
        {
            windows.AddRange((await catalogue.WindowsAsync(lineage, Token)).Select(window => (lineage.Id, window)));
        }

        var done = 0;
        for (; done < samples && windows.Count > 0; done++)
        {
            var (lineage, window) = windows[random.Next(windows.Count)];
            if (random.Next(2) == 0)
            {
                await RestoreNeighboursAsync(random, lineage, window.Commits);
            }
            else
            {
                await RestoreTimeAsync(random, lineage, window);
            }
        }

        return done;
    }

    // Later commits hold later transactions, unless the database was set back between them.
    private async Task RestoreNeighboursAsync(Random random, LineageId lineage, CommitRange range)
    {
        var commit = random.NextInt64(range.First, range.Last + 1);
        var (plan, content) = await TryRestoreAsync(new TimelineRequest { Commit = commit, Lineage = lineage });
        var (next, later) = await TryRestoreAsync(
            new TimelineRequest { Commit = Math.Min(commit + 1, range.Last), Lineage = lineage }
        );
        if (plan != null && next is { Target.Flags: CommitFlags.None })
        {
            Assert.InRange(later.Number, content.Number, content.Number + 1);
        }
    }

    private async Task RestoreTimeAsync(Random random, LineageId lineage, RecoverableWindow window)
    {
        var time = window.From + ((window.To - window.From) * random.NextDouble());
        var (plan, content) = await RestoreAsync(new TimelineRequest { At = time, Lineage = lineage });
        Assert.True(plan.Target.Time <= time, $"{plan.Target} for {time:O}");
        Assert.Contains(
            Book.Read(ledgers).Of(content.Number),
            known => known.Digest == content.Digest && known.Time <= plan.Target.Time
        );
        var next = plan.Target.Number + 1;
        if (next <= window.Commits.Last)
        {
            var (after, _) = await TryRestoreAsync(new TimelineRequest { Commit = next, Lineage = lineage });
            Assert.True(after == null || after.Target.Time > time, $"{after?.Target} was seen by {time:O}");
        }
    }

    // Commits whose detail was given up are said to be so.
    private async Task<(TimelinePlan? Plan, Content Content)> TryRestoreAsync(TimelineRequest request)
    {
        try
        {
            return await RestoreAsync(request);
        }
        catch (CommitUnavailableException error) when (IsGivenUp(error))
        {
            return (null, default);
        }
    }

    private static bool IsGivenUp(CommitUnavailableException error) =>
        error.Message.Contains("detail was given up", StringComparison.Ordinal);

    private static ulong HashOf(string path, int pageSize)
    {
        using var file = File.OpenHandle(path);
        var lockPage = ((1u << 30) / (uint)pageSize) + 1;
        var pages = RandomAccess.GetLength(file) / pageSize;
        var page = new byte[pageSize];
        ulong hash = 0;
        for (uint number = 1; number <= pages; number++)
        {
            if (number != lockPage)
            {
                Assert.Equal(pageSize, RandomAccess.Read(file, page, (number - 1L) * pageSize));
                hash ^= PageHash.Of(number, page);
            }
        }

        return hash;
    }
}
