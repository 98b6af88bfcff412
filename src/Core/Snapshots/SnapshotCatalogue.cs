using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Holdfast.Core.Errors;
using Holdfast.Core.Stores;
using Holdfast.Core.Timeline.Format;

namespace Holdfast.Core.Snapshots;

/// <summary>
/// The snapshots at one target. The target itself is the catalogue: objects are recognised by their names, or by a
/// manifest beside them; everything else is foreign and never touched. Thread-safe.
/// </summary>
/// <param name="store">The target.</param>
/// <param name="templates">
/// The names that are recognised, the first that fits counts: the first is how copies are named, the others are guesses.
/// </param>
/// <param name="database">The database; null for all of them.</param>
public sealed class SnapshotCatalogue(IObjectStore store, IReadOnlyList<NameTemplate> templates, string? database)
{
    private const int ReadsAtOnce = 16;

    /// <summary>The database; null when this is the catalogue of all.</summary>
    public string? Database => database;

    /// <summary>Lists the snapshots, newest first.</summary>
    /// <exception cref="StoreException">The target cannot be listed.</exception>
    public async Task<IReadOnlyList<SnapshotEntry>> ListAsync(CancellationToken cancellationToken)
    {
        var (sizes, sidecars) = await ListObjectsAsync(cancellationToken);
        var names = new Dictionary<ObjectKey, SnapshotName?>();
        var unclear = new List<ObjectKey>();
        foreach (
            var key in sizes.Keys.Union(sidecars.Where(s => s.Value.Contains(Sidecar.Manifest)).Select(s => s.Key))
        )
        {
            var hasManifest = sidecars.TryGetValue(key, out var known) && known.Contains(Sidecar.Manifest);
            var name = templates[0].Match(key) ?? Guess(key);
            if (name is null && !hasManifest)
            {
                continue;
            }

            names.Add(key, name);
            if (hasManifest && (name is null || name.IsTimeAmbiguous || database is null))
            {
                unclear.Add(key);
            }
        }

        foreach (var (key, manifest) in await ReadAllAsync(unclear, ReadManifestAsync, cancellationToken))
        {
            names[key] = Named(key, names[key], manifest);
        }

        return
        [
            .. names
                .Values.OfType<SnapshotName>()
                .Select(name => Entry(name, sizes, sidecars))
                .OrderByDescending(e => e.Name.Time)
                .ThenByDescending(e => e.Name.Sequence)
                .ThenByDescending(e => e.Key),
        ];
    }

    /// <summary>Reads a snapshot's manifest; null when it has none.</summary>
    /// <exception cref="StoreException">It cannot be read, is damaged, or is that of another object.</exception>
    /// <exception cref="HoldfastException">It is of a later version.</exception>
    public async Task<SnapshotManifest?> ReadManifestAsync(SnapshotEntry entry, CancellationToken cancellationToken) =>
        entry.Sidecars.Contains(Sidecar.Manifest) ? await ReadManifestAsync(entry.Key, cancellationToken) : null;

    /// <summary>Reads the manifests of many snapshots; null where there is none, or where it cannot be used.</summary>
    public async Task<IReadOnlyDictionary<ObjectKey, SnapshotManifest>> ReadManifestsAsync(
        IEnumerable<SnapshotEntry> entries,
        CancellationToken cancellationToken
    )
    {
        var keys = entries.Where(e => e.Sidecars.Contains(Sidecar.Manifest)).Select(e => e.Key);
        return await ReadAllAsync(keys, ReadManifestAsync, cancellationToken);
    }

    /// <summary>Reads the newest verification of each snapshot that has one, good or bad.</summary>
    public async Task<IReadOnlyDictionary<ObjectKey, VerificationRecord>> ReadVerificationsAsync(
        IEnumerable<SnapshotEntry> entries,
        CancellationToken cancellationToken
    )
    {
        var places = entries
            .Where(e => e.Sidecars.Contains(Sidecar.Verified) || e.Sidecars.Contains(Sidecar.Damaged))
            .ToDictionary(
                e => e.Key,
                e => (e.Sidecars.Contains(Sidecar.Damaged) ? Sidecar.Damaged : Sidecar.Verified).For(e.Key)
            );
        return await ReadAllAsync(
            places.Keys,
            (key, token) => ReadAsync(places[key], SnapshotJson.Default.VerificationRecord, token),
            cancellationToken
        );
    }

    /// <summary>Reads the marks of the snapshots that are to be deleted; those that cannot be used are left out.</summary>
    public Task<IReadOnlyDictionary<ObjectKey, SnapshotMark>> ReadMarksAsync(
        IEnumerable<SnapshotEntry> entries,
        CancellationToken cancellationToken
    ) =>
        ReadAllAsync(
            entries.Where(e => e.IsMarked).Select(e => e.Key),
            (key, token) => ReadAsync(Sidecar.Marked.For(key), SnapshotJson.Default.SnapshotMark, token),
            cancellationToken
        );

    /// <summary>Whether a copy is recognised by its name, without a manifest.</summary>
    internal bool KnowsByName(ObjectKey key) => templates.Any(template => template.Match(key) is not null);

    /// <summary>Writes a sidecar that may be replaced.</summary>
    internal Task WriteAsync<T>(
        Sidecar sidecar,
        ObjectKey snapshot,
        T value,
        JsonTypeInfo<T> type,
        CancellationToken cancellationToken
    ) =>
        store.PutAsync(
            sidecar.For(snapshot),
            ObjectContent.FromBytes(JsonSerializer.SerializeToUtf8Bytes(value, type)),
            PutCondition.Always,
            cancellationToken
        );

    private static SnapshotEntry Entry(
        SnapshotName name,
        Dictionary<ObjectKey, long> sizes,
        Dictionary<ObjectKey, HashSet<Sidecar>> sidecars
    ) =>
        new(
            name,
            sizes.GetValueOrDefault(name.Key),
            sidecars.GetValueOrDefault(name.Key) ?? [],
            IsMissing: !sizes.ContainsKey(name.Key)
        );

    // Who made the name may have meant local time: where there is a manifest, its time counts.
    private SnapshotName? Guess(ObjectKey key) =>
        templates.Skip(1).Select(t => t.Match(key)).FirstOrDefault(m => m is not null) is { } name
            ? name with
            {
                IsTimeAmbiguous = true,
            }
            : null;

    // What a name tells goes before what its manifest says, but for what a name cannot tell.
    private SnapshotName? Named(ObjectKey key, SnapshotName? name, SnapshotManifest manifest) =>
        name is not null
            ? name with
            {
                Database = database ?? manifest.Database,
                Time = name.IsTimeAmbiguous ? manifest.Time : name.Time,
                IsTimeAmbiguous = false,
            }
        : database is not null && !string.Equals(manifest.Database, database, StringComparison.Ordinal) ? null
        : new SnapshotName(key, manifest.Database, manifest.Time, Sequence: 1, manifest.Reason, SnapshotName.IdOf(key));

    private async Task<(Dictionary<ObjectKey, long>, Dictionary<ObjectKey, HashSet<Sidecar>>)> ListObjectsAsync(
        CancellationToken cancellationToken
    )
    {
        var sizes = new Dictionary<ObjectKey, long>();
        var sidecars = new Dictionary<ObjectKey, HashSet<Sidecar>>();
        await foreach (var found in ListAllAsync(cancellationToken))
        {
            if (SidecarNames.Read(found.Key) is not var (snapshot, sidecar))
            {
                // Not Add: a listing of many pages may hold an object twice that was replaced meanwhile.
                sizes[found.Key] = found.Size;
            }
            else if (sidecars.TryGetValue(snapshot, out var known))
            {
                known.Add(sidecar);
            }
            else
            {
                sidecars.Add(snapshot, [sidecar]);
            }
        }

        return (sizes, sidecars);
    }

    /// <summary>All objects, but not those of lineages, each of which may have thousands: the listing goes on behind it.</summary>
    private async IAsyncEnumerable<ObjectInfo> ListAllAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        ObjectKey? behind = null;
        for (var isAtEnd = false; !isAtEnd; )
        {
            isAtEnd = true;
            await foreach (var found in store.ListAsync("", behind, cancellationToken))
            {
                if (TimelineNames.LineagePrefixOf(found.Key) is { } lineage)
                {
                    // The character after '/': behind everything that begins so.
                    behind = new ObjectKey($"{lineage[..^1]}0");
                    isAtEnd = false;
                    break;
                }

                yield return found;
            }
        }
    }

    private async Task<SnapshotManifest> ReadManifestAsync(ObjectKey snapshot, CancellationToken cancellationToken)
    {
        var key = Sidecar.Manifest.For(snapshot);
        var where = $"{key} at {store.Address}";
        var bytes = await store.ReadAllAsync(key, SnapshotManifest.MaxBytes, cancellationToken);
        var manifest = SnapshotManifest.Parse(bytes, where);
        return string.Equals(manifest.Name, snapshot.FileName(), StringComparison.Ordinal)
            ? manifest
            : throw StoredRecords.Damaged(where, $"it describes '{manifest.Name}': copies were renamed or swapped");
    }

    private async Task<T> ReadAsync<T>(ObjectKey key, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class, IStoredRecord
    {
        var bytes = await store.ReadAllAsync(key, SnapshotManifest.MaxBytes, cancellationToken);
        return StoredRecords.Parse(bytes, type, $"{key} at {store.Address}");
    }

    // What one object says must not hide all others: one that is damaged, vanished or of a later version is left out here
    // and found by who needs it.
    private static async Task<IReadOnlyDictionary<ObjectKey, T>> ReadAllAsync<T>(
        IEnumerable<ObjectKey> keys,
        Func<ObjectKey, CancellationToken, Task<T>> read,
        CancellationToken cancellationToken
    )
    {
        var found = new System.Collections.Concurrent.ConcurrentDictionary<ObjectKey, T>();
        await Parallel.ForEachAsync(
            keys,
            new ParallelOptions { MaxDegreeOfParallelism = ReadsAtOnce, CancellationToken = cancellationToken },
            async (key, token) =>
            {
                try
                {
                    found[key] = await read(key, token);
                }
                catch (HoldfastException error)
                    when (error is not StoreException { Fault: not (StoreFault.NotFound or StoreFault.Damaged) }) { }
            }
        );
        return found;
    }
}
