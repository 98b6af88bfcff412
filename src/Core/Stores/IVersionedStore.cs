namespace Holdfast.Core.Stores;

/// <summary>A store that may keep what was replaced or removed, and can tell what it held at an earlier moment.</summary>
public interface IVersionedStore : IObjectStore
{
    /// <summary>Whether the store keeps what is replaced or removed; asks the store.</summary>
    Task<bool> HasVersionsAsync(CancellationToken cancellationToken);

    /// <summary>
    /// The store as it was at a moment, by the store's own clock: read only, of each object the newest version at or before
    /// the moment. It shares the connection: disposing of either disposes of both. Reading fails with
    /// <see cref="Errors.ErrorCode.Usage"/> where no versions are kept.
    /// </summary>
    IObjectStore AsOf(DateTimeOffset moment);
}
