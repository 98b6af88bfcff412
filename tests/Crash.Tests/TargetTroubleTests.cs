using Holdfast.Crash.Tests.Killing;
using Holdfast.Crash.Tests.Worlds;

namespace Holdfast.Crash.Tests;

/// <summary>Directories of copies that become read-only, or go away.</summary>
public sealed class TargetTroubleTests
{
    [Fact]
    public async Task I_am_told_that_the_directory_of_the_copies_is_read_only()
    {
        using var world = World.Create();
        await Operations.SeedAsync(world, copies: 2);
        await using var disk = await SmallDisk.MountAsync(world.Place.Address);
        await disk.SetReadOnlyAsync(true);
        var oldest = world.Copies.Keys.Min(StringComparer.Ordinal)!;
        foreach (
            var arguments in (string[][])
                [
                    ["backup", world.Source, "--to", world.Place.Address],
                    ["prune", "app", "--from", world.Place.Address, "--keep", "last=1 min=1", "--yes"],
                    ["pin", "app", "--from", world.Place.Address, "--id", oldest],
                ]
        )
        {
            var result = await world.Command(arguments).RunAsync();
            Assert.True(result.Code is 14 or 3, $"{arguments[0]}: {result.Code} {result.Errors}");
            Assert.Contains("ead-only file system", result.Errors, StringComparison.Ordinal);
            await Survival.AssertCopiesAsync(world, world.Copies.Keys);
        }

        await disk.SetReadOnlyAsync(false);
        await Survival.AssertAsync(world, world.Copies.Keys);
    }

    [Theory]
    [InlineData("flock", 1)]
    [InlineData("renameat2", 1)]
    [InlineData("fsync", 2)]
    [InlineData("fsync", 3)]
    [InlineData("renameat2", 2)]
    public async Task I_have_a_whole_copy_or_an_error_when_the_directory_is_removed_during_a_backup(
        string call,
        int ordinal
    )
    {
        await Strace.RequireAsync();
        using var world = World.Create();
        await Operations.SeedAsync(world, copies: 1);
        var result = await Strace.PauseAsync(
            world.Command("backup", world.Source, "--to", world.Place.Address),
            new KillPoint(call, ordinal, ""),
            () => Directory.Delete(world.Place.Address, recursive: true)
        );
        if (result.Code == 0)
        {
            Assert.Single(await Survival.AssertCopiesAsync(world));
        }
        else
        {
            Assert.True(result.Code is 10, result.Errors);
            Assert.Contains("does not exist", result.Errors, StringComparison.Ordinal);
            Assert.False(Directory.Exists(world.Place.Address));
            Directory.CreateDirectory(world.Place.Address);
        }

        world.Copies.Clear();
        await Survival.AssertAsync(world);
    }
}
