using Holdfast.Core.Errors;
using Holdfast.Core.Stores;

namespace Holdfast.Core.Timeline.Shipping;

/// <summary>Calls of a store that are made again, after a growing wait, until they succeed. Thread-safe.</summary>
internal sealed class StoreCalls(IObjectStore store, TimelineShipperOptions options, TimeProvider time)
{
    private readonly Lock gate = new();
    private int failing;
    private long retries;

    public long Retries => Interlocked.Read(ref retries);

    public string? LastError { get; private set; }

    public DateTimeOffset? LastErrorAt { get; private set; }

    /// <summary>Whether a call waits to be made again.</summary>
    public bool IsFailing => Volatile.Read(ref failing) > 0;

    /// <summary>Whether the store has refused to delete.</summary>
    public bool DeletionRefused { get; private set; }

    /// <summary>The same calls, as retention makes them.</summary>
    public Retention.RetentionCalls ForRetention =>
        new(
            (prefix, token) => ListAsync(prefix, isNew: false, token),
            (key, token) => ReadAsync((store, t) => Retention.RetentionCalls.ReadAsync(store, key, t), token),
            PutAsync,
            DeleteAsync
        );

    /// <summary>Writes an object, each time with the same bytes.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.AlreadyExists"/>: others wrote another one.</exception>
    public Task PutAsync(ObjectKey key, ObjectContent content, CancellationToken cancellationToken) =>
        RetryAsync(
            token => store.PutAsync(key, content, PutCondition.IfAbsent, token),
            static error => error.Fault == StoreFault.AlreadyExists,
            cancellationToken
        );

    /// <summary>Lists objects, all of them or none.</summary>
    /// <param name="prefix">What their names begin with.</param>
    /// <param name="isNew">Nothing was ever stored there: the target itself may not exist yet.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<List<ObjectInfo>> ListAsync(string prefix, bool isNew, CancellationToken cancellationToken)
    {
        try
        {
            return await RetryAsync(
                async token =>
                {
                    var found = new List<ObjectInfo>();
                    await foreach (var info in store.ListAsync(prefix, startAfter: null, token))
                    {
                        found.Add(info);
                    }

                    return found;
                },
                error => isNew && error.Fault == StoreFault.TargetNotFound,
                cancellationToken
            );
        }
        catch (StoreException error) when (isNew && error.Fault == StoreFault.TargetNotFound)
        {
            return [];
        }
    }

    /// <summary>Reads something; what does not exist is told at once.</summary>
    public Task<T> ReadAsync<T>(
        Func<IObjectStore, CancellationToken, Task<T>> read,
        CancellationToken cancellationToken
    ) => RetryAsync(token => read(store, token), static error => error.Fault == StoreFault.NotFound, cancellationToken);

    /// <summary>How long the store retains what is written; null when it does not.</summary>
    public TimeSpan? RetainFor => (store as IRetainingStore)?.RetainFor;

    /// <summary>Retains what is needed for longer, where too little of its time is left. One attempt: the next one comes.</summary>
    public async Task ExtendAsync(IEnumerable<ObjectInfo> needed, CancellationToken cancellationToken)
    {
        try
        {
            _ = await Retaining.ExtendAsync(store, needed, time, cancellationToken);
        }
        catch (StoreException error)
        {
            Note(error);
        }
    }

    /// <summary>Removes an object, unless the store does not allow it, which is fine: one that it holds fast goes later.</summary>
    public async Task<Retention.Deletion> DeleteAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (DeletionRefused)
        {
            return Retention.Deletion.Refused;
        }

        try
        {
            await RetryAsync(
                async token =>
                {
                    await store.DeleteAsync(key, token);
                    return true;
                },
                static error => error.Fault is StoreFault.Denied or StoreFault.Locked,
                cancellationToken
            );
            return Retention.Deletion.Done;
        }
        catch (StoreException error) when (error.Fault == StoreFault.Locked)
        {
            return Retention.Deletion.Locked;
        }
        catch (StoreException error) when (error.Fault == StoreFault.Denied)
        {
            DeletionRefused = true;
            return Retention.Deletion.Refused;
        }
    }

    private async Task<T> RetryAsync<T>(
        Func<CancellationToken, Task<T>> call,
        Func<StoreException, bool> isFinal,
        CancellationToken cancellationToken
    )
    {
        var wait = options.FirstRetry;
        var failed = false;
        try
        {
            while (true)
            {
                try
                {
                    return await call(cancellationToken);
                }
                catch (StoreException error) when (!isFinal(error))
                {
                    if (!failed)
                    {
                        failed = true;
                        _ = Interlocked.Increment(ref failing);
                    }

                    Note(error);
                    _ = Interlocked.Increment(ref retries);
                }

                await Task.Delay(wait, time, cancellationToken);
                wait = wait * 2 < options.LongestRetry ? wait * 2 : options.LongestRetry;
            }
        }
        finally
        {
            if (failed)
            {
                _ = Interlocked.Decrement(ref failing);
            }
        }
    }

    /// <summary>Notes a failure for the status.</summary>
    public void Note(HoldfastException error)
    {
        lock (gate)
        {
            LastError = error.Message;
            LastErrorAt = time.GetUtcNow();
        }
    }
}
