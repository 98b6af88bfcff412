using Amazon.S3;
using Amazon.S3.Model;
using Holdfast.Core.Stores;

namespace Holdfast.Stores.S3;

/// <summary>One write of one object.</summary>
/// <param name="S3">The bucket.</param>
/// <param name="Key">The name.</param>
/// <param name="Content">The bytes.</param>
/// <param name="Condition">When it may take place.</param>
internal sealed record Upload(S3Connection S3, ObjectKey Key, ObjectContent Content, PutCondition Condition)
{
    /// <summary>The name under which the digest of an object is kept with it.</summary>
    public const string DigestName = "sha256";

    private const int ConflictAttempts = 6;

    public string Doing => $"writing {Key}";

    public bool IfAbsent => Condition == PutCondition.IfAbsent;

    private Verification Verification => new(this);

    /// <summary>Writes and verifies. Another write of the name at the same moment makes it try again.</summary>
    public async Task<ObjectInfo> RunAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return Content.Length <= S3.Options.SinglePutLimit
                    ? await PutWholeAsync(cancellationToken)
                    : await new MultipartUpload(this).RunAsync(cancellationToken);
            }
            catch (StoreException refused) when (refused.Fault == StoreFault.AlreadyExists && IfAbsent)
            {
                return await Verification.RequireSameAsync(refused, cancellationToken);
            }
            catch (StoreException changed) when (changed.InnerException is ContentChangedException)
            {
                throw ContentChanged();
            }
            catch (StoreException conflict) when (IsConflict(conflict) && attempt < ConflictAttempts)
            {
                var delay = TimeSpan.FromMilliseconds(Random.Shared.Next(20, 100 << attempt));
                await Task.Delay(delay, S3.Time, cancellationToken);
            }
        }
    }

    public void SetMetadata(MetadataCollection metadata) => metadata[DigestName] = Content.Sha256.ToString();

    public ObjectInfo Written(DateTimeOffset time) => new(Key, Content.Length, time, Content.Sha256);

    public StoreException ContentChanged() =>
        new(
            StoreFault.Damaged,
            $"the bytes of {Key} changed while they were written to {S3.Address}; nothing was stored",
            "try again; if it happens again, suspect the memory or the disk of this machine"
        );

    private async Task<ObjectInfo> PutWholeAsync(CancellationToken cancellationToken)
    {
        await using var body = Content.OpenRead();
        var digest = PartDigest.Of(body, cancellationToken);
        body.Position = 0;
        var request = new PutObjectRequest
        {
            BucketName = S3.Bucket,
            Key = S3.NameOf(Key),
            InputStream = body,
            AutoCloseStream = false,
            UseChunkEncoding = false,
            MD5Digest = digest.Base64,
            ContentType = "application/octet-stream",
            IfNoneMatch = IfAbsent ? "*" : null,
        };
        SetMetadata(request.Metadata);
        var response = await S3.CallAsync(
            Doing,
            s3 => s3.PutObjectAsync(request, cancellationToken),
            cancellationToken
        );
        if (!digest.Matches(response.ETag))
        {
            await Verification.ReadBackAsync(response.ETag, response.VersionId, cancellationToken);
        }

        // The answer does not carry the time of the store.
        return Written(S3.Time.GetUtcNow());
    }

    private static bool IsConflict(StoreException error) =>
        error.InnerException is AmazonS3Exception { StatusCode: System.Net.HttpStatusCode.Conflict };
}
