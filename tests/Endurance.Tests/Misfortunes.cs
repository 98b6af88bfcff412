using Holdfast.Endurance.Tests.Worlds;

namespace Holdfast.Endurance.Tests;

/// <summary>What may happen. Each ends with the agent and applications at work.</summary>
internal sealed class Misfortunes(World world, Random random)
{
    public IReadOnlyDictionary<string, Func<Task>> All =>
        new Dictionary<string, Func<Task>>(StringComparer.Ordinal)
        {
            ["agent killed"] = () => WithAgentKilledAsync(() => world.LetWorkAsync()),
            ["agent killed at once again"] = AgentKilledTwiceAsync,
            ["agent stopped for a while"] = AgentHaltedAsync,
            ["application killed"] = ApplicationKilledAsync,
            ["all killed"] = AllKilledAsync,
            ["state directory lost"] = () => WithAgentKilledAsync(() => DeleteAsync(world.StatePath)),
            ["spool lost"] = () => WithAgentKilledAsync(() => HarmSpool(File.Delete)),
            ["spool damaged"] = () => WithAgentKilledAsync(() => HarmSpool(Damage)),
            ["page table lost"] = () => WithAgentKilledAsync(() => Harm("pages", File.Delete)),
            ["page table damaged"] = () => WithAgentKilledAsync(() => Harm("pages", Damage)),
            ["page table cut"] = () => WithAgentKilledAsync(() => Harm("pages", Cut)),
            ["state file damaged"] = () => WithAgentKilledAsync(() => Harm("state", Damage)),
            ["last connection closed"] = LastConnectionClosedAsync,
            ["power lost"] = PowerLostAsync,
            ["file replaced by a copy"] = FileReplacedAsync,
            ["file replaced while nobody looks"] = FileReplacedUnseenAsync,
            ["journal mode there and back"] = JournalModeAsync,
            ["another page size"] = PageSizeAsync,
            ["target away"] = TargetAwayAsync,
        };

    private async Task WithAgentKilledAsync(Func<Task> meanwhile)
    {
        await world.LetWorkAsync();
        world.Agent.Kill();
        await meanwhile();
        await world.LetWorkAsync();
        await world.StartAgentAsync();
    }

    private async Task AgentKilledTwiceAsync()
    {
        world.Agent.Kill();
        for (var times = 0; times < 2; times++)
        {
            await world.StartAgentAsync();
            await world.LetWorkAsync(50);
            world.Agent.Kill();
        }

        await world.StartAgentAsync();
    }

    private async Task AgentHaltedAsync()
    {
        world.Agent.Signal("STOP");
        await world.LetWorkAsync(700);
        world.Agent.Signal("CONT");
    }

    private async Task ApplicationKilledAsync()
    {
        await world.LetWorkAsync();
        world.KillWriter();
        await world.StartWritersAsync(1);
    }

    // SQLite's recovery is not to be tried with frames that it does not accept itself.
    private async Task RestartSignedAsync()
    {
        await world.FinishWritersAsync();
        await world.Agent.StopAsync();
        world.Sql("PRAGMA wal_checkpoint(TRUNCATE)");
        await world.StartAgentAsync();
        await world.StartWritersAsync(2, random.Next(2) == 0 ? "signed" : "signed plain");
        await world.LetWorkAsync(600);
    }

    private async Task AllKilledAsync()
    {
        await RestartSignedAsync();
        if (random.Next(2) == 0)
        {
            world.Agent.Kill();
            await world.LetWorkAsync(100);
            world.KillWriters();
        }
        else
        {
            world.KillWriters();
            await world.LetWorkAsync(100);
            world.Agent.Kill();
        }

        await world.StartAgentAsync();
        await world.StartWritersAsync(2);
    }

    private async Task LastConnectionClosedAsync()
    {
        await world.LetWorkAsync();
        world.Agent.Kill();
        await world.FinishWritersAsync();
        await world.StartWritersAsync(1, most: random.Next(1, 60));
        await world.FinishWritersAsync(now: false);
        await world.StartAgentAsync();
        await world.StartWritersAsync(2);
    }

    // The disk has what was written some time ago.
    private async Task PowerLostAsync()
    {
        await RestartSignedAsync();
        world.KillWriters();
        world.Agent.Kill();
        var number = Keep("then");
        await world.StartAgentAsync();
        await world.StartWritersAsync(2, "signed");
        await world.LetWorkAsync(600);
        if (random.Next(2) == 0)
        {
            _ = await world.Agent.SyncAsync();
        }

        world.KillWriters();
        world.Agent.Kill();
        foreach (var file in new[] { "", "-wal" })
        {
            File.Delete(world.Path + "-shm");
            await using var to = new FileStream(world.Path + file, FileMode.OpenOrCreate);
            to.SetLength(0);
            if (File.Exists(world["then" + file]))
            {
                await using var from = File.OpenRead(world["then" + file]);
                await from.CopyToAsync(to);
            }
        }

        world.BeginEra(number);
        if (random.Next(2) == 0)
        {
            // The other history grows before anybody looks.
            await world.StartWritersAsync(1, "signed plain", most: random.Next(1, 60));
            await world.FinishWritersAsync(now: false);
        }

        await world.StartAgentAsync();
        await world.StartWritersAsync(2);
    }

    // Files of killed processes; the newest transaction in them.
    private long Keep(string name)
    {
        foreach (var file in new[] { "", "-wal" })
        {
            File.Delete(world[name + file]);
            if (File.Exists(world.Path + file))
            {
                File.Copy(world.Path + file, world[name + file]);
            }
        }

        // A copy of the copy is opened, as opening changes it.
        foreach (var file in new[] { "", "-wal", "-shm" })
        {
            File.Delete(world["look" + file]);
            if (File.Exists(world[name + file]))
            {
                File.Copy(world[name + file], world["look" + file]);
            }
        }

        return Content.OfLive(world["look"]).Number;
    }

    private async Task FileReplacedAsync()
    {
        await world.FinishWritersAsync();
        await ReplaceAsync(keep: random.Next(2) == 0);
        await world.StartWritersAsync(2);
    }

    private async Task FileReplacedUnseenAsync()
    {
        world.Agent.Kill();
        await world.FinishWritersAsync();
        await ReplaceAsync(keep: false);
        await world.StartAgentAsync();
        await world.StartWritersAsync(2);
    }

    private async Task ReplaceAsync(bool keep)
    {
        while (!world.IsCheckpointed())
        {
            await Task.Delay(1);
        }

        File.Copy(world.Path, world["copy"], overwrite: true);
        foreach (var file in new[] { "-wal", "-shm" })
        {
            File.Delete(world.Path + file);
        }

        if (keep)
        {
            File.Move(world.Path, world["kept"], overwrite: true);
        }

        File.Move(world["copy"], world.Path, overwrite: true);
    }

    private async Task JournalModeAsync()
    {
        await WithNobodyAsync(async () =>
        {
            world.Sql("PRAGMA journal_mode=DELETE");
            await world.StartWritersAsync(1, "calm", most: random.Next(1, 30));
            await world.FinishWritersAsync(now: false);
            world.Sql("PRAGMA journal_mode=WAL");
        });
    }

    private Task PageSizeAsync() =>
        WithNobodyAsync(() =>
        {
            world.Sql($"PRAGMA journal_mode=DELETE; PRAGMA page_size={512 << random.Next(8)}; VACUUM");
            world.Sql("PRAGMA journal_mode=WAL");
            return Task.CompletedTask;
        });

    private async Task WithNobodyAsync(Func<Task> action)
    {
        if (random.Next(2) == 0)
        {
            world.Agent.Kill();
            await world.FinishWritersAsync();
        }
        else
        {
            await world.FinishWritersAsync();
            await world.Agent.StopAsync();
        }

        await action();
        if (random.Next(2) == 0)
        {
            await world.StartWritersAsync(1, most: random.Next(1, 40));
            await world.FinishWritersAsync(now: false);
        }

        await world.StartAgentAsync();
        await world.StartWritersAsync(2);
    }

    private async Task TargetAwayAsync()
    {
        Directory.Move(world.VaultPath, world["away"]);
        if (random.Next(2) == 0)
        {
            await File.WriteAllTextAsync(world.VaultPath, "not a directory");
        }

        await world.LetWorkAsync(600);
        if (random.Next(2) == 0)
        {
            world.Agent.Kill();
            await world.StartAgentAsync();
        }

        File.Delete(world.VaultPath);
        Directory.Move(world["away"], world.VaultPath);
    }

    private static Task DeleteAsync(string directory)
    {
        Directory.Delete(directory, recursive: true);
        return Task.CompletedTask;
    }

    private Task Harm(string name, Action<string> harm)
    {
        harm(Path.Combine(world.LogPath, name));
        return Task.CompletedTask;
    }

    private Task HarmSpool(Action<string> harm)
    {
        foreach (var path in Directory.EnumerateFiles(world.LogPath, "spool-*", SearchOption.AllDirectories).ToList())
        {
            harm(path);
        }

        return Task.CompletedTask;
    }

    private void Damage(string path)
    {
        using var file = File.Open(path, FileMode.Open);
        var damage = new byte[random.Next(1, 40)];
        random.NextBytes(damage);
        file.Position = random.NextInt64(Math.Max(1, file.Length - damage.Length));
        file.Write(damage);
    }

    private void Cut(string path)
    {
        using var file = File.Open(path, FileMode.Open);
        file.SetLength(random.NextInt64(file.Length));
    }
}
