using Holdfast.Testing;

namespace Holdfast.Core.Tests.Timeline.Shipping;

public sealed class RollUpAndRetentionTests
{
    [Fact]
    public async Task Run_ManyJournals_AreRolledUpWithEveryCommit()
    {
        await using var place = new ShippingPlace();
        place.Options = place.Options with { MostJournals = 8 };
        place.Log.Begin(50);
        place.Start();
        for (var round = 0; round < 30; round++)
        {
            place.Capture.Commit(2);
            await place.SyncAsync();
        }

        var journals = await CountAsync(place, "/j-");
        Assert.InRange(journals, 1, 9);
        Assert.InRange(await CountAsync(place, "/r-"), 1, 6);
        ShipperTests.AssertRestorable(place, await place.ReadAsync(), place.Shipper.Status.Base);

        place.Log.Clock.Advance(TimeSpan.FromHours(1));
        place.Capture.Commit(1);
        await place.SyncAsync();
        await place.UntilAsync(async () => await CountAsync(place, "/r-") == 1 && await CountAsync(place, "/j-") == 1);
        await place.RestartAsync();
        place.Capture.Commit(1);
        await place.SyncAsync();

        ShipperTests.AssertRestorable(place, await place.ReadAsync(), place.Shipper.Status.Base);
    }

    [Fact]
    public async Task Run_DeletionIsDenied_GoesOnAndSaysSo()
    {
        await using var place = new ShippingPlace();
        place.Options = place.Options with { MostJournals = 4, KeepEveryCommit = TimeSpan.FromHours(1) };
        place.Store.FailAll(StoreOperation.Delete, InjectedFault.Denied());
        place.Log.Begin(50);
        place.Start();
        for (var round = 0; round < 15; round++)
        {
            place.Capture.Commit(1);
            await place.SyncAsync();
        }

        await place.UntilAsync(() => Task.FromResult(place.Shipper.Status.DeletionRefused));
        await place.RestartAsync();
        place.Capture.Commit(1);
        await place.SyncAsync();

        ShipperTests.AssertRestorable(place, await place.ReadAsync(), place.Shipper.Status.Base);
        Assert.Single(place.Store.Calls, call => call.Operation == StoreOperation.Delete && call.NumberOfKind == 1);
    }

    [Fact]
    public async Task Run_JournalIsLostAtTheTarget_MakesANewBase()
    {
        await using var place = new ShippingPlace();
        place.Options = place.Options with { MostJournals = 4 };
        place.Log.Begin(50);
        place.Start();
        place.Capture.Commit(1);
        await place.SyncAsync();
        place.Capture.Commit(1);
        await place.SyncAsync();
        await place.Inner.DeleteAsync(
            (await place.NamesAsync()).Last(n => n.Contains("/j-", StringComparison.Ordinal))
        );
        for (var round = 0; round < 10; round++)
        {
            place.Capture.Commit(1);
            await place.SyncAsync();
        }

        await place.UntilAsync(async () => await CountAsync(place, "/b-") == 2);
        await place.SyncAsync();
        Assert.Contains(place.Log.Log.Tip.Number, (await place.ReadAsync()).Restorable());
    }

    [Fact]
    public async Task Run_TheWindowMovesOn_KeepsEveryCommitOfIt()
    {
        await using var place = new ShippingPlace();
        place.Options = place.Options with
        {
            KeepEveryCommit = TimeSpan.FromHours(6),
            BaseAge = TimeSpan.FromHours(2),
            MostJournals = 5,
        };
        place.Log.Begin(60);
        place.Start();
        for (var hour = 0; hour < 24; hour++)
        {
            place.Capture.Commit(5);
            await place.SyncAsync();
            place.Capture.Commit(3);
            await place.SyncAsync();
            await BaseIsYoungerThanAsync(place, TimeSpan.FromHours(3));
            place.Log.Clock.Advance(TimeSpan.FromMinutes(61));
        }

        place.Capture.Commit(1);
        await place.SyncAsync();
        await place.UntilAsync(async () => (await place.ReadAsync()).Commits.First().Number > 50);
        var stored = await place.ReadAsync();
        var window = place.Log.Clock.Now - TimeSpan.FromHours(6);
        var wanted = place.Log.Database.Commits.Where(commit => commit.Time >= window).Select(commit => commit.Number);
        Assert.Subset(stored.Restorable().ToHashSet(), wanted.ToHashSet());
        Assert.True(stored.Bases < 8, $"{stored.Bases} bases");
        ShipperTests.AssertRestorable(place, stored, stored.Restorable()[^1]);
    }

    [Fact]
    public async Task Retention_KilledAfterAnyDeletion_LeavesNoBaseThatCannotBeRestored()
    {
        await using var place = new ShippingPlace();
        place.Options = place.Options with { BaseAge = TimeSpan.FromHours(2), MostJournals = 5 };
        place.Log.Begin(60);
        place.Start();
        for (var hour = 0; hour < 12; hour++)
        {
            place.Capture.Commit(4);
            await place.SyncAsync();
            await BaseIsYoungerThanAsync(place, TimeSpan.FromHours(3));
            place.Log.Clock.Advance(TimeSpan.FromMinutes(61));
        }

        await place.StopAsync();
        var found = new List<Stores.ObjectInfo>();
        await foreach (var info in place.Inner.ListAsync("timeline/", null, default))
        {
            found.Add(info);
        }

        var start = place.Log.Clock.Now - TimeSpan.FromHours(4);
        var gone = Core.Timeline.Shipping.RetentionWindow.Choose(found, "app", start);
        Assert.True(gone.Count > 3, $"{gone.Count}");
        foreach (var key in gone)
        {
            await place.Inner.DeleteAsync(key.Value);

            var stored = await place.ReadAsync();
            var names = await place.NamesAsync();
            Assert.Equal(
                names.Count(name => name.Contains("/b-", StringComparison.Ordinal)),
                stored.BasesThatCanBeRestored()
            );
        }

        var left = await place.ReadAsync();
        var wanted = place.Log.Database.Commits.Where(commit => commit.Time >= start).Select(commit => commit.Number);
        Assert.Subset(left.Restorable().ToHashSet(), wanted.ToHashSet());
        Assert.Empty(Core.Timeline.Shipping.RetentionWindow.Choose(await InfosAsync(place), "app", start));
    }

    // Bases are made beside the journals: the clock of the test must not run ahead of them.
    private static Task BaseIsYoungerThanAsync(ShippingPlace place, TimeSpan age) =>
        place.UntilAsync(() =>
        {
            var newest = place.Log.Database.Commits.FirstOrDefault(c => c.Number == place.Shipper.Status.Base);
            return Task.FromResult(newest.Number > 0 && place.Log.Clock.Now - newest.Time < age);
        });

    private static async Task<List<Stores.ObjectInfo>> InfosAsync(ShippingPlace place)
    {
        var found = new List<Stores.ObjectInfo>();
        await foreach (var info in place.Inner.ListAsync("timeline/", null, default))
        {
            found.Add(info);
        }

        return found;
    }

    private static async Task<int> CountAsync(ShippingPlace place, string part) =>
        (await place.NamesAsync()).Count(name =>
            name.Contains(part, StringComparison.Ordinal) && !name.Contains(".p", StringComparison.Ordinal)
        );
}
