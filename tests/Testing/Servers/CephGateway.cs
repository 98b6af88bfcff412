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

    /// <summary>The same bucket, with keys that belong to somebody without any rights to it.</summary>
    public async Task<S3Options> AsStrangerAsync(S3Options options)
    {
        var facts = await FactsAsync();
        return options with { Credentials = new S3Credentials(facts["limitedAccessKey"], facts["limitedSecretKey"]) };
    }
}
