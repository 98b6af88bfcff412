using Holdfast.Core.Retention;
using Holdfast.Crash.Tests.Killing;
using Holdfast.Crash.Tests.Worlds;

namespace Holdfast.Crash.Tests;

/// <summary>A backup of a database that an application has open and writes to, with a WAL that was not checkpointed.</summary>
public sealed class LiveBackupCrashTests
{
    [Fact]
    public async Task I_can_back_up_beside_a_writer_after_a_backup_was_killed_anywhere()
    {
        using var template = World.Create();
        await Operations.SeedAsync(template, copies: 2, "PRAGMA journal_mode = wal");
        var matrix = new CrashMatrix(template, world => ["backup", world.Source, "--to", world.Place.Address])
        {
            Application = Write,
        };
        await matrix.RunAsync(world => Survival.AssertAsync(world, template.Copies.Keys));
    }

    private static Engines.Sqlite.Interop.Connection Write(World world)
    {
        var connection = Sql.Open(world.Source);
        connection.Execute("PRAGMA wal_autocheckpoint = 0;" + Sql.MoreRows(20));
        world.Content = Sql.Fingerprint(connection);
        return connection;
    }
}

/// <summary>A backup of what a crashed application left: a database in WAL mode whose newest commits are in the WAL.</summary>
public sealed class CheckpointingBackupCrashTests
{
    [Fact]
    public async Task I_can_back_up_after_a_backup_that_checkpoints_was_killed_anywhere()
    {
        using var template = World.Create();
        await Operations.SeedAsync(template, copies: 2, "PRAGMA journal_mode = wal");
        Leftovers.LeaveWal(template.Source);
        template.Content = Leftovers.Look(template.Source);
        var matrix = new CrashMatrix(
            template,
            world => ["backup", world.Source, "--to", world.Place.Address, "--checkpoint", "truncate"]
        );
        await matrix.RunAsync(async world =>
        {
            await Survival.AssertAsync(world, template.Copies.Keys);
            Assert.Equal([world.Source], Directory.EnumerateFiles(Path.GetDirectoryName(world.Source)!));
        });
    }
}

/// <summary>The other way to copy, the other compression, a rollback journal, and retention at the end.</summary>
public sealed class VacuumBackupCrashTests
{
    private const string Keep = "last=2 min=2";

    [Fact]
    public async Task I_can_back_up_and_prune_after_a_backup_that_prunes_was_killed_anywhere()
    {
        using var template = World.Create();
        await Operations.SeedAsync(template, copies: 3, "PRAGMA journal_mode = delete");
        string[] options = ["--method", "vacuum-into", "--compress", "zstd", "--keep", Keep];
        var matrix = new CrashMatrix(
            template,
            world => ["backup", world.Source, "--to", world.Place.Address, .. options]
        );
        await matrix.RunAsync(async world =>
        {
            await Survival.AssertAsync(world, template.Copies.Keys.Max(StringComparer.Ordinal)!);
            Assert.True((await Operations.ListAsync(world)).Count >= 3);

            await Operations.PruneAsync(world, Keep, TimeProvider.System);
            await Survival.AssertCopiesAsync(world);
            await Survival.AssertNothingLeftAsync(world);
            Assert.Equal([world.Source], Directory.EnumerateFiles(Path.GetDirectoryName(world.Source)!));
        });
    }
}

/// <summary>Backups on a disk that becomes full, or fails.</summary>
public sealed class FailingDiskBackupTests
{
    [Fact]
    public Task I_am_told_when_the_disk_becomes_full_during_a_backup() => RunAsync(Blow.DiskFull);

    [Fact]
    public Task I_am_told_when_the_disk_fails_during_a_backup() => RunAsync(Blow.DiskError);

    private static async Task RunAsync(Blow blow)
    {
        using var template = World.Create();
        await Operations.SeedAsync(template, copies: 2, "PRAGMA journal_mode = wal");
        var matrix = new CrashMatrix(template, world => ["backup", world.Source, "--to", world.Place.Address])
        {
            Blow = blow,
        };
        await matrix.RunAsync(
            async (world, code) =>
            {
                // Told of a failure nobody may find half of a copy, and told of success everybody a whole one.
                var entries = await Operations.ListAsync(world);
                Assert.All(entries, entry => Assert.Equal(CopyState.Good, entry.State));
                Assert.True(code != 0 || entries.Count == 3, "it ended well, and there is no copy");
                await Survival.AssertAsync(world, template.Copies.Keys);
            }
        );
    }
}
