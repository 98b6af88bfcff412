using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Amazon.Runtime;
using Holdfast.Core.Errors;

namespace Holdfast.Stores.S3;

/// <summary>Makes the HTTP client of a store: its own authorities if asked for, and no request that hangs for ever.</summary>
internal sealed class S3HttpClients(S3Options options, TimeProvider time) : HttpClientFactory
{
    private readonly X509Certificate2Collection? authorities = options.CaFile is { } file ? Read(file) : null;

    public override HttpClient CreateHttpClient(IClientConfig clientConfig)
    {
        var sockets = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = options.ConnectTimeout,
            ConnectCallback = options.Connect,
            // A service that moves is found again although connections are kept.
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
            UseCookies = false,
        };
        if (authorities != null)
        {
            sockets.SslOptions.CertificateChainPolicy = TrustOnly(authorities);
        }

        return new HttpClient(new DigestGuard(new StallGuard(sockets, options.StallTimeout, time)))
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    private static X509ChainPolicy TrustOnly(X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }

    private static X509Certificate2Collection Read(string file)
    {
        var found = new X509Certificate2Collection();
        try
        {
            found.ImportFromPemFile(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw Unusable($"the certificates in {file} cannot be read: {error.Message}", error);
        }

        return found.Count > 0 ? found : throw Unusable($"there is no certificate in {file}");
    }

    private static HoldfastException Unusable(string message, Exception? error = null) =>
        new(ErrorCode.Usage, message, "caFile must name a PEM file", error);
}
