using Holdfast.Core.Retention;
using Holdfast.Core.Timeline.Retention;
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

        await place.UntilAsync(async () =>
            await CountAsync(place, "/j-") <= 9 && await CountAsync(place, "/r-") is >= 1 and <= 6
        );
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
    public async Task Run_MoreThanHalfOfThePointsWouldGo_DeletesNothingAndSaysSo()
    {
        await using var place = new ShippingPlace();
        place.Options = place.Options with
        {
            KeepEveryCommit = TimeSpan.FromHours(1),
            KeepPoints = new RetentionRules
            {
                Min = 1,
                Hourly = TierLimit.For(new KeepDuration(20, KeepUnit.Hours)),
                Grace = KeepDuration.Zero,
            },
        };
        place.Log.Begin(50);
        place.Start();
        var points = 0;
        for (var hour = 0; hour < 8; hour++)
        {
            place.Capture.Commit(2);
            await place.SyncAsync();
            await place.UntilAsync(async () => await PointsAsync() > points);
            points = await PointsAsync();
            place.Log.Clock.Advance(TimeSpan.FromMinutes(61));
        }

        place.Log.Clock.Advance(TimeSpan.FromDays(30));
        await place.UntilAsync(() =>
        {
            place.Log.Clock.Advance(TimeSpan.FromMinutes(61));
            return Task.FromResult(place.Shipper.Status.PruningRefused != null);
        });
        Assert.Contains("more than half", place.Shipper.Status.PruningRefused);
        var left = await PointsAsync();
        Assert.True(left >= points, $"{left} of {points} points");
        Assert.Equal(0, await CountAsync(place, "/mark-"));

        async Task<int> PointsAsync() => await CountAsync(place, "/b-") + await CountAsync(place, "/d1-");
    }

    [Fact]
    public async Task Run_ObjectsAreLocked_DeletesThemLaterAndIsNotTroubled()
    {
        await using var place = new ShippingPlace();
        place.Options = place.Options with { KeepEveryCommit = TimeSpan.FromHours(1), BaseAge = TimeSpan.FromHours(1) };
        // Longer than anything is needed, and no key deletes earlier.
        RetainingStore? locking = null;
        place.Around = store => locking = new RetainingStore(store, TimeSpan.FromHours(48), place.Log.Clock);
        place.Log.Begin(50);
        place.Start();
        for (var hour = 0; hour < 12; hour++)
        {
            place.Capture.Commit(2);
            await place.SyncAsync();
            await BaseIsYoungerThanAsync(place, TimeSpan.FromHours(2));
            place.Log.Clock.Advance(TimeSpan.FromMinutes(61));
        }

        await place.UntilAsync(() => Task.FromResult(locking!.Refusals > 0));
        Assert.False(place.Shipper.Status.DeletionRefused);
        Assert.Equal(0, place.Shipper.Status.Retries);
        Assert.DoesNotContain(place.Store.Calls, call => call.Operation == StoreOperation.Delete);
        var bases = await CountAsync(place, "/b-");
        Assert.True(bases > 5, $"{bases} bases");
        for (var hour = 0; hour < 70; hour++)
        {
            place.Log.Clock.Advance(TimeSpan.FromMinutes(61));
        }

        await place.UntilAsync(async () => await CountAsync(place, "/b-") <= 2);
        place.Capture.Commit(1);
        await place.SyncAsync();
        ShipperTests.AssertRestorable(place, await place.ReadAsync(), place.Shipper.Status.Base);
    }

    [Fact]
    public async Task Run_WhatIsNeededIsLockedAgainBeforeItsTimeIsOver()
    {
        await using var place = new ShippingPlace();
        RetainingStore? locking = null;
        place.Around = store => locking = new RetainingStore(store, TimeSpan.FromHours(10), place.Log.Clock);
        place.Log.Begin(50);
        place.Start();
        place.Capture.Commit(2);
        await place.SyncAsync();
        await place.UntilAsync(() => Task.FromResult(place.Shipper.Status.Base > 0));
        for (var hour = 0; hour < 30; hour++)
        {
            place.Log.Clock.Advance(TimeSpan.FromHours(1));
            await place.UntilAsync(async () =>
            {
                // Who looked at the clock just before it went on waits a little longer.
                place.Log.Clock.Advance(TimeSpan.FromMinutes(1));
                return (await place.NamesAsync()).All(name =>
                    locking!.UntilOf(name) >= place.Log.Clock.Now + TimeSpan.FromHours(4)
                );
            });
        }
    }

    [Fact]
    public async Task Run_JournalIsLostAtTheTarget_IsInTheRollUpAgain()
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

        await place.UntilAsync(async () => await CountAsync(place, "/r-") > 0);
        ShipperTests.AssertRestorable(place, await place.ReadAsync(), place.Shipper.Status.Base);
        Assert.Equal(1, await CountAsync(place, "/b-"));
    }

    [Fact]
    public async Task Run_StoreThatCannotBeRead_RollsUpAllTheSame()
    {
        await using var place = new ShippingPlace();
        place.Options = place.Options with { MostJournals = 4, KeepEveryCommit = TimeSpan.FromHours(1) };
        place.Store.FailAll(StoreOperation.OpenRead, InjectedFault.Denied());
        place.Store.FailAll(StoreOperation.Head, InjectedFault.Denied());
        place.Log.Begin(50);
        place.Start();
        for (var round = 0; round < 12; round++)
        {
            place.Capture.Commit(2);
            await place.SyncAsync();
        }

        await place.UntilAsync(async () => await CountAsync(place, "/r-") > 0);
        place.Log.Clock.Advance(TimeSpan.FromHours(1));
        await place.UntilAsync(async () => await CountAsync(place, "/r-") == 1 && await CountAsync(place, "/j-") == 0);

        ShipperTests.AssertRestorable(place, await place.ReadAsync(), place.Shipper.Status.Base);
    }

    [Fact]
    public async Task Run_StartedAgain_RollsUpWhatWasStoredBefore()
    {
        await using var place = new ShippingPlace();
        place.Log.Begin(50);
        place.Start();
        for (var round = 0; round < 10; round++)
        {
            place.Capture.Commit(2);
            await place.SyncAsync();
        }

        Assert.Equal(0, await CountAsync(place, "/r-"));
        await place.StopAsync();
        place.Log.ReopenKilled();
        place.Log.Clock.Advance(TimeSpan.FromHours(1));
        place.Store = new FaultInjectingStore(place.Inner);
        place.Start();

        // Nothing is committed any more.
        await place.UntilAsync(async () => await CountAsync(place, "/r-") == 1 && await CountAsync(place, "/j-") == 0);
        Assert.Single(place.Store.Calls, call => call.Operation == StoreOperation.OpenRead);
        ShipperTests.AssertRestorable(place, await place.ReadAsync(), place.Shipper.Status.Base);

        await place.RestartAsync();
        place.Capture.Commit(2);
        await place.SyncAsync();
        ShipperTests.AssertRestorable(place, await place.ReadAsync(), place.Shipper.Status.Base);
        Assert.Equal(1, await CountAsync(place, "/b-"));
    }

    [Fact]
    public async Task Run_KilledWhenTheRollUpWasStored_GoesOnWithIt()
    {
        await using var place = new ShippingPlace();
        place.Log.Begin(50);
        place.Start();
        place.Capture.Commit(2);
        await place.SyncAsync();
        place.Capture.Commit(2);
        await place.SyncAsync();
        place.Store.When(call =>
            call.Operation == StoreOperation.Put ? InjectedFault.Unreachable(afterTheFact: true) : null
        );
        place.Log.Clock.Advance(TimeSpan.FromHours(1));
        await place.UntilAsync(async () => await CountAsync(place, "/r-") == 1);
        place.Store = new FaultInjectingStore(place.Inner);
        await place.RestartAsync();

        await place.UntilAsync(async () => await CountAsync(place, "/j-") == 0);
        place.Capture.Commit(1);
        await place.SyncAsync();
        ShipperTests.AssertRestorable(place, await place.ReadAsync(), place.Shipper.Status.Base);
        Assert.Equal(1, await CountAsync(place, "/b-"));
    }

    [Fact]
    public async Task Run_MuchIsHeldForTheRollUp_RollsUpAndFreesTheSpool()
    {
        await using var place = new ShippingPlace(file: 10_000);
        place.Options = place.Options with { MostHeldBytes = 50_000 };
        place.Log.Begin(50);
        place.Start();
        for (var round = 0; round < 40; round++)
        {
            place.Capture.Commit(4);
            await place.SyncAsync();
        }

        await place.UntilAsync(() => Task.FromResult(place.Log.Spool.BytesOf(2, place.Log.Log.Tip.Number) < 70_000));
        Assert.True(await CountAsync(place, "/r-") > 1);
        Assert.Empty(place.Log.Log.GivenUp);
        ShipperTests.AssertRestorable(place, await place.ReadAsync(), place.Shipper.Status.Base);
    }

    [Fact]
    public async Task Run_DetailWasGivenUpBeforeTheRollUp_LeavesTheJournalsAsTheyAre()
    {
        await using var place = new ShippingPlace(cap: 90_000, file: 5_000);
        place.Log.Begin(50);
        place.Start();
        for (var round = 0; round < 60; round++)
        {
            place.Capture.Commit(4);
            await place.SyncAsync();
        }

        Assert.True(place.Log.Spool.Oldest > 2);
        place.Log.Clock.Advance(TimeSpan.FromHours(1));
        await place.UntilAsync(async () => await CountAsync(place, "/r-") > 0);

        Assert.True(await CountAsync(place, "/j-") > 5);
        ShipperTests.AssertRestorable(place, await place.ReadAsync(), place.Shipper.Status.Base);
    }

    [Fact]
    public async Task Run_NothingIsCommittedAnyMore_KeepsItsHours()
    {
        await using var place = new ShippingPlace();
        place.Options = place.Options with
        {
            KeepEveryCommit = TimeSpan.FromHours(6),
            BaseAge = TimeSpan.FromHours(2),
            RollUpGrace = TimeSpan.FromMinutes(5),
        };
        place.Log.Begin(50);
        place.Start();
        for (var round = 0; round < 5; round++)
        {
            place.Capture.Commit(2);
            await place.SyncAsync();
        }

        // The roll-up at the end of the hour, a base when the first is old, and in the end only what it needs.
        place.Log.Clock.Advance(TimeSpan.FromMinutes(61));
        await place.UntilAsync(async () => await CountAsync(place, "/r-") == 1);
        await place.UntilAsync(async () =>
        {
            place.Log.Clock.Advance(TimeSpan.FromSeconds(30));
            return await CountAsync(place, "/j-") == 0;
        });
        place.Log.Clock.Advance(TimeSpan.FromHours(2));
        await place.UntilAsync(async () => await CountAsync(place, "/b-") == 2);
        await place.UntilAsync(() => Task.FromResult(place.Shipper.Status.Base == place.Log.Log.Tip.Number));
        for (var hour = 0; hour < 24; hour++)
        {
            place.Log.Clock.Advance(TimeSpan.FromHours(1));
        }

        await place.UntilAsync(async () => await CountAsync(place, "/b-") == 1);

        // At the start, and once for each base that may have become too old.
        Assert.InRange(place.Store.Calls.Count(call => call.Operation == StoreOperation.List), 2, 6);
        ShipperTests.AssertRestorable(place, await place.ReadAsync(), place.Shipper.Status.Base);
        await place.RestartAsync();
        place.Capture.Commit(1);
        await place.SyncAsync();
        ShipperTests.AssertRestorable(place, await place.ReadAsync(), place.Shipper.Status.Base);
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
        var gone = Gone(found, place);
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
        Assert.Empty(Gone(await InfosAsync(place), place));
    }

    // Bases are made beside the journals: the clock of the test must not run ahead of them.
    private static Task BaseIsYoungerThanAsync(ShippingPlace place, TimeSpan age) =>
        place.UntilAsync(() =>
        {
            var newest = place.Log.Database.Commits.FirstOrDefault(c => c.Number == place.Shipper.Status.Base);
            return Task.FromResult(newest.Number > 0 && place.Log.Clock.Now - newest.Time < age);
        });

    private static IReadOnlyList<Stores.ObjectKey> Gone(List<Stores.ObjectInfo> found, ShippingPlace place) =>
        TimelineRetention
            .Decide(
                found,
                "app",
                [],
                new TimelineKeep { EveryCommit = TimeSpan.FromHours(4), Grace = TimeSpan.Zero },
                place.Log.Clock.Now
            )
            .Delete;

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
