using Amazon.S3;
using Amazon.S3.Model;
using Holdfast.Core.Stores;

namespace Holdfast.Stores.S3;

/// <summary>Object lock: what holds objects fast, and what a service says of it.</summary>
internal static class S3Retention
{
    // Some services keep whole seconds.
    private static readonly TimeSpan Precision = TimeSpan.FromSeconds(1);

    private static readonly string[] LockWords = ["object lock", "ObjectLocked", "WORM", "retention"];

    public static ObjectLockMode ModeOf(S3LockMode mode) =>
        mode == S3LockMode.Compliance ? ObjectLockMode.Compliance : ObjectLockMode.Governance;

    /// <summary>Until when an answer says that the object is held; null when it is not.</summary>
    public static DateTimeOffset? UntilOf(GetObjectMetadataResponse found) =>
        found.ObjectLockRetainUntilDate is { } until ? S3Objects.TimeOf(until) : null;

    /// <summary>Whether the bucket can hold objects fast.</summary>
    public static async Task<bool> IsOnAsync(S3Connection s3, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await s3.CallAsync(
                "asking for object lock",
                client => client.GetObjectLockConfigurationAsync(new() { BucketName = s3.Bucket }, cancellationToken),
                cancellationToken
            );
            return answer.ObjectLockConfiguration?.ObjectLockEnabled == ObjectLockEnabled.Enabled;
        }
        catch (StoreException error) when (error.Fault is StoreFault.NotFound or StoreFault.Unexpected)
        {
            // It has none, or does not know the question.
            return false;
        }
    }

    /// <summary>Makes sure, once, that the bucket can hold objects fast.</summary>
    public static async Task RequireOnAsync(S3Connection s3, CancellationToken cancellationToken)
    {
        if (s3.LockIsOn)
        {
            return;
        }

        try
        {
            s3.LockIsOn = await IsOnAsync(s3, cancellationToken);
        }
        catch (StoreException error) when (error.Fault == StoreFault.Denied)
        {
            throw new StoreException(
                StoreFault.Denied,
                $"it cannot be told whether {s3.Address} can lock objects: asking is forbidden",
                "allow s3:GetBucketObjectLockConfiguration",
                error
            );
        }

        if (!s3.LockIsOn)
        {
            throw new StoreException(
                StoreFault.Unexpected,
                $"lock is configured for {s3.Address}, and the bucket has no object lock: nothing would be held fast",
                "make a bucket with object lock, or remove lock from the target"
            );
        }
    }

    public static async Task<DateTimeOffset?> UntilAsync(
        S3Connection s3,
        ObjectKey key,
        CancellationToken cancellationToken
    ) => UntilOf(await RequireAsync(s3, key, version: null, cancellationToken));

    /// <summary>Locks what was written just now, unless it is.</summary>
    public static Task LockAsync(
        S3Connection s3,
        ObjectKey key,
        string? version,
        DateTimeOffset until,
        CancellationToken cancellationToken
    ) => ExtendAsync(s3, s3, key, version, until - Precision, until, cancellationToken);

    /// <summary>Makes sure that the object is held: a service that does not know the headers ignores them.</summary>
    public static async Task RequireUntilAsync(
        S3Connection s3,
        ObjectKey key,
        string? version,
        DateTimeOffset until,
        CancellationToken cancellationToken
    )
    {
        var found = UntilOf(await RequireAsync(s3, key, version, cancellationToken));
        if (found is null || found < until - Precision)
        {
            throw new StoreException(
                StoreFault.Unexpected,
                $"{s3.Address} took {key} and does not lock it"
                    + (found is { } earlier ? $" longer than {Text(earlier)}" : "")
                    + $", though it was told to until {Text(until)}",
                "make a bucket with object lock, and allow s3:PutObjectRetention and s3:GetObjectRetention; then run: holdfast doctor"
            );
        }
    }

    /// <summary>Holds an object longer.</summary>
    /// <param name="s3">With the keys that may look at it.</param>
    /// <param name="expiring">With the keys that may change how long.</param>
    /// <param name="key">The object.</param>
    /// <param name="version">Which version of it; null for the newest.</param>
    /// <param name="least">When it is held until then, nothing is done.</param>
    /// <param name="until">Until when it is to be held.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task ExtendAsync(
        S3Connection s3,
        S3Connection expiring,
        ObjectKey key,
        string? version,
        DateTimeOffset least,
        DateTimeOffset until,
        CancellationToken cancellationToken
    )
    {
        var found = await RequireAsync(s3, key, version, cancellationToken);
        if (UntilOf(found) >= least)
        {
            return;
        }

        // A service that does not know the request may take it for one that replaces the object.
        if (UntilOf(found) is null)
        {
            await RequireOnAsync(s3, cancellationToken);
        }

        var isCompliance = found.ObjectLockMode == ObjectLockMode.Compliance;
        var mode = isCompliance ? S3LockMode.Compliance : s3.Options.Lock?.Mode ?? S3LockMode.Governance;
        var request = new PutObjectRetentionRequest
        {
            BucketName = s3.Bucket,
            Key = s3.NameOf(key),
            VersionId = version ?? found.VersionId,
            Retention = new ObjectLockRetention
            {
                // The stricter mode is never left.
                Mode = new ObjectLockRetentionMode(ModeOf(mode).Value),
                RetainUntilDate = until.UtcDateTime,
            },
        };
        await expiring.CallAsync(
            $"locking {key}",
            client => client.PutObjectRetentionAsync(request, cancellationToken),
            cancellationToken
        );
        await RequireUntilAsync(s3, key, version, until, cancellationToken);
    }

    /// <summary>
    /// A refusal to remove may be a lock that has not ended; then it says until when. Where versions are kept a lock does
    /// not hinder the mark of a removal: there, the keys are what is refused, unless the service says otherwise.
    /// </summary>
    public static async Task<StoreException> ExplainAsync(
        S3Connection s3,
        ObjectKey key,
        StoreException refused,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var found = await RequireAsync(s3, key, version: null, cancellationToken);
            return
                UntilOf(found) is { } until
                && until > s3.Time.GetUtcNow()
                && (string.IsNullOrEmpty(found.VersionId) || SpeaksOfLock(refused))
                ? new StoreException(
                    StoreFault.Locked,
                    $"{key} at {s3.Address} is locked until {Text(until)} and was not removed",
                    "nothing needs to be done: it is tried again after that",
                    refused
                )
                : refused;
        }
        catch (StoreException)
        {
            // It cannot be told; then the refusal stands.
            return refused;
        }
    }

    private static bool SpeaksOfLock(StoreException refused) =>
        refused.InnerException is AmazonS3Exception answer
        && LockWords.Any(word =>
            $"{answer.ErrorCode} {answer.Message}".Contains(word, StringComparison.OrdinalIgnoreCase)
        );

    private static async Task<GetObjectMetadataResponse> RequireAsync(
        S3Connection s3,
        ObjectKey key,
        string? version,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await S3Objects.TryGetMetadataAsync(s3, key, version, cancellationToken)
                ?? throw new StoreException(StoreFault.NotFound, $"{key} is missing at {s3.Address}");
        }
        catch (StoreException error) when (error.Fault == StoreFault.Denied)
        {
            throw new StoreException(
                StoreFault.Denied,
                $"it cannot be told whether {key} is locked at {s3.Address}: looking at it is forbidden",
                "allow s3:GetObject, s3:GetObjectVersion and s3:GetObjectRetention",
                error
            );
        }
    }

    private static string Text(DateTimeOffset time) =>
        $"{time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture)} UTC";
}
