namespace Holdfast.Core.Stores;

/// <summary>
/// A place for immutable objects: a directory, a bucket. Objects appear whole or not at all. Every method is
/// thread-safe, and throws <see cref="StoreException"/> for each failure of the store (after the store's own retries)
/// and <see cref="OperationCanceledException"/> when cancelled.
/// </summary>
public interface IObjectStore : IDisposable
{
    /// <summary>The address for people: where it is, without secrets.</summary>
    string Address { get; }

    /// <summary>
    /// Writes an object and verifies that the store holds these bytes (size and a digest; when the store offers no
    /// digest, by reading back). An interrupted or failed write leaves nothing under the name.
    /// </summary>
    /// <returns>The object as the store now holds it.</returns>
    /// <exception cref="StoreException">
    /// <see cref="StoreFault.AlreadyExists"/> when <paramref name="condition"/> is <see cref="PutCondition.IfAbsent"/>
    /// and another object of that name exists. A retry of an earlier, unanswered write of the same bytes succeeds.
    /// </exception>
    Task<ObjectInfo> PutAsync(
        ObjectKey key,
        ObjectContent content,
        PutCondition condition,
        CancellationToken cancellationToken
    );

    /// <summary>
    /// Opens an object, or a range of it, for sequential reading. A connection lost while reading is resumed by the
    /// store where it can; reading throws <see cref="StoreException"/> too. A range beyond the end yields fewer bytes.
    /// </summary>
    /// <exception cref="StoreException"><see cref="StoreFault.NotFound"/> when there is no such object.</exception>
    Task<Stream> OpenReadAsync(ObjectKey key, ByteRange? range, CancellationToken cancellationToken);

    /// <summary>
    /// Lists the objects whose key begins with <paramref name="prefix"/> (any text, "" for all), in the order of their
    /// UTF-8 bytes, beginning behind <paramref name="startAfter"/>. A listing that fails midway throws: it never just
    /// ends. Objects that other programs put there are listed too, unless their name is no valid key.
    /// </summary>
    IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, ObjectKey? startAfter, CancellationToken cancellationToken);

    /// <summary>What the store knows of an object; null when it does not exist.</summary>
    Task<ObjectInfo?> HeadAsync(ObjectKey key, CancellationToken cancellationToken);

    /// <summary>Removes an object; succeeds when it does not exist.</summary>
    Task DeleteAsync(ObjectKey key, CancellationToken cancellationToken);
}

/// <summary>When a write may take place.</summary>
public enum PutCondition
{
    /// <summary>Only when no object of that name exists: the first of several writers wins.</summary>
    IfAbsent,

    /// <summary>Always; an existing object is replaced as a whole.</summary>
    Always,
}

/// <summary>A range of bytes of an object.</summary>
/// <param name="Offset">The first byte, from 0.</param>
/// <param name="Length">The number of bytes, at least 1.</param>
public readonly record struct ByteRange(long Offset, long Length);

/// <summary>What a store knows of an object.</summary>
/// <param name="Key">The name.</param>
/// <param name="Size">The length in bytes.</param>
/// <param name="LastModified">When the store says it was written; never used to order or to choose copies.</param>
/// <param name="Sha256">The digest the store keeps with the object; null when it keeps none or was not asked (listing).</param>
public sealed record ObjectInfo(ObjectKey Key, long Size, DateTimeOffset LastModified, Sha256Digest? Sha256 = null);
