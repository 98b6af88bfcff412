using System.Security.Cryptography;
using Amazon.S3.Model;
using Holdfast.Core.Stores;

namespace Holdfast.Stores.S3;

/// <summary>Looks at what the store holds after, or instead of, a write.</summary>
internal sealed class Verification(Upload upload)
{
    private readonly S3Connection s3 = upload.S3;

    /// <summary>Whether the name is taken; false also when the account may not look.</summary>
    public async Task<bool> MayExistAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await S3Objects.HeadAsync(s3, upload.Key, version: null, cancellationToken) != null;
        }
        catch (StoreException error) when (error.Fault == StoreFault.Denied)
        {
            return false;
        }
    }

    /// <summary>A name that exists is no conflict when it holds these very bytes: an earlier try was not answered.</summary>
    public async Task<ObjectInfo> RequireSameAsync(StoreException refused, CancellationToken cancellationToken)
    {
        ObjectInfo? found = null;
        try
        {
            found = await S3Objects.HeadAsync(s3, upload.Key, version: null, cancellationToken);
        }
        catch (StoreException)
        {
            // It cannot be told; then what led here stands.
        }

        if (found?.Size == upload.Content.Length && found.Sha256 == upload.Content.Sha256)
        {
            return found;
        }

        throw refused.Fault == StoreFault.AlreadyExists ? AlreadyExists(refused) : refused;
    }

    public StoreException AlreadyExists(Exception? refused = null) =>
        new(
            StoreFault.AlreadyExists,
            $"{upload.Key} exists already at {s3.Address} and was not replaced",
            hint: null,
            refused
        );

    /// <summary>
    /// Makes sure that no other version of the name was there before: of two writers at once, the one whose version is the
    /// older wins, and the other takes its own back.
    /// </summary>
    public async Task RequireFirstAsync(string version, CancellationToken cancellationToken)
    {
        List<S3ObjectVersion> versions;
        try
        {
            versions = await S3Versions.OfAsync(s3, upload.Key, cancellationToken);
        }
        catch (StoreException error) when (error.Fault == StoreFault.Denied)
        {
            // An account that may only write: that the name was free before is all that can be known.
            return;
        }

        var before = versions.SkipWhile(v => v.VersionId != version).Skip(1).FirstOrDefault();
        if (before is not { IsDeleteMarker: not true })
        {
            return;
        }

        var other = await S3Objects.HeadAsync(s3, upload.Key, before.VersionId, cancellationToken);
        if (other?.Size == upload.Content.Length && other.Sha256 == upload.Content.Sha256)
        {
            // An earlier try was not answered.
            return;
        }

        var problem = AlreadyExists();
        throw await RemoveAsync(etag: null, version, problem, cancellationToken);
    }

    /// <summary>Compares size and ETag of what was put together from parts; not every service tells the latter at once.</summary>
    /// <param name="parts">The parts that were sent.</param>
    /// <param name="arePartsProven">Whether the service answered to each part with its digest.</param>
    /// <param name="version">The version that was written, if the bucket has versions.</param>
    /// <param name="cancellationToken">Ends the verification.</param>
    public async Task<ObjectInfo> RequirePartsAsync(
        IReadOnlyList<PartDigest> parts,
        bool arePartsProven,
        string? version,
        CancellationToken cancellationToken
    )
    {
        GetObjectMetadataResponse? found = null;
        try
        {
            found = await S3Objects.TryGetMetadataAsync(s3, upload.Key, version: null, cancellationToken);
        }
        catch (StoreException error) when (error.Fault == StoreFault.Denied && arePartsProven)
        {
            // An account that may only write: that the service has the right bytes of each part is proof enough.
            return upload.Written(s3.Time.GetUtcNow());
        }

        if (found?.ContentLength != upload.Content.Length || !PartDigest.IsEtagOf(parts, found.ETag))
        {
            await ReadBackAsync(found?.ETag, version, cancellationToken);
        }

        return upload.Written(found == null ? s3.Time.GetUtcNow() : S3Objects.TimeOf(found.LastModified));
    }

    /// <summary>Some services answer with an ETag that is no digest; then only the bytes themselves are proof.</summary>
    public async Task ReadBackAsync(string? etag, string? version, CancellationToken cancellationToken)
    {
        StoreException problem;
        try
        {
            var (digest, length) = await HashAsync(cancellationToken);
            if (digest == upload.Content.Sha256 && length == upload.Content.Length)
            {
                return;
            }

            problem = Damaged($"it has {length} bytes with the SHA-256 {digest}");
        }
        catch (StoreException error) when (error.Fault == StoreFault.NotFound)
        {
            throw Damaged("it is not there");
        }
        catch (StoreException error) when (error.Fault == StoreFault.Denied)
        {
            problem = new StoreException(
                StoreFault.Denied,
                $"{upload.Key} was sent to {s3.Address}, but cannot be verified: the store answered with no digest, and "
                    + "reading it back is forbidden",
                "allow s3:GetObject, or use a bucket without server-side encryption by KMS",
                error
            );
        }

        throw await RemoveAsync(etag, version, problem, cancellationToken);
    }

    private async Task<(Sha256Digest Digest, long Length)> HashAsync(CancellationToken cancellationToken)
    {
        await using var stream = await S3Objects.OpenReadAsync(
            s3,
            upload.Key,
            version: null,
            range: null,
            cancellationToken
        );
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[128 << 10];
        var length = 0L;
        for (int read; (read = await stream.ReadAsync(buffer, cancellationToken)) > 0; length += read)
        {
            hash.AppendData(buffer, 0, read);
        }

        return (Sha256Digest.Of(hash), length);
    }

    /// <summary>Removes what was written, unless somebody has replaced it meanwhile.</summary>
    private async Task<StoreException> RemoveAsync(
        string? etag,
        string? version,
        StoreException problem,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var name = s3.NameOf(upload.Key);
            // A version is nobody else's; without one, what is there now may have been written by another.
            if (version != null || await HasAsync(etag, cancellationToken))
            {
                var request = new DeleteObjectRequest
                {
                    BucketName = s3.Bucket,
                    Key = name,
                    VersionId = version,
                };
                await s3.CallAsync(
                    "removing",
                    client => client.DeleteObjectAsync(request, cancellationToken),
                    cancellationToken
                );
            }

            return problem;
        }
        catch (StoreException error)
        {
            return new StoreException(
                problem.Fault,
                $"{problem.Message}; it could not be removed either: {error.Message}",
                $"remove {upload.Key} by hand",
                problem
            );
        }
    }

    private async Task<bool> HasAsync(string? etag, CancellationToken cancellationToken) =>
        await S3Objects.TryGetMetadataAsync(s3, upload.Key, version: null, cancellationToken) is { } now
        && now.ETag == etag;

    private StoreException Damaged(string what) =>
        new(
            StoreFault.Damaged,
            $"{s3.Address} does not hold the bytes of {upload.Key} that were sent: {what}, instead of "
                + $"{upload.Content.Length} with the SHA-256 {upload.Content.Sha256}",
            "this store cannot be trusted with backups; run: holdfast doctor"
        );
}
