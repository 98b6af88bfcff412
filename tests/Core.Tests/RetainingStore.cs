using System.Collections.Concurrent;
using Holdfast.Core.Stores;

namespace Holdfast.Core.Tests;

/// <summary>A store that holds what is written fast, by a clock of the test, and keeps no versions.</summary>
internal sealed class RetainingStore(IObjectStore inner, TimeSpan period, TimeProvider time) : IRetainingStore
{
    private readonly ConcurrentDictionary<string, (DateTimeOffset Written, DateTimeOffset Until)> held = new();
    private int refusals;

    public string Address => inner.Address;

    public TimeSpan? RetainFor => period;

    /// <summary>How often it has refused to delete.</summary>
    public int Refusals => Volatile.Read(ref refusals);

    public DateTimeOffset UntilOf(string name) => held[name].Until;

    public async Task<ObjectInfo> PutAsync(
        ObjectKey key,
        ObjectContent content,
        PutCondition condition,
        CancellationToken cancellationToken
    )
    {
        var now = time.GetUtcNow();
        held[key.Value] = (now, now + period);
        return await inner.PutAsync(key, content, condition, cancellationToken);
    }

    public Task<Stream> OpenReadAsync(ObjectKey key, ByteRange? range, CancellationToken cancellationToken) =>
        inner.OpenReadAsync(key, range, cancellationToken);

    public IAsyncEnumerable<ObjectInfo> ListAsync(
        string prefix,
        ObjectKey? startAfter,
        CancellationToken cancellationToken
    ) =>
        inner
            .ListAsync(prefix, startAfter, cancellationToken)
            .Select(info => info with { LastModified = held[info.Key.Value].Written });

    public Task<ObjectInfo?> HeadAsync(ObjectKey key, CancellationToken cancellationToken) =>
        inner.HeadAsync(key, cancellationToken);

    public Task DeleteAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (held.TryGetValue(key.Value, out var known) && known.Until > time.GetUtcNow())
        {
            _ = Interlocked.Increment(ref refusals);
            throw new StoreException(StoreFault.Locked, $"{key} is locked until {known.Until:u}");
        }

        return inner.DeleteAsync(key, cancellationToken);
    }

    public Task<bool> CanRetainAsync(CancellationToken cancellationToken) => Task.FromResult(true);

    public Task<DateTimeOffset?> RetainedUntilAsync(ObjectKey key, CancellationToken cancellationToken) =>
        Task.FromResult(held.TryGetValue(key.Value, out var known) ? known.Until : (DateTimeOffset?)null);

    public Task RetainAsync(ObjectKey key, DateTimeOffset until, CancellationToken cancellationToken)
    {
        _ = held.AddOrUpdate(key.Value, _ => (time.GetUtcNow(), until), (_, known) => known with { Until = until });
        return Task.CompletedTask;
    }

    public void Dispose() => inner.Dispose();
}
