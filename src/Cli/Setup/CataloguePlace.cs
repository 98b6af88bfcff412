using Holdfast.Core.Engines;
using Holdfast.Core.Snapshots;

namespace Holdfast.Cli.Setup;

/// <summary>The copies of one database, or of all, at one target.</summary>
/// <param name="Database">The database; null for all.</param>
/// <param name="Target">The target.</param>
/// <param name="Catalogue">Its copies.</param>
/// <param name="Engine">The engine that checks them.</param>
internal sealed record CataloguePlace(
    string? Database,
    TargetSetup Target,
    SnapshotCatalogue Catalogue,
    IDatabaseEngine Engine
);
