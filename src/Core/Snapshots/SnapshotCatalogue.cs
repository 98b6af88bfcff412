using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Holdfast.Core.Stores;

namespace Holdfast.Core.Snapshots;

/// <summary>
/// The snapshots at one target. The target itself is the catalogue: objects are recognised by their names, or by a
/// manifest beside them; everything else is foreign and never touched. Thread-safe.
/// </summary>
/// <param name="store">The target.</param>
/// <param name="templates">
/// The names that are recognised, the first that fits counts. The first template is how copies are named; the others
/// guess, and where one of those fits, a manifest knows better: a name may hold local time.
/// </param>
/// <param name="database">The database; null for all of them.</param>
public sealed class SnapshotCatalogue(IObjectStore store, IReadOnlyList<NameTemplate> templates, string? database)
{
    private const int ReadsAtOnce = 16;

    /// <summary>Lists the snapshots, newest first.</summary>
    /// <exception cref="StoreException">The target cannot be listed.</exception>
    public async Task<IReadOnlyList<SnapshotEntry>> ListAsync(CancellationToken cancellationToken)
    {
        var sizes = new Dictionary<ObjectKey, long>();
        var sidecars = new Dictionary<ObjectKey, HashSet<Sidecar>>();
        await foreach (var found in store.ListAsync("", startAfter: null, cancellationToken))
        {
            if (SidecarNames.Read(found.Key) is not var (snapshot, sidecar))
            {
                sizes.Add(found.Key, found.Size);
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

        var entries = new List<SnapshotEntry>();
        var claimed = new Dictionary<ObjectKey, SnapshotName?>();
        foreach (
            var key in sizes.Keys.Union(sidecars.Where(s => s.Value.Contains(Sidecar.Manifest)).Select(s => s.Key))
        )
        {
            var hasManifest = sidecars.TryGetValue(key, out var known) && known.Contains(Sidecar.Manifest);
            var own = database is null ? null : templates[0].Match(key);
            var name = own ?? templates.Select(t => t.Match(key)).FirstOrDefault(m => m is not null);
            if (own is null && hasManifest)
            {
                claimed.Add(key, name);
            }
            else if (name is not null)
            {
                entries.Add(Entry(name, sizes, sidecars));
            }
        }

        entries.AddRange((await ReadClaimsAsync(claimed, cancellationToken)).Select(n => Entry(n, sizes, sidecars)));
        return
        [
            .. entries
                .OrderByDescending(e => e.Name.Time)
                .ThenByDescending(e => e.Name.Sequence)
                .ThenByDescending(e => e.Key),
        ];
    }

    /// <summary>Reads a snapshot's manifest; null when it has none.</summary>
    /// <exception cref="StoreException">It cannot be read, or is damaged.</exception>
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
            (key, token) => ReadJsonAsync(places[key], SnapshotJson.Default.VerificationRecord, token),
            cancellationToken
        );
    }

    /// <summary>When a snapshot was marked for deletion; null when it is not marked, or the mark is gone.</summary>
    public async Task<SnapshotMark?> ReadMarkAsync(SnapshotEntry entry, CancellationToken cancellationToken) =>
        entry.IsMarked
            ? await ReadJsonAsync(Sidecar.Marked.For(entry.Key), SnapshotJson.Default.SnapshotMark, cancellationToken)
            : null;

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

    // What the manifests say of these names; where one cannot be used, what the name seems to say.
    private async Task<IEnumerable<SnapshotName>> ReadClaimsAsync(
        IReadOnlyDictionary<ObjectKey, SnapshotName?> guesses,
        CancellationToken cancellationToken
    )
    {
        var manifests = await ReadAllAsync(guesses.Keys, ReadManifestAsync, cancellationToken);
        return guesses
            .Select(g => manifests.TryGetValue(g.Key, out var manifest) ? Claim(g.Key, manifest) : g.Value)
            .OfType<SnapshotName>()
            .Where(n => database is null || string.Equals(n.Database, database, StringComparison.Ordinal));
    }

    private static SnapshotName Claim(ObjectKey key, SnapshotManifest manifest) =>
        new(key, manifest.Database, manifest.Time, Sequence: 1, manifest.Reason, SnapshotName.IdOf(key));

    private async Task<SnapshotManifest> ReadManifestAsync(ObjectKey snapshot, CancellationToken cancellationToken)
    {
        var key = Sidecar.Manifest.For(snapshot);
        var bytes = await store.ReadAllAsync(key, SnapshotManifest.MaxBytes, cancellationToken);
        return SnapshotManifest.Parse(bytes, $"{key} at {store.Address}");
    }

    private async Task<T> ReadJsonAsync<T>(ObjectKey key, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        var bytes = await store.ReadAllAsync(key, SnapshotManifest.MaxBytes, cancellationToken);
        try
        {
            return JsonSerializer.Deserialize(bytes, type) ?? throw new JsonException("it is empty");
        }
        catch (JsonException error)
        {
            throw new StoreException(
                StoreFault.Damaged,
                $"{key} at {store.Address} cannot be read: {error.Message}",
                innerException: error
            );
        }
    }

    // What one object says must not hide all others: a damaged or vanished one is left out here and found by verify.
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
                catch (StoreException error) when (error.Fault is StoreFault.NotFound or StoreFault.Damaged) { }
            }
        );
        return found;
    }
}
