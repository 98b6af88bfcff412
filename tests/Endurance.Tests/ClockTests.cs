using Holdfast.Core.Timeline.Restore;
using Holdfast.Endurance.Tests.Worlds;
using Holdfast.Stores.Directories;
using Holdfast.Testing;

namespace Holdfast.Endurance.Tests;

public sealed class ClockTests
{
    [Fact]
    public async Task I_can_restore_in_the_order_of_commits_whatever_the_clock_did()
    {
        var random = new Random(Seed.Next());
        using var world = new World(random);
        using var store = new DirectoryStore(world.VaultPath, createRoot: true);
        var clock = new SteppingClock();
        for (var round = 0; round < 5; round++)
        {
            if (random.Next(3) == 0 && Directory.Exists(world.StatePath))
            {
                // A new lineage, begun by the clock before the old one.
                Directory.Delete(world.StatePath, recursive: true);
            }

            await using (var keeper = await Keeper.StartAsync(world.Path, world.StatePath, store, clock))
            {
                await world.StartWritersAsync(1, "calm", most: 15);
                await world.FinishWritersAsync(now: false);
                clock.Step(TimeSpan.FromMinutes(random.Next(-120, 60)));
                await world.StartWritersAsync(1, "calm", most: 15);
                await world.FinishWritersAsync(now: false);
                using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
                var (lineage, commit) = await keeper.SyncAsync(deadline.Token);
                Assert.True((await world.Vault.RestoreFromAsync(lineage, commit.Number)).Number == world.Book.Newest);
            }
        }

        await AssertOrderAsync(world, store);
    }

    private static async Task AssertOrderAsync(World world, DirectoryStore store)
    {
        var token = TestContext.Current.CancellationToken;
        var catalogue = await TimelineCatalogue.ListAsync(store, Keeper.Database, keys: null, token);
        foreach (var lineage in catalogue.Lineages)
        {
            foreach (var window in await catalogue.WindowsAsync(lineage, token))
            {
                Assert.True(window.From <= window.To);
                var last = DateTimeOffset.MinValue;
                for (var commit = window.Commits.First; commit <= window.Commits.Last; commit += 7)
                {
                    var (plan, _) = await world.Vault.RestoreAsync(new() { Commit = commit, Lineage = lineage.Id });
                    Assert.True(plan.Target.Time >= last);
                    last = plan.Target.Time;

                    // Of several commits of one time, the last.
                    var (same, _) = await world.Vault.RestoreAsync(new() { At = last, Lineage = lineage.Id });
                    Assert.True(same.Target.Number >= commit && same.Target.Time == last);
                }
            }
        }
    }

    private sealed class SteppingClock : TimeProvider
    {
        private long offset;

        public void Step(TimeSpan by) => Interlocked.Add(ref offset, by.Ticks);

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref offset));
    }
}
