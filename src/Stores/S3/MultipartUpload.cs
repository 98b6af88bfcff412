using System.Collections.Concurrent;
using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;
using Holdfast.Core.Stores;

namespace Holdfast.Stores.S3;

/// <summary>
/// A write of large content in parts, a few at a time. Nothing appears under the name before the last request, which
/// puts the parts together; whatever fails before removes the parts.
/// </summary>
internal sealed class MultipartUpload(Upload upload)
{
    private const int MaxParts = 10_000;
    private static readonly TimeSpan AbortTime = TimeSpan.FromSeconds(15);

    private readonly S3Connection s3 = upload.S3;
    private readonly Verification verification = new(upload);
    private readonly long partSize = PartSizeFor(upload.Content.Length, upload.S3.Options.PartSize);
    private PartDigest[] digests = [];
    private string uploadId = "";
    private volatile bool arePartsProven = true;

    private string Name => s3.NameOf(upload.Key);

    public async Task<WrittenObject> RunAsync(CancellationToken cancellationToken)
    {
        await upload.RequireAbsentAsync(cancellationToken);
        var begin = new InitiateMultipartUploadRequest
        {
            BucketName = s3.Bucket,
            Key = Name,
            ContentType = "application/octet-stream",
        };
        upload.SetMetadata(begin.Metadata);
        if (upload.RetainUntil is { } until && upload.LocksByHeader)
        {
            begin.ObjectLockMode = S3Retention.ModeOf(s3.Options.Lock!.Mode);
            begin.ObjectLockRetainUntilDate = until.UtcDateTime;
        }

        var begun = await CallAsync(
            client => client.InitiateMultipartUploadAsync(begin, cancellationToken),
            cancellationToken
        );
        uploadId = begun.UploadId;
        CompleteMultipartUploadResponse? done;
        try
        {
            var parts = await SendPartsAsync(cancellationToken);
            // Not every service honours the condition of the last request; this leaves others milliseconds.
            await upload.RequireAbsentAsync(cancellationToken);
            done = await CompleteAsync(parts, cancellationToken);
        }
        catch
        {
            await AbortAsync();
            throw;
        }

        var info = await verification.RequirePartsAsync(digests, arePartsProven, done?.VersionId, cancellationToken);
        return new WrittenObject(info, done?.VersionId);
    }

    private async Task<List<PartETag>> SendPartsAsync(CancellationToken cancellationToken)
    {
        digests = new PartDigest[(upload.Content.Length + partSize - 1) / partSize];
        using var whole = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var sent = new ConcurrentBag<PartETag>();
        // The first failure ends the other parts, and is the one that is thrown.
        await Parallel.ForEachAsync(
            Parts(whole, cancellationToken),
            new ParallelOptions
            {
                MaxDegreeOfParallelism = s3.Options.ParallelParts,
                CancellationToken = cancellationToken,
            },
            async (part, ending) => sent.Add(await SendPartAsync(part, ending))
        );
        return Sha256Digest.Of(whole) == upload.Content.Sha256
            ? [.. sent.OrderBy(part => part.PartNumber)]
            : throw upload.ContentChanged();
    }

    /// <summary>Each part when its turn comes; they are asked for one after the other, so the whole is hashed in order.</summary>
    private IEnumerable<Part> Parts(IncrementalHash whole, CancellationToken cancellationToken)
    {
        for (var number = 1; number <= digests.Length; number++)
        {
            var offset = (number - 1) * partSize;
            var part = new Part(number, offset, Math.Min(partSize, upload.Content.Length - offset));
            using (var body = upload.Content.OpenRead(part.Offset, part.Length))
            {
                PartDigest.Append(body, whole, cancellationToken);
            }

            yield return part;
        }
    }

    private async Task<PartETag> SendPartAsync(Part part, CancellationToken cancellationToken)
    {
        await using var body = upload.Content.OpenRead(part.Offset, part.Length);
        var digest = PartDigest.Of(body, cancellationToken);
        digests[part.Number - 1] = digest;
        body.Position = 0;
        var request = new UploadPartRequest
        {
            BucketName = s3.Bucket,
            Key = Name,
            UploadId = uploadId,
            PartNumber = part.Number,
            PartSize = part.Length,
            InputStream = body,
            UseChunkEncoding = false,
            MD5Digest = digest.Base64,
        };
        var sent = await CallAsync(client => client.UploadPartAsync(request, cancellationToken), cancellationToken);
        if (!digest.Matches(sent.ETag))
        {
            arePartsProven = false;
        }

        return new PartETag(part.Number, sent.ETag);
    }

    /// <summary>Puts the parts together; null when that was done although the answer was lost.</summary>
    private async Task<CompleteMultipartUploadResponse?> CompleteAsync(
        List<PartETag> parts,
        CancellationToken cancellationToken
    )
    {
        var request = new CompleteMultipartUploadRequest
        {
            BucketName = s3.Bucket,
            Key = Name,
            UploadId = uploadId,
            PartETags = parts,
            IfNoneMatch = upload.IfAbsent ? "*" : null,
        };
        try
        {
            return await CallAsync(
                client => client.CompleteMultipartUploadAsync(request, cancellationToken),
                cancellationToken
            );
        }
        catch (StoreException error) when (error.Fault != StoreFault.AlreadyExists)
        {
            await verification.RequireSameAsync(error, cancellationToken);
            return null;
        }
    }

    /// <summary>Parts that stay cost money. The failure that led here is the one to report, so this one is not.</summary>
    private async Task AbortAsync()
    {
        using var time = new CancellationTokenSource(AbortTime, s3.Time);
        try
        {
            var request = new AbortMultipartUploadRequest
            {
                BucketName = s3.Bucket,
                Key = Name,
                UploadId = uploadId,
            };
            await CallAsync(client => client.AbortMultipartUploadAsync(request, time.Token), time.Token);
        }
        catch (Exception error) when (error is StoreException or OperationCanceledException)
        {
            // The rule "abort incomplete multipart uploads" of the bucket removes them.
        }
    }

    private Task<T> CallAsync<T>(Func<IAmazonS3, Task<T>> request, CancellationToken cancellationToken) =>
        s3.CallAsync(upload.Doing, request, cancellationToken);

    private static long PartSizeFor(long length, long least)
    {
        const long MiB = 1 << 20;
        var needed = (length + MaxParts - 1) / MaxParts;
        return Math.Max(least, (needed + MiB - 1) / MiB * MiB);
    }

    private readonly record struct Part(int Number, long Offset, long Length);
}
