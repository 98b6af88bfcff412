using Holdfast.Endurance.Tests.Worlds;
using Holdfast.Testing;

namespace Holdfast.Endurance.Tests;

/// <summary>Whatever happens to the agent, its state, the application and the database: what is stored is right.</summary>
public sealed class MisfortuneTests
{
    [Fact]
    public async Task I_can_restore_everything_that_was_acknowledged_whatever_happened()
    {
        var random = new Random(Seed.Next());
        using var world = new World(random);
        var misfortunes = new Misfortunes(world, random);
        var rounds = new Rounds(random, partOfSoak: 0.5);
        await world.StartAgentAsync();
        await world.StartWritersAsync(2);
        try
        {
            await rounds.PlayAsync(
                misfortunes.All,
                async () =>
                {
                    await world.ProveAsync();
                    if (random.Next(3) == 0)
                    {
                        await world.ProveRestAsync();
                        await world.StartWritersAsync(random.Next(1, 4));
                    }

                    _ = await world.Vault.SweepAsync(random, samples: 2);
                }
            );
            await world.ProveRestAsync();
            _ = await world.Vault.SweepAsync(random, samples: 10);
        }
        finally
        {
            rounds.Tell($"{world.Book.Newest} transactions", $"{world.Vault.Restored} states restored and compared");
        }
    }
}
