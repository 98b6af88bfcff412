using Holdfast.Core.Codecs;
using Holdfast.Core.Engines;
using Holdfast.Core.Errors;
using Holdfast.Core.Retention;
using Holdfast.Core.Snapshots;
using Holdfast.Core.Stores;
using Holdfast.Core.Timeline.Retention;
using Holdfast.Core.Vault;

namespace Holdfast.Cli.Setup;

/// <summary>One database as a command deals with it, whether configured or named by its path.</summary>
internal sealed record DatabaseSetup
{
    /// <summary>The name in the catalogue.</summary>
    public required string Name { get; init; }

    /// <summary>Whether it is named by the configuration.</summary>
    public bool IsConfigured { get; init; }

    /// <summary>Whether snapshots are taken also when its timeline is kept: they were asked for.</summary>
    public bool TakesSnapshots { get; init; }

    /// <summary>How its timeline is kept; null when it is not configured to be.</summary>
    public TimelineSetup? Timeline { get; init; }

    /// <summary>The database; null when a command only reads copies and no source was named.</summary>
    public IDatabase? Source { get; init; }

    public required IDatabaseEngine Engine { get; init; }

    /// <summary>Where it is restored to when nothing else is said; null when only a name was given.</summary>
    public string? Destination { get; init; }

    public required NameTemplate Template { get; init; }

    /// <summary>Other names under which its copies are recognised.</summary>
    public IReadOnlyList<NameTemplate> OtherTemplates { get; init; } = [];

    public Compression Compression { get; init; } = Compression.Gzip;

    public int? Level { get; init; }

    public long CompressAbove { get; init; }

    /// <summary>Whether copies are encrypted, for the keys of the vaults that they go to.</summary>
    public bool Encrypt { get; init; }

    public CheckLevel Check { get; init; } = CheckLevel.Integrity;

    public TimeZoneInfo Zone { get; init; } = TimeZoneInfo.Utc;

    public required IReadOnlyList<TargetSetup> Targets { get; init; }

    public TimeSpan? Rpo { get; init; }

    public TimeSpan? Rto { get; init; }

    /// <summary>Whether there is nothing at its place, which is another thing than something that is no database.</summary>
    public bool IsMissing => Destination is { } path && !Engine.Exists(path);

    public SnapshotPlan Plan =>
        new()
        {
            Database = Name,
            Source = RequireSource(),
            Name = Template,
            Compression = Compression,
            Level = Level,
            CompressAbove = CompressAbove,
            Check = Check,
        };

    public IDatabase RequireSource() =>
        Source
        ?? throw new HoldfastException(
            ErrorCode.SourceMissing,
            $"'{Name}' is neither a configured database nor a file",
            "give the path of the database"
        );

    public SnapshotCatalogue Catalogue(TargetSetup target) => new(target.Store, [Template, .. OtherTemplates], Name);
}

/// <summary>One target of a database.</summary>
internal sealed class TargetSetup(string name, string address, Func<IObjectStore> open, RetentionRules rules)
    : IDisposable
{
    private readonly Lazy<IObjectStore> store = new(open);

    public string Name => name;

    public string Address => address;

    /// <summary>What is kept; none keeps all.</summary>
    public RetentionRules Rules => rules;

    /// <summary>What the configuration says of it as a vault; null when it says nothing.</summary>
    public ConfiguredVault? Vault { get; set; }

    /// <summary>Whether the bucket's own rules delete, and Holdfast never does.</summary>
    public bool BucketDeletes { get; init; }

    /// <summary>How long every commit of a timeline is kept; null for ever.</summary>
    /// <value>The default value is 48 hours.</value>
    public TimeSpan? KeepEveryCommit { get; set; } = TimeSpan.FromHours(48);

    /// <summary>The rules for restore points of a timeline that are older.</summary>
    public RetentionRules KeepPoints { get; set; } = new() { Min = 1 };

    /// <summary>The time zone in which the periods of these rules begin.</summary>
    public TimeZoneInfo PointsZone { get; set; } = TimeZoneInfo.Utc;

    /// <summary>What of a timeline is to stay.</summary>
    public TimelineKeep TimelineKeep =>
        new()
        {
            EveryCommit = KeepEveryCommit,
            Points = KeepPoints,
            Zone = PointsZone,
        };

    /// <summary>The store, opened at its first use.</summary>
    public IObjectStore Store => store.Value;

    public void Dispose()
    {
        if (store.IsValueCreated)
        {
            store.Value.Dispose();
        }
    }
}
