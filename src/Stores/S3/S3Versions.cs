using System.Runtime.CompilerServices;
using Amazon.S3;
using Amazon.S3.Model;
using Holdfast.Core.Stores;

namespace Holdfast.Stores.S3;

/// <summary>What a bucket keeps of each name: versions, and marks that it was removed.</summary>
internal static class S3Versions
{
    /// <summary>Whether the bucket keeps versions; null when it never did.</summary>
    public static async Task<VersionStatus?> StatusAsync(S3Connection s3, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await s3.CallAsync(
                "asking for versions",
                client =>
                    client.GetBucketVersioningAsync(
                        new GetBucketVersioningRequest { BucketName = s3.Bucket },
                        cancellationToken
                    ),
                cancellationToken
            );
            return answer.VersioningConfig?.Status;
        }
        catch (StoreException error) when (error.Fault is StoreFault.NotFound or StoreFault.Unexpected)
        {
            // It does not know the question.
            return null;
        }
    }

    /// <summary>All versions of each name, in the order of the names; of a name the newest first.</summary>
    public static async IAsyncEnumerable<List<S3ObjectVersion>> ListAsync(
        S3Connection s3,
        string prefix,
        string? startAfter,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var request = new ListVersionsRequest
        {
            BucketName = s3.Bucket,
            Prefix = prefix,
            KeyMarker = startAfter,
        };
        var open = new List<S3ObjectVersion>();
        while (true)
        {
            var page = await s3.CallAsync(
                "listing versions",
                client => client.ListVersionsAsync(request, cancellationToken),
                cancellationToken
            );
            if (page.IsTruncated == null)
            {
                throw S3Listing.Broken(s3, "the answer is not complete");
            }

            foreach (var named in (page.Versions ?? []).GroupBy(version => version.Key, StringComparer.Ordinal))
            {
                // A name may go on from one page to the next.
                if (open.Count > 0 && open[0].Key != named.Key)
                {
                    yield return open;
                    open = [];
                }

                open.AddRange(named);
            }

            if (page.IsTruncated == false)
            {
                break;
            }

            if (
                string.IsNullOrEmpty(page.NextKeyMarker)
                || (page.NextKeyMarker == request.KeyMarker && page.NextVersionIdMarker == request.VersionIdMarker)
            )
            {
                throw S3Listing.Broken(s3, "it says that there is more, but not how to go on");
            }

            request.KeyMarker = page.NextKeyMarker;
            request.VersionIdMarker = page.NextVersionIdMarker;
        }

        if (open.Count > 0)
        {
            yield return open;
        }
    }

    /// <summary>All versions of one name, the newest first.</summary>
    public static async Task<List<S3ObjectVersion>> OfAsync(
        S3Connection s3,
        ObjectKey key,
        CancellationToken cancellationToken
    )
    {
        var name = s3.NameOf(key);
        await foreach (var versions in ListAsync(s3, name, startAfter: null, cancellationToken))
        {
            // Of all names that begin with it, it is the first.
            return versions[0].Key == name ? versions : [];
        }

        return [];
    }
}
