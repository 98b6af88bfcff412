using Holdfast.Endurance.Tests.Worlds;
using Holdfast.Testing;

namespace Holdfast.Endurance.Tests;

/// <summary>As long as the agent runs, no transaction is merged with another, whatever the applications do.</summary>
public sealed class HostileTests
{
    [Theory]
    [InlineData(512)]
    [InlineData(65536)]
    public async Task I_can_restore_every_single_transaction_of_hostile_applications(int pageSize)
    {
        var random = new Random(Seed.Next());
        using var world = new World(random, pageSize);
        await world.StartAgentAsync();
        var end = DateTime.UtcNow.AddSeconds(Seed.Seconds(2, 0.05));
        do
        {
            await world.StartWritersAsync(3, most: Seed.IsSoak ? 2000 : 150);
            await world.FinishWritersAsync(now: false);
        } while (DateTime.UtcNow < end);

        await world.ProveRestAsync();
        var (_, commit) = await world.Agent.SyncAsync();
        Assert.True(commit > world.Book.Acknowledged, $"{commit} commits for {world.Book.Acknowledged} transactions");
        Assert.False(world.Agent.HasTold("resynchronised"), world.Agent.Told);
        Assert.False(world.Agent.HasTold("lineage"), world.Agent.Told);
        _ = await world.Vault.SweepAsync(random, samples: Seed.IsSoak ? 60 : 6);
        await world.Agent.StopAsync();
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{world.Book.Newest} transactions, {commit} commits, {world.Vault.Restored} states restored and compared"
        );
    }
}
