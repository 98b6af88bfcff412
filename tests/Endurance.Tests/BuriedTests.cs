using System.Buffers.Binary;
using Holdfast.Endurance.Tests.Worlds;
using Holdfast.Testing;

namespace Holdfast.Endurance.Tests;

public sealed class BuriedTests
{
    private const int FrameLength = 24 + 4096;

    // New salts, and the last frame that was seen still in its place behind them: frames between were written, copied into
    // the database and overwritten while nobody looked. Who goes on from there loses pages without noticing.
    [Fact]
    public async Task I_lose_nothing_of_cycles_of_the_WAL_that_came_and_went_while_the_agent_was_dead()
    {
        var random = new Random(Seed.Next());
        using var world = new World(random);
        var rounds = 0;
        var end = DateTime.UtcNow.AddSeconds(Seed.Seconds(0, 0.05));
        await world.StartWritersAsync(1, "calm plain", most: 0);
        do
        {
            await world.StartAgentAsync();
            await world.UntilAsync(() => FramesOf(world) >= 245);
            _ = await world.Agent.SyncAsync();
            world.Agent.Kill();
            var (salt, frames) = (SaltOf(world), FramesOf(world));
            await world.UntilAsync(() => SaltOf(world) != salt);
            Assert.True(frames > 0);
            var before = world.Book.Acknowledged;
            await world.UntilAsync(() => world.Book.Acknowledged >= before + 5);

            await world.StartAgentAsync();
            await world.ProveAsync();
            world.Agent.Kill();
            rounds++;
        } while (DateTime.UtcNow < end);

        await world.StartAgentAsync();
        await world.ProveRestAsync();
        _ = await world.Vault.SweepAsync(random, samples: 4);
        TestContext.Current.TestOutputHelper!.WriteLine($"{rounds} rounds");
    }

    private static uint SaltOf(World world)
    {
        var header = new byte[32];
        using var wal = File.OpenHandle(world.Path + "-wal", share: FileShare.ReadWrite);
        _ = RandomAccess.Read(wal, header, 0);
        return BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(16));
    }

    private static long FramesOf(World world) => new FileInfo(world.Path + "-wal").Length / FrameLength;
}
