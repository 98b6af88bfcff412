using Holdfast.Core.Errors;
using Holdfast.Core.Stores;
using Holdfast.Core.Timeline.Restore;
using Holdfast.Endurance.Tests.Worlds;
using Holdfast.Stores.Directories;
using Holdfast.Testing;

namespace Holdfast.Endurance.Tests;

/// <summary>
/// Stores that fail, and stores that lie. What a store says it has taken is believed while the agent runs; a restore proves
/// each page, goes around what is lost where there is another way, and never gives another content.
/// </summary>
public sealed class LyingStoreTests
{
    [Fact]
    public async Task I_can_ship_to_a_store_that_fails_all_the_time()
    {
        var seed = Seed.Next();
        var random = new Random(seed);
        using var world = new World(random);
        using var inner = new DirectoryStore(world.VaultPath, createRoot: true);
        using var store = new FaultInjectingStore(inner).FailAtRandom(
            seed,
            0.4,
            TestContext.Current.TestOutputHelper!.WriteLine
        );
        await world.StartWritersAsync(2);
        for (var round = 0; round < (Seed.IsSoak ? 40 : 3); round++)
        {
            await using var keeper = await Keeper.StartAsync(world.Path, world.StatePath, store, TimeProvider.System);
            await ProveAsync(world, keeper);
            _ = await world.Vault.SweepAsync(random, samples: 2);
        }
    }

    [Fact]
    public async Task I_am_told_when_a_store_gives_other_bytes_and_get_nothing_wrong()
    {
        var seed = Seed.Next();
        var random = new Random(seed);
        using var world = new World(random);
        using var inner = new DirectoryStore(world.VaultPath, createRoot: true);
        await using (var keeper = await Keeper.StartAsync(world.Path, world.StatePath, inner, TimeProvider.System))
        {
            await world.StartWritersAsync(1, "calm", most: 60);
            await world.FinishWritersAsync(now: false);
            await ProveAsync(world, keeper);
        }

        var (restored, refused) = (0, 0);
        using var store = new FaultInjectingStore(inner);
        var vault = world.VaultOf(store);
        InjectedFault? fault = null;
        _ = store.When(call => call.Operation == StoreOperation.OpenRead && random.Next(4) == 0 ? fault : null);
        for (var round = 0; round < (Seed.IsSoak ? 1000 : 25); round++)
        {
            fault =
                random.Next(2) == 0
                    ? new InjectedFault { FlipBitAt = random.Next(3000) }
                    : new InjectedFault { TruncateAt = random.Next(3000) };
            try
            {
                // Compared with what must be there, when it is called restored.
                _ = await vault.RestoreAsync(new TimelineRequest());
                restored++;
            }
            catch (HoldfastException error)
            {
                Assert.NotEmpty(error.Message);
                refused++;
            }
        }

        Assert.True(restored > 0 && refused > 0, $"{restored} restored, {refused} refused");
    }

    [Fact]
    public async Task I_am_told_of_commits_that_a_store_took_and_lost_until_the_next_roll_up_brings_them_back()
    {
        var random = new Random(Seed.Next());
        using var world = new World(random);
        using var inner = new DirectoryStore(world.VaultPath, createRoot: true);
        await using (var keeper = await Keeper.StartAsync(world.Path, world.StatePath, inner, TimeProvider.System))
        {
            for (var journal = 0; journal < 8; journal++)
            {
                await world.StartWritersAsync(1, "calm", most: 5);
                await world.FinishWritersAsync(now: false);
                await ProveAsync(world, keeper);
            }
        }

        var journals = Directory
            .EnumerateFiles(world.VaultPath, "j-*", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .ToList();
        File.Delete(journals[^3]);
        var error = await Assert.ThrowsAnyAsync<HoldfastException>(() =>
            world.Vault.RestoreAsync(new TimelineRequest())
        );
        Assert.Contains("cannot be restored", error.Message, StringComparison.Ordinal);

        await using (
            var keeper = await Keeper.StartAsync(
                world.Path,
                world.StatePath,
                inner,
                TimeProvider.System,
                mostJournals: 2
            )
        )
        {
            await world.StartWritersAsync(1, "calm", most: 5);
            await world.FinishWritersAsync(now: false);
            await world.UntilAsync(() =>
                Directory.EnumerateFiles(world.VaultPath, "r-*", SearchOption.AllDirectories).Any()
            );
            await ProveAsync(world, keeper);
        }

        _ = await world.Vault.SweepAsync(random, samples: 6);
    }

    private static async Task ProveAsync(World world, Keeper keeper)
    {
        var before = world.Book.Acknowledged;
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var (lineage, commit) = await keeper.SyncAsync(deadline.Token);
        Assert.True((await world.Vault.RestoreFromAsync(lineage, commit.Number)).Number >= before);
    }
}
