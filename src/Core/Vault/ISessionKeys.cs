using Holdfast.Core.Errors;

namespace Holdfast.Core.Vault;

/// <summary>Finds the keys under which the segments of one database were sealed. Thread-safe.</summary>
public interface ISessionKeys
{
    /// <summary>Finds a key.</summary>
    /// <exception cref="HoldfastException">
    /// <see cref="ErrorCode.WrongKey"/>: it was not wrapped for the key at hand.
    /// </exception>
    /// <exception cref="Stores.StoreException">
    /// <see cref="Stores.StoreFault.NotFound"/>: the vault does not hold it (any more).
    /// </exception>
    ValueTask<SessionKey> FindAsync(KeyId session, CancellationToken cancellationToken);
}
