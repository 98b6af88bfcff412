namespace Holdfast.Core.Stores;

/// <summary>Reading of small objects.</summary>
public static class StoreReading
{
    /// <summary>Reads a whole object into memory.</summary>
    /// <param name="store">Where it is.</param>
    /// <param name="key">Its name.</param>
    /// <param name="maxBytes">The largest size that is believed; stored bytes may be hostile.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="StoreException">It does not exist, cannot be read, or is larger than allowed.</exception>
    public static async Task<byte[]> ReadAllAsync(
        this IObjectStore store,
        ObjectKey key,
        int maxBytes,
        CancellationToken cancellationToken
    )
    {
        await using var stream = await store
            .OpenReadAsync(key, new ByteRange(0, (long)maxBytes + 1), cancellationToken)
            .ConfigureAwait(false);
        using var buffer = new MemoryStream();
        await stream.CopyToAsync(buffer, cancellationToken).ConfigureAwait(false);
        return buffer.Length <= maxBytes
            ? buffer.ToArray()
            : throw new StoreException(StoreFault.Damaged, $"{key} at {store.Address} is larger than {maxBytes} bytes");
    }
}
