using Holdfast.Core.Retention;
using Holdfast.Core.Snapshots;
using Holdfast.Core.Stores;
using Holdfast.Crash.Tests.Killing;
using Holdfast.Crash.Tests.Worlds;

namespace Holdfast.Crash.Tests;

/// <summary>Disks with too little room, page by page more of it, until there is enough.</summary>
public sealed class FullDiskTests
{
    private const long Page = 4096;
    private const int MostPages = 64;

    [Fact]
    public async Task I_have_whole_copies_only_when_the_disk_of_the_copies_is_full()
    {
        using var world = World.Create();
        await Operations.SeedAsync(world, copies: 2);
        await using var disk = await SmallDisk.MountAsync(world.Place.Address);
        var failures = await UntilItFitsAsync(disk, step: 2, () => BackUp(world), CheckAsync);
        Assert.True(failures > 3, "there was room all the time");

        await disk.ResizeAsync(1 << 24);
        await Survival.AssertAsync(world, world.Copies.Keys);

        async Task CheckAsync(ProcessResult result)
        {
            AssertSaysSo(result);
            var entries = await Survival.AssertCopiesAsync(world, world.Copies.Keys);
            Assert.Equal(world.Copies.Count, entries.Count);
            Assert.All(entries, entry => Assert.Equal(CopyState.Good, entry.State));
            await Survival.AssertNothingLeftAsync(world);
        }
    }

    [Fact]
    public async Task I_am_told_when_the_disk_for_temporary_files_is_full()
    {
        using var world = World.Create();
        await Operations.SeedAsync(world, copies: 1);
        await using var disk = await SmallDisk.MountAsync(world.ScratchOption);
        var failures = await UntilItFitsAsync(disk, step: 6, () => BackUp(world), CheckAsync);
        Assert.True(failures > 3, "there was room all the time");

        await disk.ResizeAsync(1 << 24);
        await Survival.AssertAsync(world, world.Copies.Keys);

        async Task CheckAsync(ProcessResult result)
        {
            AssertSaysSo(result);
            Assert.Single(await Operations.ListAsync(world));
            await Survival.AssertNothingLeftAsync(world);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task I_keep_the_old_database_when_its_disk_is_full(bool withManifest)
    {
        using var world = await RestoreCrash.WorldAsync(Leftovers.LeaveWal);
        if (!withManifest)
        {
            await RemoveManifestAsync(world);
        }

        await using var disk = await SmallDisk.MountAsync(Path.GetDirectoryName(world.Live)!);
        var failures = await UntilItFitsAsync(disk, step: 3, Restore, CheckAsync);
        Assert.True(failures > 3, "there was room all the time");
        Assert.Equal(world.NewestCopy, Leftovers.Look(world.Live));

        Task<ProcessResult> Restore() => world.Command(RestoreCrash.Arguments(world, "--force")).RunAsync();

        Task CheckAsync(ProcessResult result)
        {
            AssertSaysSo(result);
            Assert.Equal(world.LiveContent, Leftovers.Look(world.Live));
            string[] files = [.. new[] { "", "-wal" }.Select(part => world.Live + part)];
            Assert.Equal(files, Directory.EnumerateFiles(Path.GetDirectoryName(world.Live)!).Order());
            return Task.CompletedTask;
        }
    }

    private static Task<ProcessResult> BackUp(World world) =>
        world.Command("backup", world.Source, "--to", world.Place.Address).RunAsync();

    private static async Task RemoveManifestAsync(World world)
    {
        using var store = world.Place.Open();
        var newest = new ObjectKey(world.Copies.Keys.Max(StringComparer.Ordinal)!);
        await store.DeleteAsync(Sidecar.Manifest.For(newest), CancellationToken.None);
    }

    private static async Task<int> UntilItFitsAsync(
        SmallDisk disk,
        int step,
        Func<Task<ProcessResult>> run,
        Func<ProcessResult, Task> checkFailure
    )
    {
        // Not below one page: a size of zero means no limit.
        var used = Math.Max(1, (disk.Used + Page - 1) / Page);
        for (var pages = 0; pages <= MostPages; pages += step)
        {
            await disk.ResizeAsync((used + pages) * Page);
            var result = await run();
            if (result.Code == 0)
            {
                return pages / step;
            }

            await checkFailure(result);
        }

        Assert.Fail("it is never large enough");
        return 0;
    }

    private static void AssertSaysSo(ProcessResult result)
    {
        Assert.Equal(1, result.Code);
        Assert.Contains("error: ", result.Errors, StringComparison.Ordinal);
        Assert.Matches("No space|are free|room|space", result.Errors);
        Assert.DoesNotContain("damaged", result.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Errors, StringComparison.Ordinal);
    }
}
