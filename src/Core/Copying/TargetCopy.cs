using Holdfast.Core.Errors;
using Holdfast.Core.Files;
using Holdfast.Core.Snapshots;
using Holdfast.Core.Stores;
using Holdfast.Core.Timeline.Format;
using Holdfast.Core.Timeline.Restore;
using Holdfast.Core.Vault;

namespace Holdfast.Core.Copying;

/// <summary>What a copy came to.</summary>
/// <param name="Objects">The objects that were copied.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="There">The objects that were there already.</param>
/// <param name="Different">Those among them that have another size; they were left as they are.</param>
/// <param name="Damaged">What is damaged where it was to be copied from, and was not copied.</param>
public sealed record TargetCopyResult(
    int Objects,
    long Bytes,
    int There,
    IReadOnlyList<ObjectKey> Different,
    IReadOnlyList<string> Damaged
);

/// <summary>
/// Copies what one target holds of a database, and another one does not: the keys of an encrypted vault first, then the
/// timeline, then snapshots; parts before the object with the index, a copy before its manifest. So what is there can be used at
/// every moment, and a copy that was ended is gone on with by the next one. Nothing that is there is changed. Deletion marks and
/// records of verifications belong to one target, and stay there.
/// </summary>
/// <param name="from">Where it is.</param>
/// <param name="to">Where it is to be.</param>
/// <param name="keys">
/// Opens what is sealed, so that it is proven before it is copied; null for a target without encryption, or without a key.
/// </param>
/// <param name="paths">Where scratch files are.</param>
/// <param name="time">The clock.</param>
public sealed class TargetCopy(
    IObjectStore from,
    IObjectStore to,
    ISessionKeys? keys,
    WorkPaths paths,
    TimeProvider time
)
{
    private const int AtOnce = 4;
    private const int MostRounds = 3;

    private readonly Lock gate = new();
    private readonly HashSet<ObjectKey> different = [];
    private readonly List<string> damaged = [];
    private int objects;
    private int there;
    private int removed;
    private long bytes;
    private long total;

    /// <summary>Copies a database.</summary>
    /// <param name="database">Its name.</param>
    /// <param name="snapshots">Its snapshots where they are.</param>
    /// <param name="progress">Told the bytes copied; null for none.</param>
    /// <param name="cancellationToken">Ends it; what was copied stays, and is good.</param>
    /// <exception cref="HoldfastException">
    /// <see cref="ErrorCode.Refused"/>: two vaults would be mixed. <see cref="StoreException"/>: a target cannot be used.
    /// </exception>
    public async Task<TargetCopyResult> RunAsync(
        string database,
        SnapshotCatalogue snapshots,
        IProgress<StepProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var isSealed = await RequireOneVaultAsync(cancellationToken);
        _ = Scratch.SweepOrphans(paths.Scratch, time);
        using var scratch = Scratch.Create(paths.Scratch);
        var transfer = new ObjectTransfer(from, to, scratch);
        for (var round = 0; round == 0 || (removed > 0 && round < MostRounds); round++)
        {
            // What was rolled up meanwhile is found under another name by the next listing.
            (removed, there) = (0, 0);
            damaged.Clear();
            var target = await ListAsync(to, "", cancellationToken);
            var phases = await TimelineAsync(database, isSealed, cancellationToken);
            phases.Insert(0, await VaultAsync(database, isSealed, cancellationToken));
            phases.Add(await SnapshotsAsync(snapshots, cancellationToken));
            phases =
            [
                .. phases
                    .Select(units => units.Select(unit => Missing(unit, target)).Where(u => u != null))
                    .Select(units => units.Select(u => u!).ToList()),
            ];
            total = bytes + phases.Sum(units => units.Sum(unit => unit.Objects.Sum(o => o.Size)));
            foreach (var units in phases)
            {
                await Parallel.ForEachAsync(
                    units,
                    new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
                    async (unit, token) => await CopyAsync(unit, transfer, progress, token)
                );
            }
        }

        return new TargetCopyResult(objects, bytes, there, [.. different.Order()], damaged);
    }

    /// <summary>Whether what is copied is sealed.</summary>
    private async Task<bool> RequireOneVaultAsync(CancellationToken cancellationToken)
    {
        var source = await TargetVault.FindAsync(from, cancellationToken);
        var target = await FindAsync(to, cancellationToken);
        var isSealed = source?.Encryption == VaultEncryption.P256Hpke;
        if (source?.Id == target?.Id || !(isSealed || target?.Encryption == VaultEncryption.P256Hpke))
        {
            return isSealed;
        }

        if (target is not null)
        {
            throw new HoldfastException(
                ErrorCode.Refused,
                $"{to.Address} is the vault {target.Id}, and {from.Address} is {(source is null ? "no vault" : $"the vault {source.Id}")}: two vaults are never mixed",
                "copy to a target of its own: --to TARGET"
            );
        }

        await TargetVault.RequireNoTimelinesAsync(to, cancellationToken);
        return isSealed;
    }

    private static async Task<TargetVault?> FindAsync(IObjectStore store, CancellationToken cancellationToken)
    {
        try
        {
            return await TargetVault.FindAsync(store, cancellationToken);
        }
        catch (StoreException error) when (error.Fault == StoreFault.TargetNotFound)
        {
            return null;
        }
    }

    private static async Task<Dictionary<ObjectKey, ObjectInfo>> ListAsync(
        IObjectStore store,
        string prefix,
        CancellationToken cancellationToken
    )
    {
        var found = new Dictionary<ObjectKey, ObjectInfo>();
        try
        {
            await foreach (var info in store.ListAsync(prefix, startAfter: null, cancellationToken))
            {
                found[info.Key] = info;
            }
        }
        catch (StoreException error) when (error.Fault == StoreFault.TargetNotFound)
        {
            // It is made by the first write.
        }

        return found;
    }

    // The description makes it a vault: all that it needs is there before.
    private async Task<List<Unit>> VaultAsync(string database, bool isSealed, CancellationToken cancellationToken)
    {
        if (!isSealed)
        {
            return [];
        }

        var parts = new List<ObjectInfo>();
        foreach (var prefix in (string[])[VaultNames.Recipients, VaultNames.Removed, VaultNames.Database(database)])
        {
            parts.AddRange((await ListAsync(from, prefix, cancellationToken)).Values);
        }

        return await from.HeadAsync(VaultNames.Description, cancellationToken) is { } description
            ? [new Unit([.. parts, description])]
            : [];
    }

    /// <summary>What there is of the timeline, in the order in which it is to be copied.</summary>
    private async Task<List<List<Unit>>> TimelineAsync(
        string database,
        bool isSealed,
        CancellationToken cancellationToken
    )
    {
        var found = new List<(ObjectInfo Info, TimelineName Name)>();
        foreach (var info in (await ListAsync(from, TimelineNames.Prefix(database), cancellationToken)).Values)
        {
            if (TimelineNames.TryParse(info.Key, database, out _, out var name))
            {
                found.Add((info, name));
            }
        }

        var parts = found
            .Where(o => o.Name.Object == TimelineObject.Part)
            .ToLookup(o => (TimelineNames.LineagePrefixOf(o.Info.Key), o.Name.Stem), o => o.Info);
        var canProve = !isSealed || keys is not null;
        Unit UnitOf((ObjectInfo Info, TimelineName Name) o) =>
            o.Name.IsSegment
                ? new Unit([
                    .. parts[(TimelineNames.LineagePrefixOf(o.Info.Key), TimelineNames.StemOf(o.Info.Key))],
                    o.Info,
                ])
                {
                    IsSegment = canProve,
                }
                : new Unit([o.Info]);

        TimelineObject[][] order =
        [
            [TimelineObject.Base],
            [TimelineObject.Delta],
            [TimelineObject.Closing, TimelineObject.RollUp],
            [TimelineObject.Journal],
            [TimelineObject.Point, TimelineObject.Pin],
        ];
        return
        [
            .. order.Select(kinds =>
                found.Where(o => kinds.Contains(o.Name.Object)).OrderBy(o => o.Info.Key).Select(UnitOf).ToList()
            ),
        ];
    }

    private async Task<List<Unit>> SnapshotsAsync(SnapshotCatalogue snapshots, CancellationToken cancellationToken)
    {
        var entries = (await snapshots.ListAsync(cancellationToken)).Where(e => !e.IsMissing).ToList();
        var manifests = await snapshots.ReadManifestsAsync(entries, cancellationToken);
        var units = new List<Unit>();
        foreach (var entry in entries)
        {
            var described = new List<ObjectInfo> { new(entry.Key, entry.Size, entry.Name.Time) };
            foreach (var sidecar in (Sidecar[])[Sidecar.Pin, Sidecar.Manifest])
            {
                if (
                    entry.Sidecars.Contains(sidecar)
                    && await from.HeadAsync(sidecar.For(entry.Key), cancellationToken) is { } info
                )
                {
                    described.Add(info);
                }
            }

            units.Add(new Unit(described) { Digest = manifests.GetValueOrDefault(entry.Key)?.Sha256 });
        }

        return units;
    }

    /// <summary>What of a unit is not there; null when all of it is.</summary>
    private Unit? Missing(Unit unit, Dictionary<ObjectKey, ObjectInfo> target)
    {
        var missing = new List<ObjectInfo>();
        foreach (var info in unit.Objects)
        {
            if (!target.TryGetValue(info.Key, out var found))
            {
                missing.Add(info);
                continue;
            }

            there++;
            if (found.Size != info.Size)
            {
                _ = different.Add(info.Key);
            }
        }

        return missing.Count == 0
            ? null
            : unit with
            {
                Objects = missing,
                First = unit.Objects[0].Key,
                Last = unit.Objects[^1],
            };
    }

    private async Task CopyAsync(
        Unit unit,
        ObjectTransfer transfer,
        IProgress<StepProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        try
        {
            if (unit is { IsSegment: true, Last: { } index })
            {
                var segment = await SegmentReader.OpenAsync(from, index.Key, index.Size, keys, cancellationToken);
                await segment.VerifyAsync(cancellationToken);
            }

            foreach (var info in unit.Objects)
            {
                var expected = info.Key == unit.First ? unit.Digest : null;
                if (
                    await transfer.CopyAsync(info.Key, PutCondition.IfAbsent, expected, cancellationToken) is { } copied
                )
                {
                    Note(copied, progress);
                }
            }
        }
        catch (HoldfastException error) when (SegmentLostException.IsLoss(error))
        {
            var isRemoved = unit.Last is { } last && await from.HeadAsync(last.Key, cancellationToken) is null;
            lock (gate)
            {
                removed += isRemoved ? 1 : 0;
                if (!isRemoved)
                {
                    damaged.Add(error.Message);
                }
            }
        }
    }

    private void Note(long copied, IProgress<StepProgress>? progress)
    {
        lock (gate)
        {
            objects++;
            bytes += copied;
            progress?.Report(new StepProgress("copy", bytes, Math.Max(bytes, total)));
        }
    }

    /// <summary>Objects that belong together, in the order in which they are copied.</summary>
    private sealed record Unit(List<ObjectInfo> Objects)
    {
        /// <summary>Whether the last is the index of a segment that can be proven.</summary>
        public bool IsSegment { get; init; }

        /// <summary>The digest of the first; null when nothing tells it.</summary>
        public Sha256Digest? Digest { get; init; }

        /// <summary>The first of all, missing or not.</summary>
        public ObjectKey First { get; init; }

        /// <summary>The last of all, missing or not.</summary>
        public ObjectInfo? Last { get; init; }
    }
}
