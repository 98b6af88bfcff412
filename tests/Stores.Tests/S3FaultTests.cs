using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Holdfast.Core.Errors;
using Holdfast.Core.Stores;
using Holdfast.Stores.S3;
using Holdfast.Testing;
using Holdfast.Testing.Servers;

namespace Holdfast.Stores.Tests;

/// <summary>What a person is told when a bucket cannot be used.</summary>
public sealed class S3FaultTests(CephGateway ceph)
{
    [Fact]
    public async Task WrongSecret_IsDeniedAndNamesTheVariables()
    {
        var options = await ceph.CreateBucketAsync();
        var error = await FailEverythingAsync(
            options with
            {
                Credentials = options.Credentials! with { SecretKey = "hush-hush" },
                CredentialsFrom = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
            },
            StoreFault.Denied
        );
        Assert.Equal(ErrorCode.TargetUnreachable, error.Code);
        Assert.Contains("AWS_SECRET_ACCESS_KEY", error.Hint, StringComparison.Ordinal);
        Assert.Contains(options.Bucket, error.Message, StringComparison.Ordinal);
        Assert.Contains(options.Endpoint!.Authority, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ProfileThatDoesNotExist_IsDeniedAndNamed()
    {
        var options = Options("http://127.0.0.1:1") with { Credentials = null, Profile = "holdfast-no-such-profile" };
        var error = await FailEverythingAsync(options, StoreFault.Denied);
        Assert.Contains("holdfast-no-such-profile", error.Message, StringComparison.Ordinal);
        Assert.Contains("AWS_ACCESS_KEY_ID", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UnknownKey_IsDenied()
    {
        var options = await ceph.CreateBucketAsync();
        await FailEverythingAsync(options with { Credentials = new S3Credentials("nobody", "x") }, StoreFault.Denied);
    }

    [Fact]
    public async Task StrangerToTheBucket_IsDeniedAlsoForMissingObjects() =>
        await FailEverythingAsync(await ceph.AsStrangerAsync(await ceph.CreateBucketAsync()), StoreFault.Denied);

    [Fact]
    public async Task MissingBucket_IsTargetNotFoundAndNotMadeByAnything()
    {
        var options = await ceph.CreateBucketAsync() with { Bucket = "test-not-there" };
        var error = await FailEverythingAsync(options, StoreFault.TargetNotFound);
        Assert.Equal(ErrorCode.TargetNotFound, error.Code);
        Assert.Contains("test-not-there", error.Message, StringComparison.Ordinal);
        await FailEverythingAsync(options, StoreFault.TargetNotFound);
    }

    [Fact]
    public async Task ClosedPort_IsUnreachableAndNamesTheEndpoint()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        taken.Stop();
        var options = Options($"http://127.0.0.1:{port}") with { EndpointFrom = "MINIO_ENDPOINT" };
        var error = await FailEverythingAsync(options, StoreFault.Unreachable);
        Assert.True(error.IsTransient);
        Assert.Contains($"127.0.0.1:{port}", error.Message, StringComparison.Ordinal);
        Assert.Contains("MINIO_ENDPOINT", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UnknownHost_IsUnreachable() =>
        await FailEverythingAsync(Options("http://no-such-host.invalid:9000"), StoreFault.Unreachable);

    [Fact]
    public async Task SilentServer_IsUnreachableAfterTheStallTimeout()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var options = Options($"http://{silent.LocalEndpoint}") with { StallTimeout = TimeSpan.FromMilliseconds(200) };
        var error = await FailEverythingAsync(options, StoreFault.Unreachable);
        Assert.Contains("no progress", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ServerThatSpeaksNoHttp_IsUnreachable()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        using var ending = new CancellationTokenSource();
        var greeting = GreetAsync(other, ending.Token);
        await FailEverythingAsync(Options($"http://{other.LocalEndpoint}"), StoreFault.Unreachable);
        await ending.CancelAsync();
        await greeting;
    }

    [Fact]
    public async Task SelfSignedCertificate_IsRefusedWithTheWayOut()
    {
        var options = await ceph.WithTlsAsync(await ceph.CreateBucketAsync());
        var error = await FailEverythingAsync(options, StoreFault.Unreachable);
        Assert.Contains("caFile", error.Hint, StringComparison.Ordinal);
        Assert.Contains("certificate", error.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task SelfSignedCertificateThatIsTrusted_Works()
    {
        var options = await ceph.WithTlsAsync(await ceph.CreateBucketAsync());
        using var store = S3Store.Create(options with { CaFile = await ceph.CaFileAsync() });
        await store.PutAsync("a", SampleBytes.Of(7 << 20));
        Assert.Equal(SampleBytes.Of(7 << 20), await store.GetAsync("a"));
    }

    [Theory]
    [InlineData("/does/not/exist.pem")]
    [InlineData("/dev/null")]
    public void UnusableCaFile_IsAnErrorOfUsage(string file)
    {
        var error = Assert.Throws<HoldfastException>(() =>
            S3Store.Create(Options("https://127.0.0.1:1") with { CaFile = file })
        );
        Assert.Equal(ErrorCode.Usage, error.Code);
    }

    [Fact]
    public async Task BucketInTheHostName_Works()
    {
        var options = await ceph.CreateBucketAsync();
        var hosts = new ConcurrentBag<string>();
        using var store = S3Store.Create(
            options with
            {
                Endpoint = new UriBuilder(options.Endpoint!) { Host = "localhost" }.Uri,
                PathStyle = false,
                Connect = ConnectAsync,
            }
        );
        await store.PutAsync("dir/a b", SampleBytes.Of(100));
        Assert.Equal(["dir/a b"], await store.ListAsync("dir/"));
        Assert.Equal([$"{options.Bucket}.localhost"], hosts);

        async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
        {
            hosts.Add(context.DnsEndPoint.Host);
            var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, cancellationToken);
            return client.GetStream();
        }
    }

    private static S3Options Options(string endpoint) =>
        new()
        {
            Bucket = "bucket",
            Endpoint = new Uri(endpoint),
            Region = "us-east-1",
            PathStyle = true,
            Credentials = new S3Credentials("a", "b"),
            Retries = 1,
        };

    private static async Task GreetAsync(TcpListener listener, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync(cancellationToken);
                await client.GetStream().WriteAsync("220 mail.example.com ESMTP\r\n"u8.ToArray(), cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    /// <summary>Every operation must fail alike: none may take the failure for an empty store.</summary>
    private static async Task<StoreException> FailEverythingAsync(S3Options options, StoreFault fault)
    {
        using var store = S3Store.Create(options with { Retries = 1 });
        StoreException? last = null;
        Func<Task>[] operations =
        [
            () => store.PutAsync("a", SampleBytes.Of(10)),
            () => store.PutAsync("a", SampleBytes.Of(7 << 20), PutCondition.Always),
            () => store.GetAsync("a"),
            () => store.HeadAsync("a"),
            () => store.ListAsync(),
            () => store.DeleteAsync("a"),
        ];
        foreach (var operation in operations)
        {
            last = await Assert.ThrowsAsync<StoreException>(operation);
            Assert.True(last.Fault == fault, $"expected {fault}, not {last.Fault}: {last}");
        }

        return last!;
    }
}
