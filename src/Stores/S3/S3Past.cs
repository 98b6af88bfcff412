using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Amazon.S3;
using Amazon.S3.Model;
using Holdfast.Core.Errors;
using Holdfast.Core.Stores;

namespace Holdfast.Stores.S3;

/// <summary>
/// A bucket with versions as it was at a moment: of each name the newest version at or before it, unless that is the mark
/// of a removal.
/// </summary>
internal sealed class S3Past(S3Connection s3, DateTimeOffset moment) : IObjectStore
{
    // What a listing has told need not be asked for again.
    private readonly ConcurrentDictionary<ObjectKey, S3ObjectVersion> known = new();
    private volatile bool areVersionsKept;

    public string Address => s3.Address;

    public async IAsyncEnumerable<ObjectInfo> ListAsync(
        string prefix,
        ObjectKey? startAfter,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await RequireVersionsAsync(cancellationToken);
        var after = startAfter is { } start ? s3.NameOf(start) : null;
        ObjectKey? last = null;
        await foreach (var versions in S3Versions.ListAsync(s3, s3.Root + prefix, after, cancellationToken))
        {
            var name = versions[0].Key[s3.Root.Length..];
            if (!ObjectKey.IsValid(name))
            {
                continue;
            }

            var key = new ObjectKey(name);
            if (key <= startAfter)
            {
                // Some services begin with the name itself.
                continue;
            }

            if (key <= last)
            {
                throw S3Listing.OutOfOrder(s3, last.Value.Value, name);
            }

            last = key;
            if (Choose(versions) is { } found)
            {
                known[key] = found;
                yield return new ObjectInfo(key, found.Size ?? 0, S3Objects.TimeOf(found.LastModified));
            }
        }
    }

    public async Task<ObjectInfo?> HeadAsync(ObjectKey key, CancellationToken cancellationToken) =>
        await FindAsync(key, cancellationToken) is { } found
            ? await S3Objects.HeadAsync(s3, key, found.VersionId, cancellationToken)
            : null;

    public async Task<Stream> OpenReadAsync(
        ObjectKey key,
        Core.Stores.ByteRange? range,
        CancellationToken cancellationToken
    ) =>
        await FindAsync(key, cancellationToken) is { } found
            ? await S3Objects.OpenReadAsync(s3, key, found.VersionId, range, cancellationToken)
            : throw new StoreException(StoreFault.NotFound, $"{key} was not at {s3.Address} at that time");

    public Task<ObjectInfo> PutAsync(
        ObjectKey key,
        ObjectContent content,
        PutCondition condition,
        CancellationToken cancellationToken
    ) => throw ReadOnly(key);

    public Task DeleteAsync(ObjectKey key, CancellationToken cancellationToken) => throw ReadOnly(key);

    public void Dispose() => s3.Dispose();

    private async Task<S3ObjectVersion?> FindAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (known.TryGetValue(key, out var listed))
        {
            return listed;
        }

        await RequireVersionsAsync(cancellationToken);
        return Choose(await S3Versions.OfAsync(s3, key, cancellationToken));
    }

    private S3ObjectVersion? Choose(IEnumerable<S3ObjectVersion> versions) =>
        versions.Where(version => S3Objects.TimeOf(version.LastModified) <= moment).MaxBy(v => v.LastModified)
            is { IsDeleteMarker: not true } newest
            ? newest
            : null;

    // Without versions the listing holds what is there now, and looks like the past.
    private async Task RequireVersionsAsync(CancellationToken cancellationToken)
    {
        if (areVersionsKept)
        {
            return;
        }

        var status = await S3Versions.StatusAsync(s3, cancellationToken);
        if (status != VersionStatus.Enabled && status != VersionStatus.Suspended)
        {
            throw new HoldfastException(
                ErrorCode.Usage,
                $"{s3.Address} keeps no versions: what it held at an earlier time cannot be told",
                "leave out --as-of; for the future, turn on versioning of the bucket"
            );
        }

        areVersionsKept = true;
    }

    private StoreException ReadOnly(ObjectKey key) =>
        new(StoreFault.Denied, $"{key} cannot be changed: {s3.Address} is read as it was at an earlier time");
}
