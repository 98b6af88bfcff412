using Holdfast.Core.Errors;
using Holdfast.Core.Retention;
using Holdfast.Core.Stores;

namespace Holdfast.Core.Snapshots;

/// <summary>What pruning did at one target.</summary>
/// <param name="Deleted">Copies that are gone.</param>
/// <param name="Marked">Copies that will be deleted after the grace period.</param>
/// <param name="Unmarked">Copies that are wanted again.</param>
/// <param name="Failed">Copies for which it failed, with the reason; the next run tries again.</param>
public sealed record PruneResult(
    IReadOnlyList<SnapshotEntry> Deleted,
    IReadOnlyList<SnapshotEntry> Marked,
    IReadOnlyList<SnapshotEntry> Unmarked,
    IReadOnlyList<(SnapshotEntry Entry, HoldfastException Error)> Failed
)
{
    /// <summary>Copies that the store does not let go of yet; a later run deletes them.</summary>
    public IReadOnlyList<SnapshotEntry> Locked { get; init; } = [];

    /// <summary>Copies that stay, and were locked for longer.</summary>
    public IReadOnlyList<SnapshotEntry> Extended { get; init; } = [];
}

/// <summary>Applies retention to the snapshots of one database at one target. Thread-safe.</summary>
public sealed class SnapshotRetention(IObjectStore store, SnapshotCatalogue catalogue, TimeProvider time)
{
    private static readonly Sidecar[] RecordsOfACopy = [Sidecar.Verified, Sidecar.Damaged, Sidecar.Marked];

    /// <summary>Decides about every copy; nothing is changed.</summary>
    public async Task<RetentionPlan> PlanAsync(
        IReadOnlyList<SnapshotEntry> entries,
        RetentionRules rules,
        TimeZoneInfo zone,
        CancellationToken cancellationToken
    )
    {
        // A mark that cannot be read begins anew: too long a grace period is safe, too short a one is not.
        var marks = await catalogue.ReadMarksAsync(entries, cancellationToken);
        var candidates = entries.Select(entry => new RetentionCandidate(
            entry.Key.Value,
            entry.Name.Time,
            entry.State,
            entry.IsPinned,
            marks.GetValueOrDefault(entry.Key)?.Time
        ));
        return RetentionPlan.Decide(candidates, rules, zone, time.GetUtcNow());
    }

    /// <summary>Carries a plan out. A failure at one copy does not stop the others.</summary>
    public async Task<PruneResult> CarryOutAsync(
        RetentionPlan plan,
        IReadOnlyList<SnapshotEntry> entries,
        CancellationToken cancellationToken
    )
    {
        var byKey = entries.ToDictionary(e => e.Key.Value, StringComparer.Ordinal);
        List<SnapshotEntry> deleted = [];
        List<SnapshotEntry> marked = [];
        List<SnapshotEntry> unmarked = [];
        List<(SnapshotEntry, HoldfastException)> failed = [];
        List<SnapshotEntry> locked = [];
        List<SnapshotEntry> extended = [];
        foreach (var decision in plan.Decisions)
        {
            var entry = byKey[decision.Id];
            try
            {
                switch (decision.Verdict)
                {
                    case RetentionVerdict.Sweep when await DeleteAsync(entry, cancellationToken):
                        deleted.Add(entry);
                        break;
                    case RetentionVerdict.Mark:
                        await MarkAsync(entry, decision.Reasons[0], cancellationToken);
                        marked.Add(entry);
                        break;
                    case RetentionVerdict.Unmark:
                        await store.DeleteAsync(Sidecar.Marked.For(entry.Key), cancellationToken);
                        unmarked.Add(entry);
                        break;
                }

                if (decision.IsKept && await ExtendAsync(entry, cancellationToken) > 0)
                {
                    extended.Add(entry);
                }
            }
            catch (StoreException error) when (error.Fault == StoreFault.Locked)
            {
                locked.Add(entry);
            }
            catch (HoldfastException error)
            {
                failed.Add((entry, error));
            }
        }

        return new PruneResult(deleted, marked, unmarked, failed) { Locked = locked, Extended = extended };
    }

    // The manifest before its copy: whatever comes in between, a copy that can be deleted has no manifest that cannot.
    private Task<int> ExtendAsync(SnapshotEntry entry, CancellationToken cancellationToken)
    {
        ObjectKey[] keys =
        [
            .. entry
                .Sidecars.Where(sidecar => sidecar is Sidecar.Manifest or Sidecar.Pin)
                .Select(s => s.For(entry.Key)),
            .. entry.IsMissing ? Array.Empty<ObjectKey>() : [entry.Key],
        ];
        var written = entry.Name.IsTimeAmbiguous ? DateTimeOffset.UnixEpoch : entry.Name.Time;
        return Retaining.ExtendAsync(
            store,
            keys.Select(key => new ObjectInfo(key, Size: 0, written)),
            time,
            cancellationToken
        );
    }

    /// <summary>Pins a copy: retention never deletes it.</summary>
    public async Task PinAsync(SnapshotEntry entry, string? reason, CancellationToken cancellationToken)
    {
        var pin = new SnapshotMark { Time = time.GetUtcNow(), Reason = reason };
        await catalogue.WriteAsync(Sidecar.Pin, entry.Key, pin, SnapshotJson.Default.SnapshotMark, cancellationToken);
        await store.DeleteAsync(Sidecar.Marked.For(entry.Key), cancellationToken);
    }

    /// <summary>Gives a copy back to retention.</summary>
    public Task UnpinAsync(SnapshotEntry entry, CancellationToken cancellationToken) =>
        store.DeleteAsync(Sidecar.Pin.For(entry.Key), cancellationToken);

    /// <summary>
    /// Deletes a copy unless it was pinned since it was listed. The manifest goes first and the copy last: killed in
    /// between, what is left is a copy without a manifest, which later runs decide about, never a manifest without its
    /// copy, nor a mark or a record that a later copy of the same name would inherit. A copy that only its manifest tells
    /// would never be found again without it: of such a one the manifest goes last.
    /// </summary>
    private async Task<bool> DeleteAsync(SnapshotEntry entry, CancellationToken cancellationToken)
    {
        if (await store.HeadAsync(Sidecar.Pin.For(entry.Key), cancellationToken) is not null)
        {
            return false;
        }

        await RequireOursAsync(entry, cancellationToken);

        // Also those that were not there when it was listed: a verification may have come in between.
        var manifest = Sidecar.Manifest.For(entry.Key);
        ObjectKey[] records = [.. RecordsOfACopy.Select(sidecar => sidecar.For(entry.Key))];
        ObjectKey[] order = catalogue.KnowsByName(entry.Key)
            ? [manifest, .. records, entry.Key]
            : [.. records, entry.Key, manifest];
        foreach (var key in order)
        {
            await store.DeleteAsync(key, cancellationToken);
        }

        return true;
    }

    // Two databases may use one target, and names of one may fit the template of the other.
    private async Task RequireOursAsync(SnapshotEntry entry, CancellationToken cancellationToken)
    {
        var manifests = await catalogue.ReadManifestsAsync([entry], cancellationToken);
        if (
            catalogue.Database is { } database
            && manifests.GetValueOrDefault(entry.Key) is { } manifest
            && !string.Equals(manifest.Database, database, StringComparison.Ordinal)
        )
        {
            throw new HoldfastException(
                ErrorCode.Refused,
                $"{entry.Key} at {store.Address} is a copy of '{manifest.Database}', not of '{database}'; it was not deleted",
                "give each database names of its own: put {database} into the name template"
            );
        }
    }

    private Task MarkAsync(SnapshotEntry entry, string reason, CancellationToken cancellationToken) =>
        catalogue.WriteAsync(
            Sidecar.Marked,
            entry.Key,
            new SnapshotMark { Time = time.GetUtcNow(), Reason = reason },
            SnapshotJson.Default.SnapshotMark,
            cancellationToken
        );
}
