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
    private const int LargestTrial = 1 << 20;

    private readonly bool areConditionsTrusted = !S3.MayIgnoreConditions;

    public string Doing => $"writing {Key}";

    /// <summary>Whether the lock goes with the write.</summary>
    public bool LocksByHeader => areConditionsTrusted || !IfAbsent;

    /// <summary>Until when the object is to be held fast; null when it is not.</summary>
    public DateTimeOffset? RetainUntil { get; } = S3.Options.Lock is { } held ? S3.Time.GetUtcNow() + held.For : null;

    public bool IfAbsent => Condition == PutCondition.IfAbsent;

    private bool IsWhole => Content.Length <= S3.Options.SinglePutLimit;

    private Verification Verification => new(this);

    /// <summary>Writes and verifies. Another write of the name at the same moment makes it try again.</summary>
    public async Task<ObjectInfo> RunAsync(CancellationToken cancellationToken)
    {
        if (RetainUntil != null)
        {
            await S3Retention.RequireOnAsync(S3, cancellationToken);
        }

        var written = await WriteAsync(cancellationToken);
        if (IfAbsent && written.Version is { } version && S3.MayIgnoreConditions)
        {
            await Verification.RequireFirstAsync(version, cancellationToken);
            await LockAsync(version, cancellationToken);
            await TryConditionsAsync(cancellationToken);
        }
        else
        {
            await LockAsync(version: null, cancellationToken);
        }

        return written.Info;
    }

    /// <summary>Refuses early what would replace another object.</summary>
    public async Task RequireAbsentAsync(CancellationToken cancellationToken)
    {
        if (IfAbsent && await Verification.MayExistAsync(cancellationToken))
        {
            throw Verification.AlreadyExists();
        }
    }

    // Headers lock with the write itself, and need to be seen to work once. There are services that ignore them for parts;
    // and what another may have written first is locked when that is settled, else it could not be taken back.
    private async Task LockAsync(string? version, CancellationToken cancellationToken)
    {
        if (RetainUntil is not { } until)
        {
            return;
        }

        if (!IsWhole || !LocksByHeader)
        {
            await S3Retention.LockAsync(S3, Key, version, until, cancellationToken);
        }
        else if (!S3.LockSeen)
        {
            await S3Retention.RequireUntilAsync(S3, Key, version, until, cancellationToken);
            S3.LockSeen = true;
        }
    }

    private async Task<WrittenObject> WriteAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return IsWhole
                    ? await PutWholeAsync(cancellationToken)
                    : await new MultipartUpload(this).RunAsync(cancellationToken);
            }
            catch (StoreException refused) when (refused.Fault == StoreFault.AlreadyExists && IfAbsent)
            {
                return new WrittenObject(await Verification.RequireSameAsync(refused, cancellationToken));
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

    private async Task<WrittenObject> PutWholeAsync(CancellationToken cancellationToken)
    {
        if (!areConditionsTrusted)
        {
            await RequireAbsentAsync(cancellationToken);
        }

        await using var body = Content.OpenRead();
        var digest = PartDigest.Of(body, cancellationToken);
        var response = await PutAsync(body, digest, cancellationToken);
        S3.NoteVersion(response.VersionId);
        if (!digest.Matches(response.ETag))
        {
            await Verification.ReadBackAsync(response.ETag, response.VersionId, cancellationToken);
        }

        // The answer does not carry the time of the store.
        return new WrittenObject(Written(S3.Time.GetUtcNow()), response.VersionId);
    }

    private Task<PutObjectResponse> PutAsync(Stream body, PartDigest digest, CancellationToken cancellationToken)
    {
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
        if (RetainUntil is { } until && LocksByHeader)
        {
            request.ObjectLockMode = S3Retention.ModeOf(S3.Options.Lock!.Mode);
            request.ObjectLockRetainUntilDate = until.UtcDateTime;
        }

        return S3.CallAsync(Doing, s3 => s3.PutObjectAsync(request, cancellationToken), cancellationToken);
    }

    /// <summary>
    /// Finds out once whether later writes need such care: writes the same again, which the condition forbids. Where it does
    /// not, there is one more version of the same bytes.
    /// </summary>
    private async Task TryConditionsAsync(CancellationToken cancellationToken)
    {
        if (!S3.AreConditionsUntried || Content.Length > LargestTrial)
        {
            return;
        }

        await using var body = Content.OpenRead();
        try
        {
            var again = await PutAsync(body, PartDigest.Of(body, cancellationToken), cancellationToken);
            S3.NoteConditions(areHonoured: false);
            await LockAsync(again.VersionId, cancellationToken);
        }
        catch (StoreException refused) when (refused.Fault == StoreFault.AlreadyExists)
        {
            S3.NoteConditions(areHonoured: true);
        }
    }

    private static bool IsConflict(StoreException error) =>
        error.InnerException is AmazonS3Exception { StatusCode: System.Net.HttpStatusCode.Conflict };
}

/// <summary>What an upload came to.</summary>
/// <param name="Info">The object.</param>
/// <param name="Version">The version that it made; null when it made none, or that is not known.</param>
internal readonly record struct WrittenObject(ObjectInfo Info, string? Version = null);
