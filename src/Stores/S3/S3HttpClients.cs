using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Amazon.Runtime;
using Holdfast.Core.Errors;

namespace Holdfast.Stores.S3;

/// <summary>Makes the HTTP client of a store: its own authorities if asked for, and no request that hangs for ever.</summary>
internal sealed class S3HttpClients(S3Options options, TimeProvider time) : HttpClientFactory
{
    public override HttpClient CreateHttpClient(IClientConfig clientConfig)
    {
        var sockets = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = options.ConnectTimeout,
            // A service that moves is found again although connections are kept.
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
            UseCookies = false,
        };
        if (options.CaFile is { } file)
        {
            sockets.SslOptions.CertificateChainPolicy = TrustOnly(file);
        }

        return new HttpClient(new StallGuard(sockets, options.StallTimeout, time))
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    private static X509ChainPolicy TrustOnly(string file)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        try
        {
            policy.CustomTrustStore.ImportFromPemFile(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new HoldfastException(
                ErrorCode.Usage,
                $"the certificates in {file} cannot be read: {error.Message}",
                "caFile must name a PEM file",
                error
            );
        }

        return policy.CustomTrustStore.Count > 0
            ? policy
            : throw new HoldfastException(
                ErrorCode.Usage,
                $"there is no certificate in {file}",
                "caFile must name a PEM file"
            );
    }
}
