using Holdfast.Core.Engines;
using Holdfast.Core.Restoring;
using Holdfast.Core.Retention;
using Holdfast.Core.Stores;

namespace Holdfast.Core.Snapshots;

/// <summary>The moment of a snapshot. Not thread-safe.</summary>
public sealed class SnapshotMoment(SnapshotRestore restore, RestorePlan plan) : RestorableMoment
{
    /// <summary>Where it is.</summary>
    public IObjectStore Store => restore.Store;

    /// <summary>The copy.</summary>
    public SnapshotEntry Entry => plan.Entry;

    /// <summary>Its manifest; null when it has none, or none that can be used.</summary>
    public SnapshotManifest? Manifest => plan.Manifest;

    /// <inheritdoc/>
    public override DateTimeOffset Time => Manifest?.Time ?? Entry.Name.Time;

    /// <inheritdoc/>
    public override int Rank => Entry.State == CopyState.Bad ? 2 : 1;

    /// <inheritdoc/>
    public override bool IsSameAs(RestorableMoment other) =>
        other is SnapshotMoment { Manifest: { } theirs }
        && Manifest is { } mine
        && mine.ContentSha256 == theirs.ContentSha256;

    /// <inheritdoc/>
    public override Task<RestoreEstimate> EstimateAsync(CancellationToken cancellationToken) =>
        Task.FromResult(new RestoreEstimate(Objects: 1, Entry.Size, Manifest?.ContentSize));

    /// <inheritdoc/>
    public override async Task<RestoredMoment> RestoreAsync(
        IDatabaseEngine engine,
        RestoreRequest request,
        IProgress<ByteProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var result = await restore.RunAsync(plan, engine, request, progress, cancellationToken);
        var moment = new SnapshotMoment(restore, new RestorePlan([result.Entry], result.Manifest));
        return new RestoredMoment(moment, result.Placement, result.Bytes, result.Entry.Size, result.Checks, Notes: []);
    }

    /// <inheritdoc/>
    public override async Task<RestorableMoment?> OlderAsync(CancellationToken cancellationToken) =>
        plan.Candidates.Count > 1
            ? new SnapshotMoment(restore, await restore.NextAsync(plan, cancellationToken))
            : null;
}
