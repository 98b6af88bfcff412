using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Holdfast.Core.Stores;

namespace Holdfast.Stores.S3;

/// <summary>A client of one bucket, whose failures are those of a store. Thread-safe.</summary>
internal sealed class S3Connection : IDisposable
{
    private readonly S3Client client;
    private readonly S3Faults faults;
    private volatile bool bucketSeen;
    private volatile bool hasVersions;
    private volatile bool areConditionsHonoured;

    public S3Connection(S3Options options, TimeProvider time)
    {
        Options = options;
        Time = time;
        Address = S3Address.Format(options);
        faults = new S3Faults(options);
        hasVersions = options.Lock != null;
        areConditionsHonoured = options.Endpoint == null;
        var config = Configure(options, time);
        client = options.Credentials switch
        {
            null => new S3Client(config),
            { SessionToken: { } token } keys => new S3Client(
                new SessionAWSCredentials(keys.AccessKey, keys.SecretKey, token),
                config
            ),
            var keys => new S3Client(new BasicAWSCredentials(keys.AccessKey, keys.SecretKey), config),
        };
    }

    public S3Options Options { get; }

    public TimeProvider Time { get; }

    public string Address { get; }

    public string Bucket => Options.Bucket;

    /// <summary>
    /// Whether a write may replace what it must not: there are services that do not honour the condition of a write in a
    /// bucket with versions, where every write is a new version.
    /// </summary>
    public bool MayIgnoreConditions => hasVersions && !areConditionsHonoured;

    /// <summary>Whether it has not been tried yet if the service honours conditions where there are versions.</summary>
    public bool AreConditionsUntried { get; private set; } = true;

    /// <summary>Whether the service was seen to lock what it was told to.</summary>
    public bool LockSeen { get; set; }

    /// <summary>Whether the service has said that the bucket can lock.</summary>
    public bool LockIsOn { get; set; }

    /// <summary>What stands before each key of the store.</summary>
    public string Root => Options.Prefix.Length == 0 ? "" : Options.Prefix + "/";

    /// <summary>Notes whether a write made a version.</summary>
    public void NoteVersion(string? version) => hasVersions |= !string.IsNullOrEmpty(version);

    /// <summary>Notes whether the service has refused what a condition forbade.</summary>
    public void NoteConditions(bool areHonoured)
    {
        AreConditionsUntried = false;
        areConditionsHonoured = areHonoured;
    }

    public string NameOf(ObjectKey key) => Root + key.Value;

    /// <summary>Makes a request.</summary>
    /// <param name="doing">What is being done, for messages: "writing app.db".</param>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    public async Task<T> CallAsync<T>(
        string doing,
        Func<IAmazonS3, Task<T>> request,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var response = await request(client);
            bucketSeen = true;
            return response;
        }
        catch (Exception error) when (error is not StoreException && !cancellationToken.IsCancellationRequested)
        {
            throw faults.Translate(error, doing);
        }
        catch (Exception error) when (error is not OperationCanceledException and not StoreException)
        {
            // A cancelled request ends in whatever the connection was doing.
            throw new OperationCanceledException("cancelled", error, cancellationToken);
        }
    }

    /// <summary>An answer of HEAD cannot say whether it is the object or the bucket that does not exist.</summary>
    /// <exception cref="StoreException">The bucket does not exist.</exception>
    public async Task RequireBucketAsync(CancellationToken cancellationToken)
    {
        if (bucketSeen)
        {
            return;
        }

        try
        {
            await CallAsync(
                "looking for the bucket",
                s3 => s3.HeadBucketAsync(new() { BucketName = Bucket }, cancellationToken),
                cancellationToken
            );
        }
        catch (StoreException error) when (error.Fault == StoreFault.NotFound)
        {
            throw faults.NoBucket(error);
        }
        catch (StoreException error) when (error.Fault == StoreFault.Denied)
        {
            // Looking at the bucket may be forbidden to an account that may read its objects.
            bucketSeen = true;
        }
    }

    public void Dispose() => client.Dispose();

    private static AmazonS3Config Configure(S3Options options, TimeProvider time)
    {
        var config = new AmazonS3Config
        {
            ForcePathStyle = options.PathStyle,
            // Checksums that trail the body are not understood by many compatible services.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            RetryMode = RequestRetryMode.Standard,
            MaxErrorRetry = options.Retries,
            BufferSize = 128 << 10,
            IgnoreConfiguredEndpointUrls = true,
            HttpClientFactory = new S3HttpClients(options, time),
        };
        if (options.Profile is { } profile && options.Credentials == null)
        {
            config.Profile = new Profile(profile);
        }

        if (options.Endpoint is { } endpoint)
        {
            config.ServiceURL = endpoint.ToString();
            config.AuthenticationRegion = options.Region;
        }
        else if (options.Region is { } region)
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
        }

        return config;
    }
}
