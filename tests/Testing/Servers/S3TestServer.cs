using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Holdfast.Stores.S3;

namespace Holdfast.Testing.Servers;

/// <summary>A server that speaks S3.</summary>
public abstract class S3TestServer(string scriptName, string variable) : TestServer(scriptName, variable)
{
    /// <summary>Makes a bucket of its own for a test.</summary>
    /// <param name="locking">Whether it keeps versions, and can lock them.</param>
    /// <returns>How to reach it, with parts small enough for a test.</returns>
    public async Task<S3Options> CreateBucketAsync(bool locking = false)
    {
        var facts = await FactsAsync();
        var options = new S3Options
        {
            Bucket = $"test-{Guid.NewGuid():N}",
            Endpoint = new Uri(facts["endpoint"]),
            Region = "us-east-1",
            PathStyle = true,
            Credentials = new S3Credentials(facts["accessKey"], facts["secretKey"]),
            SinglePutLimit = 6 << 20,
            PartSize = 5 << 20,
            Retries = 2,
        };
        using var client = RawClient(options);
        await client.PutBucketAsync(
            new PutBucketRequest { BucketName = options.Bucket, ObjectLockEnabledForBucket = locking }
        );
        return options;
    }

    /// <summary>The address of a bucket, as a person would give it to a command.</summary>
    public static string AddressOf(S3Options options) => S3Address.Format(options);

    /// <summary>The variables that go with the address.</summary>
    public static IReadOnlyDictionary<string, string> VariablesFor(S3Options options) =>
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["AWS_ACCESS_KEY_ID"] = options.Credentials!.AccessKey,
            ["AWS_SECRET_ACCESS_KEY"] = options.Credentials.SecretKey,
        };

    /// <summary>The SDK itself, for what a store cannot do, and to compare with.</summary>
    public static AmazonS3Client RawClient(S3Options options) =>
        new(
            new BasicAWSCredentials(options.Credentials!.AccessKey, options.Credentials.SecretKey),
            new AmazonS3Config
            {
                ServiceURL = options.Endpoint!.ToString(),
                ForcePathStyle = true,
                AuthenticationRegion = options.Region,
                RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
                ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            }
        );
}
