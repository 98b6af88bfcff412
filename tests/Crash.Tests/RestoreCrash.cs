using Holdfast.Core.Engines;
using Holdfast.Core.Restoring;
using Holdfast.Core.Snapshots;
using Holdfast.Crash.Tests.Killing;
using Holdfast.Crash.Tests.Worlds;
using Holdfast.Engines.Sqlite.Interop;

namespace Holdfast.Crash.Tests;

/// <summary>
/// Kills a restore everywhere. What an application then finds where the database was is the old one as a whole, the new
/// one as a whole, or, for the moment between them, what no program can open: never anything else.
/// </summary>
internal static class RestoreCrash
{
    /// <summary>A world with a database where it is to be restored, that differs from all copies.</summary>
    public static async Task<World> WorldAsync(Action<string> crashTheApplication)
    {
        var world = World.Create();
        await Operations.SeedAsync(world, copies: 2, "PRAGMA journal_mode = wal");
        File.Copy(world.Source, world.Live);
        Sql.Run(world.Live, Sql.MoreRows(15));
        crashTheApplication(world.Live);
        world.LiveContent = Leftovers.Look(world.Live);
        return world;
    }

    public static string[] Arguments(World world, params string[] options) =>
        ["restore", "app", "--from", world.Place.Address, "--output", world.Live, .. options];

    /// <summary>Whether a restore was killed between the old database and the new one.</summary>
    public static bool IsInterrupted(string path) => new FileInfo(path).LinkTarget is not null;

    public static Task RunAsync(World template, params string[] options) => RunAsync(template, Blow.Kill, options);

    public static async Task RunAsync(World template, Blow blow, params string[] options)
    {
        var wasInterrupted = IsInterrupted(template.Live);
        var found = new Dictionary<string, int>(StringComparer.Ordinal);
        var matrix = new CrashMatrix(template, world => Arguments(world, options)) { Blow = blow };
        await matrix.RunAsync(
            async (world, code) =>
            {
                var state = Look(world, wasInterrupted);
                Assert.True(code != 0 || state == "new", $"it ended well, and what is there is {state}");
                found[state] = found.GetValueOrDefault(state) + 1;
                await RestoreAgainAsync(world, mayBeThere: state != "nothing" && state != "interrupted");
                AssertRestored(world);
                await Survival.AssertAsync(world, template.Copies.Keys);
            }
        );
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", found.Select(f => $"{f.Key}: {f.Value}")));
        Assert.Contains("new", found.Keys);
    }

    private static string Look(World world, bool wasInterrupted)
    {
        if (IsInterrupted(world.Live))
        {
            // Also programs that would create a missing database cannot open this.
            Assert.Throws<SqliteException>(() => Sql.Fingerprint(world.Live));
            Assert.Contains(world.LiveContent, Kept(world).Select(Leftovers.Look));
            return "interrupted";
        }

        if (!File.Exists(world.Live))
        {
            Assert.Null(world.LiveContent);
            return "nothing";
        }

        var content = Leftovers.Look(world.Live);
        if (content == world.NewestCopy)
        {
            return "new";
        }

        Assert.False(wasInterrupted, "the old database is back");
        Assert.Equal(world.LiveContent, content);
        return "old";
    }

    private static async Task RestoreAgainAsync(World world, bool mayBeThere)
    {
        using var store = world.Place.Open();
        var catalogue = Operations.Catalogue(store);
        var restore = new SnapshotRestore(store, catalogue, world.Paths, TimeProvider.System);
        await restore.RunAsync(
            await restore.PlanAsync(new SnapshotSelection(), CancellationToken.None),
            Operations.Engine,
            new RestoreRequest { Destination = world.Live, Force = mayBeThere },
            progress: null,
            CancellationToken.None
        );
    }

    // The new database as an application opens it, and beside it only whole databases that were there before.
    private static void AssertRestored(World world)
    {
        Assert.Equal(world.NewestCopy, Leftovers.Look(world.Live));
        string?[] before = [world.LiveContent, world.NewestCopy];
        Assert.All(Kept(world), kept => Assert.Contains(Leftovers.Look(kept), before));
        if (world.LiveContent is not null)
        {
            Assert.Contains(world.LiveContent, Kept(world).Select(Leftovers.Look));
        }
    }

    private static IEnumerable<string> Kept(World world) =>
        Directory
            .EnumerateFileSystemEntries(Path.GetDirectoryName(world.Live)!, "app.db.before-restore-*")
            .Where(path => !path.EndsWith("-wal", StringComparison.Ordinal))
            .Where(path => !path.EndsWith("-journal", StringComparison.Ordinal))
            .Where(path => !IsInterrupted(path));
}
