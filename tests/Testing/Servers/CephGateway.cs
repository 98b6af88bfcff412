using Holdfast.Stores.S3;

namespace Holdfast.Testing.Servers;

/// <summary>A real S3 service: Ceph with its RADOS Gateway.</summary>
public sealed class CephGateway() : S3TestServer("ceph", "HOLDFAST_TEST_S3")
{
    /// <summary>The same bucket by TLS, with a certificate that no authority of the system has signed.</summary>
    public async Task<S3Options> WithTlsAsync(S3Options options) =>
        options with
        {
            Endpoint = new Uri((await FactsAsync())["tlsEndpoint"]),
        };

    /// <summary>The file with the authority that signed the certificate.</summary>
    public async Task<string> CaFileAsync() => (await FactsAsync())["caFile"];

    /// <summary>The keys of somebody who may do only this in the bucket.</summary>
    /// <param name="options">The bucket.</param>
    /// <param name="actions">What is allowed, such as "s3:PutObject".</param>
    public async Task<S3Credentials> AllowStrangerAsync(S3Options options, params string[] actions)
    {
        using var client = RawClient(options);
        var allowed = string.Join(", ", actions.Select(action => $"\"{action}\""));
        await client.PutBucketPolicyAsync(
            options.Bucket,
            $$"""
            {
              "Version": "2012-10-17",
              "Statement": [{
                "Effect": "Allow",
                "Principal": { "AWS": ["arn:aws:iam:::user/test"] },
                "Action": ["s3:*"],
                "Resource": ["arn:aws:s3:::{{options.Bucket}}", "arn:aws:s3:::{{options.Bucket}}/*"]
              }, {
                "Effect": "Allow",
                "Principal": { "AWS": ["arn:aws:iam:::user/limited"] },
                "Action": [{{allowed}}],
                "Resource": ["arn:aws:s3:::{{options.Bucket}}", "arn:aws:s3:::{{options.Bucket}}/*"]
              }]
            }
            """
        );
        return (await AsStrangerAsync(options)).Credentials!;
    }

    /// <summary>The same bucket, with keys that belong to somebody without any rights to it.</summary>
    public async Task<S3Options> AsStrangerAsync(S3Options options)
    {
        var facts = await FactsAsync();
        return options with { Credentials = new S3Credentials(facts["limitedAccessKey"], facts["limitedSecretKey"]) };
    }
}
