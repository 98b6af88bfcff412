using Holdfast.Core.Errors;
using Holdfast.Core.Stores;
using Holdfast.Core.Timeline.Format;
using Holdfast.Core.Timeline.Restore;
using Holdfast.Core.Timeline.Shipping;
using Holdfast.Core.Vault;
using Holdfast.Testing;

namespace Holdfast.Core.Tests.Timeline.Shipping;

/// <summary>Commits go to an encrypted vault, and come back with its key only.</summary>
public sealed class SealedShippingTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);
    private readonly ScratchDirectory scratch = new();
    private readonly PrivateKey key = PrivateKey.New();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task I_can_restore_every_commit_of_several_starts_with_the_key()
    {
        await using var place = new ShippingPlace();
        await SealAsync(place);
        place.Log.Begin(60);
        place.Start();
        for (var start = 0; start < 4; start++)
        {
            place.Capture.Commit(9);
            await place.SyncAsync();
            await place.RestartAsync();
        }

        await place.SyncAsync();
        await place.StopAsync();
        Assert.Equal(5, (await NamesAsync(place, "vault/databases/app/")).Count);
        var stored = await StoredTimeline.ReadAsync(
            place.Inner,
            "app",
            place.Log.Log.Lineage!.Value,
            await RingAsync(place)
        );
        Assert.Contains(place.Log.Log.Tip.Number, stored.Restorable());
        ShipperTests.AssertRestorable(place, stored, place.Shipper.Status.Base);
    }

    [Fact]
    public async Task Nothing_that_is_stored_shows_a_page()
    {
        var pages = new List<byte[]>();
        foreach (var isSealed in new[] { false, true })
        {
            await using var place = new ShippingPlace();
            if (isSealed)
            {
                await SealAsync(place);
            }

            place.Log.Begin(30);
            place.Start();
            place.Capture.Commit(5);
            await place.SyncAsync();
            await place.Shipper.PutPointAsync(
                place.Log.Log.Lineage!.Value,
                place.Log.Log.Tip,
                "before the wedding",
                Token
            );
            await place.StopAsync();
            var wanted = place.Log.Database.After(place.Log.Log.Tip.Number).Select(page => page[..32]).ToList();
            var found = 0;
            foreach (var info in await NamesAsync(place, "timeline/"))
            {
                Assert.False(isSealed && info.Contains("wedding", StringComparison.Ordinal), info);
                var bytes = await place.Inner.ReadAllAsync(new ObjectKey(info), 1 << 26, Token);
                found += wanted.Count(piece => bytes.AsSpan().IndexOf(piece) >= 0);
                found += bytes.AsSpan().IndexOf("wedding"u8) >= 0 ? 1 : 0;
            }

            Assert.Equal(isSealed, found == 0);
        }
    }

    [Fact]
    public async Task A_restore_point_is_read_with_the_key()
    {
        await using var place = new ShippingPlace();
        await SealAsync(place);
        place.Log.Begin(30);
        place.Start();
        place.Capture.Commit(2);
        await place.SyncAsync();
        await place.Shipper.PutPointAsync(place.Log.Log.Lineage!.Value, place.Log.Log.Tip, "before it", Token);
        var ring = await RingAsync(place);
        var catalogue = await TimelineCatalogue.ListAsync(place.Inner, "app", ring, Token);
        var point = Assert.Single(catalogue.Lineages[0].Points);
        Assert.Equal("before it", (await RestorePoint.ReadAsync(place.Inner, point.Key, ring, Token)).Reason);
    }

    [Fact]
    public async Task Restore_WithAnotherKey_IsExit12()
    {
        await using var place = new ShippingPlace();
        await SealAsync(place);
        place.Log.Begin(30);
        place.Start();
        place.Capture.Commit(2);
        await place.SyncAsync();
        using var other = PrivateKey.New();
        var vault = (await TargetVault.FindAsync(place.Inner, Token))!;
        var catalogue = await TimelineCatalogue.ListAsync(place.Inner, "app", vault.RingOf("app", other), Token);
        var error = await Assert.ThrowsAsync<HoldfastException>(() =>
            new TimelinePlanner(catalogue).PlanAsync(new TimelineRequest(), Token)
        );
        Assert.Equal(ErrorCode.WrongKey, error.Code);
    }

    [Fact]
    public async Task Run_OnAVaultWithAKeyThatIsNotKnown_EndsAndWritesNothing()
    {
        await using var place = new ShippingPlace();
        await SealAsync(place);
        place.Log.Begin(30);
        place.Start();
        place.Capture.Commit(2);
        await place.SyncAsync();
        await place.StopAsync();
        var vault = (await TargetVault.FindAsync(place.Inner, Token))!;
        using var attacker = PrivateKey.New();
        await vault.AddAsync(attacker.PublicKey, null, "attacker", null, place.Log.Clock.GetUtcNow(), Token);
        var before = await NamesAsync(place, "");
        place.Log.ReopenKilled();
        place.Capture.Commit(2);
        place.Start();
        var error = await Assert.ThrowsAsync<HoldfastException>(() => place.Running);
        Assert.Equal(ErrorCode.Refused, error.Code);
        Assert.Equal(before, await NamesAsync(place, ""));
    }

    [Fact]
    public async Task Run_KeysAreDestroyedMeanwhile_Ends()
    {
        await using var place = new ShippingPlace();
        await SealAsync(place);
        place.Log.Begin(30);
        place.Start();
        place.Capture.Commit(2);
        await place.SyncAsync();
        var vault = (await TargetVault.FindAsync(place.Inner, Token))!;
        Assert.Equal(1, await vault.ShredAsync("app", Token));
        place.Log.Clock.Advance(TimeSpan.FromMinutes(11));
        place.Capture.Commit(2);
        var fenced = await Assert.ThrowsAsync<FencedException>(() => place.Running.WaitAsync(Deadline, Token));
        Assert.Contains("destroyed", fenced.Message);
    }

    [Fact]
    public async Task Run_KeysWereDestroyedBefore_TrustsNothingOfThem()
    {
        await using var place = new ShippingPlace();
        await SealAsync(place);
        place.Log.Begin(30);
        place.Start();
        place.Capture.Commit(2);
        await place.SyncAsync();
        await place.StopAsync();
        var vault = (await TargetVault.FindAsync(place.Inner, Token))!;
        _ = await vault.ShredAsync("app", Token);
        place.Log.ReopenKilled();
        place.Start();
        _ = await Assert.ThrowsAsync<FencedException>(() => place.Running.WaitAsync(Deadline, Token));
        Assert.Equal(0, place.Shipper.Status.Stored);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Run_StoreFailsAtRandom_StoresEveryCommit(int seed)
    {
        await using var place = new ShippingPlace(seed);
        await SealAsync(place);
        place.Store.FailAtRandom(seed, 0.4, TestContext.Current.TestOutputHelper!.WriteLine);
        place.Log.Begin(100);
        place.Start();
        for (var round = 0; round < 8; round++)
        {
            place.Capture.Commit(6);
            await place.SyncAsync();
        }

        await place.StopAsync();
        var stored = await StoredTimeline.ReadAsync(
            place.Inner,
            "app",
            place.Log.Log.Lineage!.Value,
            await RingAsync(place)
        );
        Assert.Contains(place.Log.Log.Tip.Number, stored.Restorable());
    }

    public void Dispose()
    {
        key.Dispose();
        scratch.Dispose();
    }

    private static async Task<List<string>> NamesAsync(ShippingPlace place, string prefix)
    {
        var names = new List<string>();
        await foreach (var info in place.Inner.ListAsync(prefix, startAfter: null, Token))
        {
            names.Add(info.Key.Value);
        }

        return names;
    }

    private async Task SealAsync(ShippingPlace place)
    {
        await TargetVault.CreateAsync(
            place.Inner,
            KeyId.New(),
            key,
            "kit",
            passphrase: null,
            place.Log.Clock.GetUtcNow(),
            Token
        );
        place.Options = place.Options with
        {
            Vault = new VaultWriter(new VaultPins(scratch["pins"]), pinned: null, place.Log.Clock),
        };
    }

    private async Task<ISessionKeys> RingAsync(ShippingPlace place) =>
        (await TargetVault.FindAsync(place.Inner, Token))!.RingOf("app", key);
}
