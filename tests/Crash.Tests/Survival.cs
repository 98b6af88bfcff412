using Holdfast.Core.Files;
using Holdfast.Core.Retention;
using Holdfast.Core.Snapshots;
using Holdfast.Core.Stores;
using Holdfast.Crash.Tests.Worlds;

namespace Holdfast.Crash.Tests;

/// <summary>What must hold after a crash, whatever the command was doing.</summary>
internal static class Survival
{
    private static readonly EnumerationOptions EverywhereOfAnyKind = new()
    {
        RecurseSubdirectories = true,
        AttributesToSkip = FileAttributes.None,
    };

    /// <summary>
    /// Everything in one: the database and the copies are as they were, the next backup works without a hand's turn,
    /// what it stored can be restored, and nothing of the dead run is left.
    /// </summary>
    /// <param name="world">After the crash.</param>
    /// <param name="mustBeThere">The copies that nothing may have removed.</param>
    public static async Task AssertAsync(World world, params IEnumerable<string> mustBeThere)
    {
        Assert.Equal(world.Content, Sql.Fingerprint(world.Source));
        await AssertCopiesAsync(world, mustBeThere);

        var next = await Operations.BackupAsync(world, TimeProvider.System);
        var entries = await AssertCopiesAsync(world, [next, .. mustBeThere]);
        Assert.Equal(CopyState.Good, entries.Single(e => e.Key.Value == next).State);
        await AssertNothingLeftAsync(world);
    }

    /// <summary>Each listed copy, also one without a manifest, restores to what was copied.</summary>
    public static async Task<IReadOnlyList<SnapshotEntry>> AssertCopiesAsync(
        World world,
        params IEnumerable<string> mustBeThere
    )
    {
        var entries = await Operations.ListAsync(world);
        var names = entries.Select(e => e.Key.Value).ToHashSet(StringComparer.Ordinal);
        Assert.Superset(mustBeThere.ToHashSet(StringComparer.Ordinal), names);
        foreach (var entry in entries)
        {
            var expected = world.Copies.GetValueOrDefault(entry.Key.Value, world.Content);
            Assert.False(entry.IsMissing, $"{entry.Key} is listed, and is not there");
            Assert.Equal(expected, await Operations.RestoreAsync(world, entry));
        }

        return entries;
    }

    /// <summary>Nothing is left of killed runs: no temporary file, no lock's owner, no object without its copy.</summary>
    public static async Task AssertNothingLeftAsync(World world)
    {
        // An empty scratch directory may stay for a minute: who died there had not begun, or was done.
        Assert.Equal([], Directory.EnumerateFiles(world.ScratchOption, "*", SearchOption.AllDirectories));
        Assert.Equal([], Directory.EnumerateFiles(world.Root, "*" + PendingFile.Suffix, EverywhereOfAnyKind));

        var objects = await world.Place.NamesAsync();
        var listed = (await Operations.ListAsync(world)).Select(e => e.Key.Value).ToHashSet(StringComparer.Ordinal);
        Assert.Equal([], objects.Where(o => !listed.Contains(CopyOf(o))));
    }

    private static string CopyOf(string name) =>
        SidecarNames.Read(new ObjectKey(name)) is var (copy, _) ? copy.Value : name;
}
