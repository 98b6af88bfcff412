namespace Holdfast.Core.Stores;

/// <summary>
/// A store that was asked to hold what is written fast: until a moment nobody can remove or replace those bytes, not even
/// with the keys that wrote them. Each write retains by itself, so that no caller can forget it. Thread-safe.
/// </summary>
public interface IRetainingStore : IObjectStore
{
    /// <summary>How long each object is retained when it is written; null when the store was not asked to.</summary>
    TimeSpan? RetainFor { get; }

    /// <summary>Whether the store can retain at all; asks the store.</summary>
    Task<bool> CanRetainAsync(CancellationToken cancellationToken);

    /// <summary>Until when an object is retained; null when it is not.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.NotFound"/> when there is no such object.</exception>
    Task<DateTimeOffset?> RetainedUntilAsync(ObjectKey key, CancellationToken cancellationToken);

    /// <summary>Retains an object until a later moment, and makes sure that the store does; it is never shortened.</summary>
    /// <exception cref="StoreException">
    /// <see cref="StoreFault.NotFound"/> when there is no such object; <see cref="StoreFault.Unexpected"/> when the store
    /// took the request and does not retain.
    /// </exception>
    Task RetainAsync(ObjectKey key, DateTimeOffset until, CancellationToken cancellationToken);
}
