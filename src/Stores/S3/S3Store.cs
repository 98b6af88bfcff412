using System.Runtime.CompilerServices;
using Amazon.S3;
using Amazon.S3.Model;
using Holdfast.Core.Stores;

namespace Holdfast.Stores.S3;

/// <summary>
/// A bucket, or a prefix of one, of Amazon S3 or a compatible service as an object store. Writes are verified by the
/// digest that the service answers with, or by reading back. Never reads the environment, unless it is given no keys.
/// Where the bucket keeps versions, removing an object only marks it: the versions stay until the bucket's lifecycle
/// removes them.
/// </summary>
public sealed class S3Store : IRetainingStore, IVersionedStore
{
    private readonly S3Connection s3;
    private readonly S3Connection expiring;

    private S3Store(S3Connection s3, S3Connection expiring)
    {
        this.s3 = s3;
        this.expiring = expiring;
    }

    /// <inheritdoc/>
    public string Address => s3.Address;

    /// <inheritdoc/>
    public TimeSpan? RetainFor => s3.Options.Lock?.For;

    /// <summary>Creates a store; nothing is sent yet.</summary>
    /// <param name="options">Where it is, from <see cref="S3Address.Parse"/>.</param>
    /// <param name="time">For waiting and timeouts; null for the clock of the system.</param>
    /// <exception cref="Core.Errors.HoldfastException">The file of authorities cannot be read.</exception>
    public static S3Store Create(S3Options options, TimeProvider? time = null)
    {
        var clock = time ?? TimeProvider.System;
        var s3 = new S3Connection(options, clock);
        return options.Expire is { } keys
            ? new S3Store(s3, new S3Connection(options with { Credentials = keys, CredentialsFrom = "expire" }, clock))
            : new S3Store(s3, s3);
    }

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
    ) => S3Objects.OpenReadAsync(s3, key, version: null, range, cancellationToken);

    /// <inheritdoc/>
    public Task<ObjectInfo?> HeadAsync(ObjectKey key, CancellationToken cancellationToken) =>
        S3Objects.HeadAsync(s3, key, version: null, cancellationToken);

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
            await expiring.CallAsync(
                $"removing {key}",
                client => client.DeleteObjectAsync(request, cancellationToken),
                cancellationToken
            );
        }
        catch (StoreException error) when (error.Fault == StoreFault.NotFound)
        {
            // Some services tell; it is gone all the same.
        }
        catch (StoreException refused) when (refused.Fault is StoreFault.Denied or StoreFault.Unexpected)
        {
            throw await S3Retention.ExplainAsync(s3, key, refused, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public Task<bool> CanRetainAsync(CancellationToken cancellationToken) =>
        S3Retention.IsOnAsync(s3, cancellationToken);

    /// <inheritdoc/>
    public Task<DateTimeOffset?> RetainedUntilAsync(ObjectKey key, CancellationToken cancellationToken) =>
        S3Retention.UntilAsync(s3, key, cancellationToken);

    /// <inheritdoc/>
    public Task RetainAsync(ObjectKey key, DateTimeOffset until, CancellationToken cancellationToken) =>
        S3Retention.ExtendAsync(s3, expiring, key, version: null, until, until, cancellationToken);

    /// <inheritdoc/>
    public async Task<bool> HasVersionsAsync(CancellationToken cancellationToken) =>
        await S3Versions.StatusAsync(s3, cancellationToken) == VersionStatus.Enabled;

    /// <inheritdoc/>
    public IObjectStore AsOf(DateTimeOffset moment) => new S3Past(s3, moment);

    /// <inheritdoc/>
    public void Dispose()
    {
        s3.Dispose();
        expiring.Dispose();
    }
}
