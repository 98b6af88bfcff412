using Holdfast.Core.Errors;
using Holdfast.Core.Stores;

namespace Holdfast.Core.Snapshots;

/// <summary>Puts a copy and its manifest into a store, under a name that nobody has.</summary>
internal static class SnapshotWriter
{
    private const int MostNames = 1000;

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
        var key = await PutUnderFreeNameAsync(store, name, content, cancellationToken);
        var bytes = (manifest with { Name = key.Value[(key.Value.LastIndexOf('/') + 1)..] }).ToBytes();
        try
        {
            await store.PutAsync(
                Sidecar.Manifest.For(key),
                ObjectContent.FromBytes(bytes),
                PutCondition.IfAbsent,
                cancellationToken
            );
            return key;
        }
        catch (Exception error) when (error is StoreException or OperationCanceledException)
        {
            await RemoveAsync(store, key);
            throw;
        }
    }

    private static async Task<ObjectKey> PutUnderFreeNameAsync(
        IObjectStore store,
        Func<int, ObjectKey> name,
        ObjectContent content,
        CancellationToken cancellationToken
    )
    {
        for (var sequence = 1; sequence <= MostNames; sequence++)
        {
            var key = name(sequence);
            if (await ExistsAsync(store, key, cancellationToken))
            {
                continue;
            }

            try
            {
                await store.PutAsync(key, content, PutCondition.IfAbsent, cancellationToken);
                return key;
            }
            catch (StoreException error) when (error.Fault == StoreFault.AlreadyExists)
            {
                // Another backup of the same second was faster; the next name is tried.
            }
        }

        throw new HoldfastException(
            ErrorCode.Failure,
            $"{MostNames} copies named like {name(1)} exist at {store.Address}",
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

    // A copy whose backup was reported as failed must not stay behind. Best effort: credentials may not allow it, and
    // then it is listed as unverified.
    private static async Task RemoveAsync(IObjectStore store, ObjectKey key)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            await store.DeleteAsync(key, limit.Token);
        }
        catch (Exception error) when (error is StoreException or OperationCanceledException)
        {
            return;
        }
    }
}
