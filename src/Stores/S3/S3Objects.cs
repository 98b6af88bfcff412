using System.Globalization;
using System.Net;
using Amazon.S3;
using Amazon.S3.Model;
using Holdfast.Core.Stores;
using SdkRange = Amazon.S3.Model.ByteRange;

namespace Holdfast.Stores.S3;

/// <summary>Looking at objects, and reading them.</summary>
internal static class S3Objects
{
    /// <summary>No object is larger; a range that goes further is open.</summary>
    private const long LargestObject = 50L << 40;

    public static async Task<ObjectInfo?> HeadAsync(
        S3Connection s3,
        ObjectKey key,
        string? version,
        CancellationToken cancellationToken
    )
    {
        if (await TryGetMetadataAsync(s3, key, version, cancellationToken) is not { } found)
        {
            return null;
        }

        Sha256Digest? digest = Sha256Digest.TryParse(found.Metadata[Upload.DigestName], out var kept) ? kept : null;
        return new ObjectInfo(key, found.ContentLength, TimeOf(found.LastModified), digest);
    }

    public static async Task<GetObjectMetadataResponse?> TryGetMetadataAsync(
        S3Connection s3,
        ObjectKey key,
        string? version,
        CancellationToken cancellationToken
    )
    {
        var request = new GetObjectMetadataRequest
        {
            BucketName = s3.Bucket,
            Key = s3.NameOf(key),
            VersionId = version,
        };
        try
        {
            return await s3.CallAsync(
                $"looking at {key}",
                client => client.GetObjectMetadataAsync(request, cancellationToken),
                cancellationToken
            );
        }
        catch (StoreException error) when (error.Fault == StoreFault.NotFound)
        {
            await s3.RequireBucketAsync(cancellationToken);
            return null;
        }
    }

    public static async Task<Stream> OpenReadAsync(
        S3Connection s3,
        ObjectKey key,
        string? version,
        Core.Stores.ByteRange? range,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var response = await GetAsync(
                s3,
                key,
                version,
                range?.Offset ?? 0,
                range?.Length ?? long.MaxValue,
                cancellationToken
            );
            return new ResumingStream(s3, key, version, response, range?.Offset ?? 0);
        }
        catch (StoreException error)
            when (error.InnerException is AmazonS3Exception { StatusCode: HttpStatusCode.RequestedRangeNotSatisfiable })
        {
            return new MemoryStream([], writable: false);
        }
    }

    /// <summary>Asks for a range, and makes sure that it is what comes.</summary>
    public static async Task<GetObjectResponse> GetAsync(
        S3Connection s3,
        ObjectKey key,
        string? version,
        long offset,
        long length,
        CancellationToken cancellationToken
    )
    {
        var request = new GetObjectRequest
        {
            BucketName = s3.Bucket,
            Key = s3.NameOf(key),
            VersionId = version,
        };
        var isOpen = length >= LargestObject - offset;
        if (offset > 0 || !isOpen)
        {
            request.ByteRange = isOpen ? new SdkRange($"bytes={offset}-") : new SdkRange(offset, offset + length - 1);
        }

        var response = await s3.CallAsync(
            $"reading {key}",
            client => client.GetObjectAsync(request, cancellationToken),
            cancellationToken
        );
        var expected = string.Create(CultureInfo.InvariantCulture, $"bytes {offset}-");
        if (request.ByteRange == null || response.ContentRange?.StartsWith(expected, StringComparison.Ordinal) == true)
        {
            return response;
        }

        response.Dispose();
        throw new StoreException(
            StoreFault.Unexpected,
            $"{s3.Address} did not answer with the range of {key} that was asked for",
            "the service does not support range requests; run: holdfast doctor"
        );
    }

    public static DateTimeOffset TimeOf(DateTime? time) =>
        time is { } known ? new DateTimeOffset(known.ToUniversalTime()) : DateTimeOffset.UnixEpoch;
}
