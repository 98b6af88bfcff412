using Holdfast.Core.Codecs;
using Holdfast.Core.Engines;
using Holdfast.Core.Files;
using Holdfast.Core.Restoring;
using Holdfast.Core.Snapshots;
using Holdfast.Core.Stores;
using Holdfast.Engines.Sqlite;
using Holdfast.Stores.Directories;
using Holdfast.Testing;

namespace Holdfast.Core.Tests.Snapshots;

/// <summary>A database, a directory as its target, a clock, and all that is done with them.</summary>
internal sealed class Cellar : IDisposable
{
    public const string Template = "{database}-{time:yyyyMMdd-HHmmss}.db";

    private readonly ScratchDirectory root = new();

    public Cellar()
    {
        Source = TestDatabase.Create(root["cellar.db"]);
        Directory.CreateDirectory(root["target"]);
        Store = new HookedStore(new DirectoryStore(root["target"], createRoot: false));
        Paths = new WorkPaths(root["locks"], root["scratch"]);
    }

    public ManualClock Clock { get; } = new();

    public string Source { get; }

    public HookedStore Store { get; }

    public WorkPaths Paths { get; }

    public SqliteEngine Engine { get; } = new(TimeProvider.System);

    public string Name { get; set; } = Template;

    public Compression Compression { get; set; } = Compression.Gzip;

    public TimeZoneInfo Zone { get; set; } = TimeZoneInfo.Utc;

    public CheckLevel Check { get; set; } = CheckLevel.Integrity;

    public SnapshotCatalogue Catalogue => CatalogueOf("cellar");

    public SnapshotVerification Verification => new(Store, Catalogue, Paths, Clock);

    public SnapshotRestore Restoring => new(Store, Catalogue, Paths, Clock);

    public SnapshotRetention Retention => new(Store, Catalogue, Clock);

    public string Restored => root["restored.db"];

    /// <summary>The names at the target.</summary>
    public IEnumerable<string> Objects =>
        Directory
            .EnumerateFiles(root["target"], "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(root["target"], path))
            .Order(StringComparer.Ordinal);

    /// <summary>The file of an object at the target.</summary>
    public string this[ObjectKey key] => Path.Combine(root["target"], key.Value);

    public string this[string key] => Path.Combine(root["target"], key);

    public SnapshotCatalogue CatalogueOf(string? database) =>
        new(Store, [NameTemplate.Parse(Name, database, Zone)], database);

    public SnapshotPlan Plan(string database = "cellar") =>
        new()
        {
            Database = database,
            Source = new SqliteDatabase(Source, new SqliteOptions(), TimeProvider.System),
            Name = NameTemplate.Parse(Name, database, Zone),
            Compression = Compression,
            Check = Check,
        };

    /// <summary>Makes a copy at the target.</summary>
    public async Task<ObjectKey> BackupAsync(string? reason = null)
    {
        var result = await RunAsync([new SnapshotTarget("target", Store)], reason);
        var stored = Assert.Single(result.Targets);
        return stored.Key ?? throw stored.Error!;
    }

    public Task<BackupResult> RunAsync(
        IReadOnlyList<SnapshotTarget> targets,
        string? reason = null,
        CancellationToken cancellationToken = default
    ) => new SnapshotBackup(Paths, Clock).RunAsync(Plan(), targets, reason, progress: null, cancellationToken);

    /// <summary>Makes several copies, a day apart, oldest first, each with one row more.</summary>
    public async Task<IReadOnlyList<ObjectKey>> BackupDailyAsync(int days)
    {
        var keys = new List<ObjectKey>();
        for (var day = 0; day < days; day++)
        {
            Clock.Advance(TimeSpan.FromDays(1));
            TestDatabase.Execute(Source, "INSERT INTO bottles(label) VALUES ('another')");
            keys.Add(await BackupAsync());
        }

        return keys;
    }

    public async Task<IReadOnlyList<SnapshotEntry>> ListAsync() => await Catalogue.ListAsync(default);

    public async Task<SnapshotEntry> EntryAsync(ObjectKey key) => (await ListAsync()).Single(e => e.Key == key);

    public async Task<VerificationResult> VerifyAsync(ObjectKey key, VerifyLevel level) =>
        await Verification.RunAsync(await EntryAsync(key), Engine, level, progress: null, default);

    public async Task<CellarRestore> RestoreAsync(
        SnapshotSelection? selection = null,
        OnCorrupt onCorrupt = OnCorrupt.Fail,
        CheckLevel? check = null
    )
    {
        var plan = await Restoring.PlanAsync(selection ?? new SnapshotSelection(), default);
        var (restored, skipped) = await MomentRestore.RunAsync(
            [new SnapshotMoment(Restoring, plan)],
            onCorrupt,
            Engine,
            new RestoreRequest { Destination = Restored, Check = check },
            progress: null,
            default
        );
        var moment = (SnapshotMoment)restored.Moment;
        return new CellarRestore(
            moment.Entry,
            moment.Manifest,
            restored.Placement,
            restored.Bytes,
            restored.Checks,
            skipped
        );
    }

    /// <summary>Changes one byte in the middle of a file.</summary>
    public void Flip(ObjectKey key)
    {
        var bytes = File.ReadAllBytes(this[key]);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(this[key], bytes);
    }

    /// <summary>Rewrites a manifest.</summary>
    public void Lie(ObjectKey key, Func<SnapshotManifest, SnapshotManifest> change)
    {
        var path = this[Sidecar.Manifest.For(key)];
        File.WriteAllBytes(path, change(SnapshotManifest.Parse(File.ReadAllBytes(path), "it")).ToBytes());
    }

    public void AssertNothingLeft()
    {
        Assert.Empty(Directory.Exists(Paths.Scratch) ? Directory.GetFileSystemEntries(Paths.Scratch) : []);
        Assert.DoesNotContain(Objects, name => name.EndsWith(PendingFile.Suffix, StringComparison.Ordinal));
        Assert.DoesNotContain(
            Directory.GetFiles(root.Path),
            path => path.EndsWith(PendingFile.Suffix, StringComparison.Ordinal)
        );
    }

    public void Dispose()
    {
        Store.Dispose();
        root.Dispose();
    }
}

/// <summary>What was restored, and what was passed over.</summary>
internal sealed record CellarRestore(
    SnapshotEntry Entry,
    SnapshotManifest? Manifest,
    Placement Placement,
    long Bytes,
    IReadOnlyList<string> Checks,
    IReadOnlyList<string> Skipped
);
