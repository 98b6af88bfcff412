using System.Text.Json;
using Holdfast.Core.Codecs;
using Holdfast.Core.Restoring;
using Holdfast.Core.Retention;
using Holdfast.Core.Snapshots;
using Holdfast.Core.Stores;
using Holdfast.Engines.Sqlite;

namespace Holdfast.Crash.Tests.Worlds;

/// <summary>What the command does, in this process: to set a world up quickly, and to go on after a crash.</summary>
internal static class Operations
{
    private static readonly NameTemplate Name = NameTemplate.Parse(
        NameTemplate.Default + ".db",
        "app",
        TimeZoneInfo.Utc
    );

    public static SqliteEngine Engine { get; } = new(TimeProvider.System);

    /// <summary>Makes a database of generations, with a verified copy of each, the oldest some days ago.</summary>
    /// <param name="world">Where.</param>
    /// <param name="copies">How many.</param>
    /// <param name="pragmas">How the database is kept.</param>
    /// <param name="name">How the copies are named; null for the default.</param>
    public static async Task SeedAsync(World world, int copies, string pragmas = "", NameTemplate? name = null)
    {
        Sql.Run(world.Source, pragmas + ";" + Sql.MoreRows(100));
        for (var age = copies; age > 0; age--)
        {
            var clock = new FixedClock(TimeProvider.System.GetUtcNow().AddDays(-age));
            world.Copies.Add(await BackupAsync(world, clock, name), Sql.Fingerprint(world.Source));
            Sql.Run(world.Source, Sql.MoreRows(10));
        }

        world.Content = Sql.Fingerprint(world.Source);
        await VerifyAllAsync(world);
    }

    /// <summary>Makes a copy.</summary>
    /// <returns>Its name.</returns>
    public static async Task<string> BackupAsync(World world, TimeProvider clock, NameTemplate? name = null)
    {
        using var store = world.Place.Open();
        var plan = new SnapshotPlan
        {
            Database = "app",
            Source = new SqliteDatabase(world.Source, new SqliteOptions(), TimeProvider.System),
            Name = name ?? Name,
            Compression = Compression.Gzip,
        };
        var target = new SnapshotTarget("target", store);
        var result = await new SnapshotBackup(world.Paths, clock).RunAsync(
            plan,
            [target],
            reason: null,
            progress: null,
            CancellationToken.None
        );
        return result.Targets[0].Error is { } error ? throw error : result.Targets[0].Key!.Value.Value;
    }

    public static SnapshotCatalogue Catalogue(IObjectStore store) => new(store, [Name], "app");

    public static async Task<IReadOnlyList<SnapshotEntry>> ListAsync(World world)
    {
        using var store = world.Place.Open();
        return await Catalogue(store).ListAsync(CancellationToken.None);
    }

    /// <summary>Restores one copy and tells what it holds.</summary>
    public static async Task<string> RestoreAsync(World world, SnapshotEntry entry)
    {
        var destination = Path.Combine(world.Root, "check", "restored.db");
        using var store = world.Place.Open();
        var catalogue = Catalogue(store);
        var restore = new SnapshotRestore(store, catalogue, world.Paths, TimeProvider.System);
        await restore.RunAsync(
            new RestorePlan([entry], await catalogue.ReadManifestAsync(entry, CancellationToken.None)),
            Engine,
            new RestoreRequest { Destination = destination },
            progress: null,
            CancellationToken.None
        );
        try
        {
            return Sql.Fingerprint(destination);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(destination)!, recursive: true);
        }
    }

    public static async Task VerifyAllAsync(World world)
    {
        using var store = world.Place.Open();
        var catalogue = Catalogue(store);
        var verification = new SnapshotVerification(store, catalogue, world.Paths, TimeProvider.System);
        foreach (var entry in await catalogue.ListAsync(CancellationToken.None))
        {
            var result = await verification.RunAsync(entry, Engine, VerifyLevel.Restore, null, CancellationToken.None);
            Assert.True(result.Recorded, string.Join(", ", result.Problems));
        }
    }

    public static async Task PruneAsync(World world, string rules, TimeProvider clock)
    {
        using var store = world.Place.Open();
        var catalogue = Catalogue(store);
        var entries = await catalogue.ListAsync(CancellationToken.None);
        var retention = new SnapshotRetention(store, catalogue, clock);
        Assert.True(RetentionRules.TryParse(rules, out var parsed, out var problems), string.Join(", ", problems));
        var plan = await retention.PlanAsync(entries, parsed, TimeZoneInfo.Utc, CancellationToken.None);
        var result = await retention.CarryOutAsync(plan, entries, CancellationToken.None);
        Assert.Empty(result.Failed);
    }

    /// <summary>Marks copies for deletion, as retention does it.</summary>
    public static async Task MarkAsync(World world, IEnumerable<string> copies, TimeProvider clock)
    {
        using var store = world.Place.Open();
        foreach (var copy in copies)
        {
            var mark = JsonSerializer.SerializeToUtf8Bytes(new { holdfast = 1, time = clock.GetUtcNow() });
            await store.PutAsync(
                Sidecar.Marked.For(new ObjectKey(copy)),
                ObjectContent.FromBytes(mark),
                PutCondition.Always,
                CancellationToken.None
            );
        }
    }
}
