using Holdfast.Core.Errors;
using Holdfast.Core.Restoring;
using Holdfast.Core.Retention;
using Holdfast.Core.Snapshots;
using Holdfast.Core.Stores;

namespace Holdfast.Core.Tests.Snapshots;

public sealed class RetentionOnStoreTests : IDisposable
{
    private static readonly string[] Orphans = [".json", ".verified.json", ".damaged.json", ".marked.json"];
    private readonly Cellar cellar = new();

    public void Dispose() => cellar.Dispose();

    [Fact]
    public async Task Prune_WithAGracePeriod_MarksFirstAndSweepsAfterIt()
    {
        var keys = await cellar.BackupDailyAsync(5);
        var marked = await PruneAsync("daily=3 grace=7d min=1");
        Assert.Equal([keys[1], keys[0]], marked.Marked.Select(e => e.Key));
        Assert.Empty(marked.Deleted);
        Assert.All(marked.Marked, e => Assert.Contains(Sidecar.Marked.For(e.Key).Value, cellar.Objects));

        cellar.Clock.Advance(TimeSpan.FromDays(7) - TimeSpan.FromSeconds(1));
        var waiting = await PruneAsync("daily=3 grace=7d min=1");
        Assert.Empty(waiting.Deleted.Concat(waiting.Marked).Concat(waiting.Unmarked));

        cellar.Clock.Advance(TimeSpan.FromSeconds(1));
        var swept = await PruneAsync("daily=3 grace=7d min=1");
        Assert.Equal([keys[1], keys[0]], swept.Deleted.Select(e => e.Key));
        Assert.Equal(6, cellar.Objects.Count());
        Assert.Equal([keys[4], keys[3], keys[2]], (await cellar.ListAsync()).Select(e => e.Key));
    }

    [Fact]
    public async Task Prune_WhenACopyIsWantedAgain_RemovesItsMark()
    {
        await cellar.BackupDailyAsync(3);
        Assert.Single((await PruneAsync("daily=2 grace=7d min=1")).Marked);
        Assert.Single((await PruneAsync("daily=3 grace=7d min=1")).Unmarked);
        Assert.DoesNotContain(cellar.Objects, name => name.EndsWith(".marked.json", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{\"holdfast\":2}")]
    [InlineData("{\"holdfast\":1}")]
    public async Task Prune_WithAMarkThatCannotBeRead_BeginsTheGracePeriodAnew(string mark)
    {
        var keys = await cellar.BackupDailyAsync(3);
        File.WriteAllText(cellar[Sidecar.Marked.For(keys[0])], mark);
        var result = await PruneAsync("daily=2 grace=7d min=1");
        Assert.Equal(keys[0], Assert.Single(result.Marked).Key);
        Assert.Empty(result.Deleted);
    }

    [Fact]
    public async Task Prune_OfAPinnedCopy_KeepsIt()
    {
        var keys = await cellar.BackupDailyAsync(4);
        await PruneAsync("daily=2 grace=7d min=1");
        await cellar.Retention.PinAsync(await cellar.EntryAsync(keys[0]), "the good year", default);
        Assert.False((await cellar.EntryAsync(keys[0])).IsMarked);
        cellar.Clock.Advance(TimeSpan.FromDays(30));
        Assert.Equal(keys[1], Assert.Single((await PruneAsync("daily=2 grace=7d min=1")).Deleted).Key);
        await cellar.Retention.UnpinAsync(await cellar.EntryAsync(keys[0]), default);
        Assert.Equal(keys[0], Assert.Single((await PruneAsync("daily=2 grace=none min=1")).Deleted).Key);
    }

    [Fact]
    public async Task Prune_AtAStoreThatLocks_LocksWhatIsKeptAndDeletesTheRestLater()
    {
        var keys = await cellar.BackupDailyAsync(4);
        var locking = new RetainingStore(cellar.Store, TimeSpan.FromDays(2), cellar.Clock);
        var first = await PruneAsync(locking, "last=3 min=1");
        Assert.Equal(keys[0], Assert.Single(first.Deleted).Key);
        Assert.Contains(keys[1], first.Extended.Select(e => e.Key));
        var until = cellar.Clock.GetUtcNow() + TimeSpan.FromDays(2);
        Assert.Equal(until, locking.UntilOf(keys[1].Value));
        Assert.Equal(until, locking.UntilOf(Sidecar.Manifest.For(keys[1]).Value));
        Assert.Empty((await PruneAsync(locking, "last=3 min=1")).Extended);

        var refused = await PruneAsync(locking, "last=1 min=1");
        Assert.Contains(keys[1], refused.Locked.Select(e => e.Key));
        Assert.Empty(refused.Failed);
        Assert.Equal(CopyState.Good, (await cellar.EntryAsync(keys[1])).State);

        cellar.Clock.Advance(TimeSpan.FromDays(3));
        var later = await PruneAsync(locking, "last=1 min=1");
        Assert.Contains(keys[1], later.Deleted.Select(e => e.Key));
        Assert.Empty(later.Locked);
        Assert.Single(await cellar.ListAsync());
    }

    [Fact]
    public async Task Prune_OfACopyPinnedAfterItWasListed_KeepsIt()
    {
        var keys = await cellar.BackupDailyAsync(3);
        var entries = await cellar.ListAsync();
        var plan = await PlanAsync(entries, "last=2 min=1");
        await cellar.Retention.PinAsync(await cellar.EntryAsync(keys[0]), null, default);
        var result = await cellar.Retention.CarryOutAsync(plan, entries, default);
        Assert.Empty(result.Deleted.Concat(result.Failed.Select(f => f.Entry)));
        Assert.Equal(CopyState.Good, (await cellar.EntryAsync(keys[0])).State);
    }

    [Fact]
    public async Task Prune_DeletesTheManifestFirstAndTheCopyLast()
    {
        var keys = await cellar.BackupDailyAsync(3);
        await cellar.VerifyAsync(keys[0], VerifyLevel.Content);
        var deleted = new List<string>();
        cellar.Store.Before = (operation, name) =>
        {
            if (operation == Operation.Delete)
            {
                deleted.Add(name);
            }
        };
        await PruneAsync("last=2 min=1");
        Assert.Equal(Sidecar.Manifest.For(keys[0]).Value, deleted[0]);
        Assert.Equal(keys[0].Value, deleted[^1]);
        Assert.DoesNotContain(cellar.Objects, name => name.StartsWith(keys[0].Value, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Prune_KilledAfterAnyOperation_LeavesNothingThatConfusesLaterRuns()
    {
        var operations = 0;
        for (var died = true; died; operations++)
        {
            using var another = new Cellar();
            var keys = await another.BackupDailyAsync(4);
            await another.VerifyAsync(keys[0], VerifyLevel.Content);
            another.Flip(keys[1]);
            await another.VerifyAsync(keys[1], VerifyLevel.Content);
            await PruneAsync(another, "daily=2 grace=1d min=1");
            another.Clock.Advance(TimeSpan.FromDays(2));

            another.Store.DieAfter = operations + 1;
            try
            {
                died = (await PruneAsync(another, "daily=2 grace=1d min=1")).Failed.Count > 0;
            }
            catch (StoreException)
            {
                died = true;
            }

            another.Store.DieAfter = 0;
            await AssertSoundAsync(another, keys);

            // The next runs bring it to its end by themselves.
            for (var day = 0; day < 3; day++)
            {
                Assert.Empty((await PruneAsync(another, "daily=2 grace=1d min=1")).Failed);
                another.Clock.Advance(TimeSpan.FromDays(1));
            }

            await AssertSoundAsync(another, keys);
            Assert.Equal([keys[3], keys[2]], (await another.ListAsync()).Select(e => e.Key));
            Assert.Equal(4, another.Objects.Count());
        }

        Assert.InRange(operations, 10, 60);
    }

    [Fact]
    public async Task Prune_WhenOneCopyCannotBeDeleted_GoesOnWithTheOthers()
    {
        var keys = await cellar.BackupDailyAsync(4);
        cellar.Store.Before = (operation, name) =>
        {
            if (operation == Operation.Delete && name.StartsWith(keys[1].Value, StringComparison.Ordinal))
            {
                throw new StoreException(StoreFault.Denied, "locked");
            }
        };
        var result = await PruneAsync("last=2 min=1");
        Assert.Equal(keys[0], Assert.Single(result.Deleted).Key);
        Assert.Equal(keys[1], Assert.Single(result.Failed).Entry.Key);
        Assert.Equal(CopyState.Good, (await cellar.EntryAsync(keys[1])).State);
    }

    [Fact]
    public async Task Prune_AfterThreeBadUploads_KeepsTheGoodCopies()
    {
        // What a tool without checks does each night: it stores what it has, and deletes the oldest.
        var good = await cellar.BackupDailyAsync(3);
        for (var night = 1; night <= 3; night++)
        {
            cellar.Clock.Advance(TimeSpan.FromDays(1));
            var name = cellar.Plan().Name.Render(cellar.Clock.Now, null, "", 1, ".gz");
            File.WriteAllText(cellar[name], night == 1 ? "" : "not a database");
            await PruneAsync("last=3");
            await cellar.VerifyAsync(name, VerifyLevel.Content);
            await PruneAsync("last=3");
        }

        Assert.Equal(
            good.Reverse(),
            (await cellar.ListAsync()).Where(e => e.State == CopyState.Good).Select(e => e.Key)
        );
        Assert.Equal(
            503,
            TestDatabase.Execute(
                (await cellar.RestoreAsync(onCorrupt: OnCorrupt.Fallback)).Placement.Address,
                "SELECT count(*) FROM bottles"
            )
        );
    }

    [Fact]
    public async Task Prune_WhenTheTargetCannotBeListed_DeletesNothing()
    {
        await cellar.BackupDailyAsync(4);
        var before = cellar.Objects.ToList();
        cellar.Store.Before = (operation, _) =>
        {
            if (operation == Operation.List)
            {
                throw HookedStore.Unreachable();
            }
        };
        await Assert.ThrowsAsync<StoreException>(() => PruneAsync("last=1 min=1"));
        Assert.Equal(before, cellar.Objects);
    }

    [Fact]
    public async Task Prune_OfACopyOfAnotherDatabase_IsRefused()
    {
        // The names of "cellar" with reasons fit those of "cellar-old", and the other way round.
        cellar.Name = "{database}-{reason}-{time:yyyyMMdd-HHmmss}.db";
        var plan = cellar.Plan("cellar-old");
        var target = new SnapshotTarget("target", cellar.Store);
        await new SnapshotBackup(cellar.Paths, cellar.Clock).RunAsync(plan, [target], "x", null, default);
        cellar.Clock.Advance(TimeSpan.FromDays(1));
        await cellar.BackupAsync("x");
        var before = cellar.Objects.ToList();
        var result = await PruneAsync("last=1 min=1");
        Assert.Equal(ErrorCode.Refused, Assert.Single(result.Failed).Error.Code);
        Assert.Empty(result.Deleted);
        Assert.Equal(before, cellar.Objects);
    }

    [Fact]
    public async Task Prune_OfForeignFiles_NeverTouchesThem()
    {
        string[] foreign = ["cellar.db", "cellar-2020.sql.gz", "other-20200101-000000.db.gz", "notes.json"];
        Array.ForEach(foreign, name => File.WriteAllText(cellar[name], "not ours"));
        await cellar.BackupDailyAsync(5);
        await PruneAsync("last=1 min=1");
        Assert.Equal(foreign.Order(StringComparer.Ordinal), cellar.Objects.Intersect(foreign));
        Assert.Single(await cellar.ListAsync());
    }

    private static async Task AssertSoundAsync(Cellar cellar, IReadOnlyList<ObjectKey> keys)
    {
        var entries = await cellar.ListAsync();
        Assert.DoesNotContain(entries, e => e.IsMissing);
        Assert.Equal(keys[3], entries[0].Key);
        Assert.Equal(CopyState.Good, entries[0].State);
        Assert.NotEqual(CopyState.Good, entries.FirstOrDefault(e => e.Key == keys[1])?.State);

        // A sidecar without its copy would be inherited by a later copy of the same name.
        foreach (var name in cellar.Objects.Where(name => Orphans.Any(o => name.EndsWith(o, StringComparison.Ordinal))))
        {
            Assert.True(File.Exists(cellar[SidecarNames.Read(new ObjectKey(name))!.Value.Snapshot]), name);
        }
    }

    private Task<PruneResult> PruneAsync(string rules) => PruneAsync(cellar, rules);

    private static async Task<PruneResult> PruneAsync(Cellar cellar, string rules)
    {
        var entries = await cellar.ListAsync();
        var plan = await cellar.Retention.PlanAsync(entries, Parse(rules), TimeZoneInfo.Utc, default);
        return await cellar.Retention.CarryOutAsync(plan, entries, default);
    }

    private async Task<PruneResult> PruneAsync(IObjectStore store, string rules)
    {
        var entries = await cellar.ListAsync();
        var retention = new SnapshotRetention(store, cellar.Catalogue, cellar.Clock);
        var plan = await retention.PlanAsync(entries, Parse(rules), TimeZoneInfo.Utc, default);
        return await retention.CarryOutAsync(plan, entries, default);
    }

    private Task<RetentionPlan> PlanAsync(IReadOnlyList<SnapshotEntry> entries, string rules) =>
        cellar.Retention.PlanAsync(entries, Parse(rules), TimeZoneInfo.Utc, default);

    private static RetentionRules Parse(string rules)
    {
        Assert.True(RetentionRules.TryParse(rules, out var parsed, out var errors), string.Join("; ", errors));
        return parsed;
    }
}
