using Holdfast.Testing;

namespace Holdfast.Core.Tests.Timeline.Shipping;

public sealed class KilledShipperTests
{
    [Fact]
    public async Task Run_KilledBehindAnyCallOfTheStore_GoesOnWithEveryCommit()
    {
        for (var last = 1; last <= 40; last += 3)
        {
            await using var place = NewPlace(last);
            place.Log.Begin(300);
            place.Capture.Commit(5);
            place.Capture.BeforeRead = _ => place.Capture.Commit(1);

            // Behind this call nothing is answered any more, and half of the calls are not even carried out.
            place.Store.When(call => call.Number > last ? InjectedFault.Unreachable(call.Number == last + 1) : null);
            place.Start();
            for (var round = 0; round < 10; round++)
            {
                place.Capture.Commit(1);
                await Task.Delay(2, TestContext.Current.CancellationToken);
            }

            await place.UntilAsync(() =>
            {
                place.Capture.Commit(1);
                return Task.FromResult(place.Store.Calls.Count > last + 1);
            });
            await place.StopAsync();
            place.Store = new FaultInjectingStore(place.Inner);
            place.Log.ReopenKilled();
            place.Start();
            place.Capture.Commit(3);
            await place.SyncAsync();

            var stored = await place.ReadAsync();
            ShipperTests.AssertRestorable(place, stored, place.Shipper.Status.Base);
            Assert.Equal(await OrphansAsync(place), []);
            Assert.Empty(Directory.EnumerateFiles(place.Options.Scratch));
        }
    }

    [Fact]
    public async Task Run_LargeCommits_AreStoredInParts()
    {
        await using var place = NewPlace(seed: 3);
        place.Log.Begin(2000);
        place.Start();
        await place.SyncAsync();
        _ = place.Log.Database.Commit(place.Log.Log, 2000, [.. Enumerable.Range(1, 2000).Select(page => (uint)page)]);
        await place.SyncAsync();

        Assert.Contains(await place.NamesAsync(), name => name.EndsWith(".p0001", StringComparison.Ordinal));
        ShipperTests.AssertRestorable(place, await place.ReadAsync(), place.Shipper.Status.Base);
    }

    private static ShippingPlace NewPlace(int seed)
    {
        var place = new ShippingPlace(seed);
        place.Options = place.Options with
        {
            PartBytes = 20_000,
            JournalBytes = 3_000,
            MostJournals = 6,
            RollUpGrace = TimeSpan.FromHours(1),
        };
        return place;
    }

    private static async Task<List<string>> OrphansAsync(ShippingPlace place)
    {
        var names = await place.NamesAsync();
        var parts = names.Where(name => name.Contains(".p0", StringComparison.Ordinal));
        var stems = parts.Select(name => name[..name.IndexOf('.', StringComparison.Ordinal)]).Distinct();
        return
        [
            .. stems.Where(stem =>
                !names.Exists(name =>
                    name.StartsWith(stem, StringComparison.Ordinal) && !name.Contains('.', StringComparison.Ordinal)
                )
            ),
        ];
    }
}
