using System.Runtime.CompilerServices;
using Amazon.S3.Model;
using Holdfast.Core.Stores;

namespace Holdfast.Stores.S3;

/// <summary>
/// A bucket, or a prefix of one, of Amazon S3 or a compatible service as an object store. Writes are verified by the
/// digest that the service answers with, or by reading back. Never reads the environment, unless it is given no keys.
/// </summary>
public sealed class S3Store : IObjectStore
{
    private readonly S3Connection s3;

    private S3Store(S3Connection s3) => this.s3 = s3;

    /// <inheritdoc/>
    public string Address => s3.Address;

    /// <summary>Creates a store; nothing is sent yet.</summary>
    /// <param name="options">Where it is, from <see cref="S3Address.Parse"/>.</param>
    /// <param name="time">For waiting and timeouts; null for the clock of the system.</param>
    /// <exception cref="Core.Errors.HoldfastException">The file of authorities cannot be read.</exception>
    public static S3Store Create(S3Options options, TimeProvider? time = null) =>
        new(new S3Connection(options, time ?? TimeProvider.System));

    /// <inheritdoc/>
    public Task<ObjectInfo> PutAsync(
        ObjectKey key,
        ObjectContent content,
        PutCondition condition,
        CancellationToken cancellationToken
    ) => new Upload(s3, key, content, condition).RunAsync(cancellationToken);

    /// <inheritdoc/>
    public Task<Stream> OpenReadAsync(
        ObjectKey key,
        Core.Stores.ByteRange? range,
        CancellationToken cancellationToken
    ) => S3Objects.OpenReadAsync(s3, key, range, cancellationToken);

    /// <inheritdoc/>
    public Task<ObjectInfo?> HeadAsync(ObjectKey key, CancellationToken cancellationToken) =>
        S3Objects.HeadAsync(s3, key, cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<ObjectInfo> ListAsync(
        string prefix,
        ObjectKey? startAfter,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var last = startAfter?.Value;
        await foreach (var found in S3Listing.ListAsync(s3, prefix, startAfter, cancellationToken))
        {
            if (!ObjectKey.IsValid(found.Key[s3.Root.Length..]))
            {
                continue;
            }

            var key = new ObjectKey(found.Key[s3.Root.Length..]);
            if (last != null && key <= new ObjectKey(last))
            {
                throw S3Listing.OutOfOrder(s3, last, key.Value);
            }

            last = key.Value;
            yield return new ObjectInfo(key, found.Size ?? 0, S3Objects.TimeOf(found.LastModified));
        }
    }

    /// <inheritdoc/>
    public async Task DeleteAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        var request = new DeleteObjectRequest { BucketName = s3.Bucket, Key = s3.NameOf(key) };
        try
        {
            await s3.CallAsync(
                $"removing {key}",
                client => client.DeleteObjectAsync(request, cancellationToken),
                cancellationToken
            );
        }
        catch (StoreException error) when (error.Fault == StoreFault.NotFound)
        {
            // Some services tell; it is gone all the same.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => s3.Dispose();
}
