using System.Runtime.CompilerServices;
using Amazon.S3.Model;
using Holdfast.Core.Stores;

namespace Holdfast.Stores.S3;

/// <summary>Lists a bucket page by page, and does not take a broken listing for a short one.</summary>
internal static class S3Listing
{
    public static async IAsyncEnumerable<S3Object> ListAsync(
        S3Connection s3,
        string prefix,
        ObjectKey? startAfter,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var request = new ListObjectsV2Request
        {
            BucketName = s3.Bucket,
            Prefix = s3.Root + prefix,
            StartAfter = startAfter is { } after ? s3.NameOf(after) : null,
        };
        while (true)
        {
            var page = await s3.CallAsync(
                "listing",
                client => client.ListObjectsV2Async(request, cancellationToken),
                cancellationToken
            );
            if (page.IsTruncated == null)
            {
                // To the SDK, no answer at all is an empty page.
                throw Broken(s3, "the answer is not complete");
            }

            foreach (var found in page.S3Objects ?? [])
            {
                yield return found;
            }

            if (page.IsTruncated == false)
            {
                yield break;
            }

            if (
                string.IsNullOrEmpty(page.NextContinuationToken)
                || page.NextContinuationToken == request.ContinuationToken
            )
            {
                throw Broken(s3, "it says that there is more, but not how to go on");
            }

            request.ContinuationToken = page.NextContinuationToken;
        }
    }

    public static StoreException OutOfOrder(S3Connection s3, string before, string after) =>
        Broken(s3, $"'{after}' came after '{before}'");

    public static StoreException Broken(S3Connection s3, string what) =>
        new(
            StoreFault.Unexpected,
            $"the listing of {s3.Address} cannot be relied on: {what}",
            "this service does not follow the rules of S3; run: holdfast doctor"
        );
}
