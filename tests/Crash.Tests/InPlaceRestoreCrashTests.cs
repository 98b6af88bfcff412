using Holdfast.Core.Engines;
using Holdfast.Core.Restoring;
using Holdfast.Core.Snapshots;
using Holdfast.Crash.Tests.Killing;
using Holdfast.Crash.Tests.Worlds;

namespace Holdfast.Crash.Tests;

/// <summary>A restore into a database in WAL mode that is not replaced.</summary>
public sealed class InPlaceWalRestoreCrashTests
{
    [Fact]
    public async Task I_find_the_old_or_the_new_rows_after_a_restore_in_place_was_killed_anywhere()
    {
        using var template = await RestoreCrash.WorldAsync(Leftovers.LeaveWal);
        await InPlaceRestoreCrash.RunAsync(template, Blow.Kill);
    }

    [Fact]
    public async Task I_find_the_old_or_the_new_rows_after_the_disk_became_full_during_a_restore_in_place()
    {
        using var template = await RestoreCrash.WorldAsync(Leftovers.LeaveWal);
        await InPlaceRestoreCrash.RunAsync(template, Blow.DiskFull);
    }
}

/// <summary>A restore into a database in a rollback mode.</summary>
public sealed class InPlaceJournalRestoreCrashTests
{
    [Fact]
    public async Task I_find_the_old_or_the_new_rows_after_a_restore_in_place_was_killed_anywhere()
    {
        using var template = await RestoreCrash.WorldAsync(Leftovers.LeaveHotJournal);
        await InPlaceRestoreCrash.RunAsync(template, Blow.Kill);
    }
}

/// <summary>Strikes a restore in place everywhere: the database is whole before and after, and what it held is never lost.</summary>
internal static class InPlaceRestoreCrash
{
    public static async Task RunAsync(World template, Blow blow)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        var matrix = new CrashMatrix(template, world => RestoreCrash.Arguments(world, "--in-place")) { Blow = blow };
        await matrix.RunAsync(
            async (world, code) =>
            {
                var content = Leftovers.Look(world.Live);
                found.Add(content == world.NewestCopy ? "new" : "old");
                Assert.Contains(content, (string[])[world.LiveContent!, world.NewestCopy]);
                Assert.True(code != 0 || content == world.NewestCopy, "it ended well, and the old rows are there");
                if (content == world.NewestCopy)
                {
                    Assert.Contains(world.LiveContent, Kept(world).Select(Leftovers.Look));
                }

                await RestoreAgainAsync(world);
                Assert.Equal(world.NewestCopy, Leftovers.Look(world.Live));
                string[] before = [world.LiveContent!, world.NewestCopy];
                Assert.All(Kept(world).Select(Leftovers.Look), kept => Assert.Contains(kept, before));
                await Survival.AssertAsync(world, template.Copies.Keys);
            }
        );
        Assert.Equal(["new", "old"], found.Order());
    }

    private static async Task RestoreAgainAsync(World world)
    {
        using var store = world.Place.Open();
        var restore = new SnapshotRestore(store, Operations.Catalogue(store), world.Paths, TimeProvider.System);
        await restore.RunAsync(
            await restore.PlanAsync(new SnapshotSelection(), CancellationToken.None),
            Operations.Engine,
            new RestoreRequest
            {
                Destination = world.Live,
                Safety = new InPlaceSafety(Path.Combine(Directory(world), $"again-{Guid.NewGuid():N}.db")),
            },
            progress: null,
            CancellationToken.None
        );
    }

    private static string Directory(World world) => world.Live + ".before-restore";

    private static IEnumerable<string> Kept(World world) =>
        System.IO.Directory.Exists(Directory(world))
            ? System.IO.Directory.EnumerateFiles(Directory(world), "a*.db")
            : [];
}
