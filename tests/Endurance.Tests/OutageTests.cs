using Holdfast.Endurance.Tests.Worlds;
using Holdfast.Testing;

namespace Holdfast.Endurance.Tests;

/// <summary>Targets that are away for longer than the spool can hold, and disks that are full.</summary>
public sealed class OutageTests
{
    [Fact]
    public async Task I_keep_the_newest_state_when_the_target_was_away_for_longer_than_the_spool_allows()
    {
        var random = new Random(Seed.Next());
        using var world = new World(random);
        world.Configure("spool: 4MiB");
        await world.StartAgentAsync();
        await world.StartWritersAsync(1, "calm");
        await world.ProveAsync();
        Directory.Move(world.VaultPath, world["away"]);
        await world.UntilAsync(() => world.Agent.HasTold("gap"));
        Assert.InRange(SpoolBytes(world), 0, 4 << 20);
        Directory.Move(world["away"], world.VaultPath);

        await world.ProveAsync();
        await world.ProveRestAsync();
        _ = await world.Vault.SweepAsync(random, samples: 6);
        await world.Agent.StopAsync();
    }

    [Fact]
    public async Task I_go_on_when_the_disk_of_the_target_is_no_longer_full() =>
        await GoOnAfterFullDiskAsync(world => world.VaultPath);

    [Fact]
    public async Task I_go_on_when_the_disk_of_the_state_is_no_longer_full() =>
        await GoOnAfterFullDiskAsync(world => world.StatePath);

    private static async Task GoOnAfterFullDiskAsync(Func<World, string> where)
    {
        var random = new Random(Seed.Next());
        using var world = new World(random);
        using var disk = SmallDisk.Mount(where(world), "size=48m");
        var ballast = Path.Combine(where(world), "ballast");
        await world.StartAgentAsync();

        // So many that they alone do not fill the disk.
        await world.StartWritersAsync(1, "calm", most: 300);
        await world.ProveAsync();
        Fill(ballast);
        await world.StartWritersAsync(1, "calm", most: 300);
        await world.UntilAsync(() => world.Agent.HasTold("away") || world.Agent.HasTold("waiting"));
        File.Delete(ballast);

        await world.ProveAsync();
        await world.ProveRestAsync();
        await world.Agent.StopAsync();
    }

    private static void Fill(string path)
    {
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true)
            {
                file.Write(new byte[4096]);
            }
        }
        catch (IOException)
        {
            // Full.
        }
    }

    private static long SpoolBytes(World world) =>
        Directory
            .EnumerateFiles(world.LogPath, "spool-*", SearchOption.AllDirectories)
            .Sum(path => new FileInfo(path).Length);
}
