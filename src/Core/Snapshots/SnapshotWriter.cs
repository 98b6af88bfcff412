using Holdfast.Core.Errors;
using Holdfast.Core.Stores;

namespace Holdfast.Core.Snapshots;

/// <summary>Puts a copy and its manifest into a store, under a name that nobody has.</summary>
internal static class SnapshotWriter
{
    private static readonly TimeSpan LimitOfCleaning = TimeSpan.FromSeconds(10);

    /// <summary>Stores the copy, then the manifest.</summary>
    /// <returns>The name under which it was stored.</returns>
    public static async Task<ObjectKey> WriteAsync(
        IObjectStore store,
        Func<int, ObjectKey> name,
        SnapshotManifest manifest,
        ObjectContent content,
        CancellationToken cancellationToken
    )
    {
        for (var sequence = 1; sequence <= NameTemplate.LastSequence; sequence++)
        {
            var key = name(sequence);
            if (
                !await ExistsAsync(store, key, cancellationToken)
                && await TryPutCopyAsync(store, key, content, cancellationToken)
                && await TryPutManifestAsync(store, key, manifest with { Name = key.FileName() }, cancellationToken)
            )
            {
                return key;
            }
        }

        throw new HoldfastException(
            ErrorCode.Failure,
            $"{NameTemplate.LastSequence} copies named like {name(1)} exist at {store.Address}",
            "put a finer time or {id} into the name template"
        );
    }

    // Some stores ignore the condition of a write. Looking first keeps a copy of the same second there, too. When looking
    // is not possible (credentials that only write, a directory that is made by the first write), the write decides.
    private static async Task<bool> ExistsAsync(IObjectStore store, ObjectKey key, CancellationToken cancellationToken)
    {
        try
        {
            return await store.HeadAsync(key, cancellationToken) is not null;
        }
        catch (StoreException error) when (error.Fault is StoreFault.Denied or StoreFault.TargetNotFound)
        {
            return false;
        }
    }

    private static async Task<bool> TryPutCopyAsync(
        IObjectStore store,
        ObjectKey key,
        ObjectContent content,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await store.PutAsync(key, content, PutCondition.IfAbsent, cancellationToken);
            return true;
        }
        catch (StoreException error) when (error.Fault == StoreFault.AlreadyExists)
        {
            return false;
        }
    }

    /// <summary>Stores the manifest. When that fails the copy is removed, unless it turns out not to be ours.</summary>
    /// <returns>False when the name belongs to another backup.</returns>
    private static async Task<bool> TryPutManifestAsync(
        IObjectStore store,
        ObjectKey key,
        SnapshotManifest manifest,
        CancellationToken cancellationToken
    )
    {
        var bytes = manifest.ToBytes();
        try
        {
            var content = ObjectContent.FromBytes(bytes);
            await store.PutAsync(Sidecar.Manifest.For(key), content, PutCondition.IfAbsent, cancellationToken);
            return true;
        }
        catch (Exception error) when (error is StoreException or OperationCanceledException)
        {
            using var limit = new CancellationTokenSource(LimitOfCleaning);
            var isTaken = error is StoreException { Fault: StoreFault.AlreadyExists };
            switch (await OwnerAsync(store, key, manifest, bytes, limit.Token))
            {
                case Owner.ThisBackup when error is StoreException:
                    // It arrived, only the answer got lost.
                    return true;
                case Owner.Nobody:
                    // A copy whose backup is reported as failed must not stay behind.
                    await RemoveAsync(store, key, limit.Token);
                    throw;
                case Owner.LostCopy when isTaken:
                    await RemoveAsync(store, key, limit.Token);
                    return false;
                case Owner.SameCopy when isTaken:
                    return false;
                default:
                    throw;
            }
        }
    }

    // Two backups of one moment can have the same bytes. To a store the second write of them is a retry of the first: it
    // succeeds, and only the manifest tells whose copy it is. Removing it would take it from the other one.
    private static async Task<Owner> OwnerAsync(
        IObjectStore store,
        ObjectKey key,
        SnapshotManifest manifest,
        byte[] bytes,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var place = Sidecar.Manifest.For(key);
            var found = await store.ReadAllAsync(place, SnapshotManifest.MaxBytes, cancellationToken);
            return found.AsSpan().SequenceEqual(bytes) ? Owner.ThisBackup
                : SnapshotManifest.Parse(found, place.Value).Sha256 == manifest.Sha256 ? Owner.SameCopy
                : Owner.LostCopy;
        }
        catch (StoreException error) when (error.Fault is StoreFault.NotFound)
        {
            return Owner.Nobody;
        }
        catch (Exception error) when (error is HoldfastException or OperationCanceledException)
        {
            return Owner.Unknown;
        }
    }

    // Best effort: credentials may not allow it, and then the copy is listed as unverified.
    private static async Task RemoveAsync(IObjectStore store, ObjectKey key, CancellationToken cancellationToken)
    {
        try
        {
            await store.DeleteAsync(key, cancellationToken);
        }
        catch (Exception error) when (error is StoreException or OperationCanceledException)
        {
            return;
        }
    }

    /// <summary>Who wrote the manifest that is there.</summary>
    private enum Owner
    {
        /// <summary>There is none.</summary>
        Nobody,

        /// <summary>It is this backup's.</summary>
        ThisBackup,

        /// <summary>It is another backup's of the same bytes.</summary>
        SameCopy,

        /// <summary>It is that of other bytes, which are gone.</summary>
        LostCopy,

        /// <summary>It cannot be read.</summary>
        Unknown,
    }
}
