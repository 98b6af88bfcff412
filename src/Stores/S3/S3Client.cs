using System.Net;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.S3;
using Amazon.S3.Internal;

namespace Holdfast.Stores.S3;

/// <summary>The client of the SDK, which also repeats what was refused with 429, as compatible services do.</summary>
internal sealed class S3Client : AmazonS3Client
{
    public S3Client(AmazonS3Config config)
        : base(config) { }

    public S3Client(AWSCredentials credentials, AmazonS3Config config)
        : base(credentials, config) { }

    protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
    {
        base.CustomizeRuntimePipeline(pipeline);
        var policy = new AmazonS3StandardRetryPolicy(Config);
        policy.HttpStatusCodesToRetryOn.Add(HttpStatusCode.TooManyRequests);
        pipeline.ReplaceHandler<RetryHandler>(new RetryHandler(policy));
    }
}
