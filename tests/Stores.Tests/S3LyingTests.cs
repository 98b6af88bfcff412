using System.Net;
using Holdfast.Core.Stores;
using Holdfast.Stores.S3;
using Holdfast.Testing;
using Holdfast.Testing.Servers;

namespace Holdfast.Stores.Tests;

/// <summary>The service, or the line to it, does not do what it should.</summary>
public sealed class S3LyingTests(CephGateway ceph, S3Rver s3rver) : IAsyncLifetime
{
    private const int LargeSize = 12 << 20;
    private static readonly byte[] Small = SampleBytes.Of(100_000);

    private S3Options direct = null!;
    private TamperingProxy proxy = null!;
    private S3Store store = null!;

    public async ValueTask InitializeAsync()
    {
        direct = await ceph.CreateBucketAsync();
        proxy = new TamperingProxy(direct.Endpoint!);
        store = S3Store.Create(direct with { Endpoint = proxy.Endpoint });
    }

    public async ValueTask DisposeAsync()
    {
        store?.Dispose();
        if (proxy != null)
        {
            await proxy.DisposeAsync();
        }
    }

    [Fact]
    public async Task Put_Small_IsOneRequest()
    {
        await store.PutAsync("a", Small);
        Assert.Single(proxy.Requests);
    }

    [Theory]
    [InlineData(100_000, 1)]
    [InlineData(LargeSize, 1)]
    public async Task Put_EtagThatIsNoDigest_IsProvenByReadingBack(int size, int reads)
    {
        TamperAll(request =>
            request.RawUrl!.Contains("partNumber", StringComparison.Ordinal)
                ? null
                : new Tampering { Etag = "\"not-a-digest\"" }
        );
        await store.PutAsync("a", SampleBytes.Of(size));
        Assert.Equal(reads, proxy.Requests.Count(request => request.StartsWith("GET", StringComparison.Ordinal)));
        Assert.Equal(["a"], await store.ListAsync());
    }

    [Fact]
    public async Task Put_Large_IsNotReadBackWhenTheServiceTellsADigest()
    {
        await store.PutAsync("a", SampleBytes.Of(LargeSize));
        Assert.DoesNotContain(proxy.Requests, request => request.StartsWith("GET", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Put_StoreTakesOtherBytesForGood_IsNoticedAndRemoved()
    {
        var lax = await s3rver.CreateBucketAsync();
        await using var line = new TamperingProxy(lax.Endpoint!);
        line.OnRequest = request =>
            Task.FromResult(
                request.HttpMethod == "PUT" ? new Tampering { Body = Flip, WithoutHeaders = ["Content-MD5"] } : null
            );
        using var stored = S3Store.Create(lax with { Endpoint = line.Endpoint });
        var error = await Assert.ThrowsAsync<StoreException>(() => stored.PutAsync("a", Small));
        Assert.Equal(StoreFault.Damaged, error.Fault);
        Assert.Contains("SHA-256", error.Message, StringComparison.Ordinal);
        Assert.Empty(await stored.ListAsync());
    }

    [Theory]
    [InlineData(100_000)]
    [InlineData(LargeSize)]
    public async Task Put_OtherBytesArrive_IsNoticedAndNothingIsLeft(int size)
    {
        // The headers that let the service notice are taken away, too.
        TamperAll(request =>
            request.HttpMethod == "PUT" ? new Tampering { Body = Flip, WithoutHeaders = ["Content-MD5"] } : null
        );
        var error = await Assert.ThrowsAsync<StoreException>(() => store.PutAsync("a", SampleBytes.Of(size)));
        Assert.True(error.Fault is StoreFault.Damaged or StoreFault.Denied, error.ToString());
        Assert.Empty(await store.ListAsync());
    }

    [Fact]
    public async Task Put_ReplacedBeforeItIsReadBack_IsNoticedAndTheOtherStays()
    {
        var meddled = false;
        proxy.OnRequest = async request =>
        {
            if (request.HttpMethod == "GET" && !meddled)
            {
                meddled = true;
                using var other = S3TestServer.RawClient(direct);
                await other.PutObjectAsync(
                    new()
                    {
                        BucketName = direct.Bucket,
                        Key = "a",
                        ContentBody = "x",
                    }
                );
            }

            return request.HttpMethod == "PUT" ? new Tampering { Etag = $"\"{new string('0', 32)}\"" } : null;
        };
        var error = await Assert.ThrowsAsync<StoreException>(() => store.PutAsync("a", Small));
        Assert.Equal(StoreFault.Damaged, error.Fault);
        Assert.Equal("x"u8.ToArray(), await store.GetAsync("a"));
    }

    [Fact]
    public async Task Put_NotVerifiableByWriteOnlyKeys_SaysSoAndIsRemoved()
    {
        TamperAll(request =>
            request.HttpMethod switch
            {
                "PUT" => new Tampering { Etag = "\"x\"" },
                "GET" => new Tampering { Status = 403 },
                "HEAD" => new Tampering { Etag = "\"x\"" },
                _ => null,
            }
        );
        var error = await Assert.ThrowsAsync<StoreException>(() => store.PutAsync("a", Small));
        Assert.Equal(StoreFault.Denied, error.Fault);
        Assert.Contains("cannot be verified", error.Message, StringComparison.Ordinal);
        Assert.Contains("s3:GetObject", error.Hint, StringComparison.Ordinal);
        using var raw = S3Store.Create(direct);
        Assert.Empty(await raw.ListAsync());
    }

    [Theory]
    [InlineData(100_000)]
    [InlineData(LargeSize)]
    public async Task Put_WriteOnlyKeys_AreEnoughWhenTheServiceAnswersWithADigest(int size)
    {
        TamperAll(request => request.HttpMethod is "GET" or "HEAD" ? new Tampering { Status = 403 } : null);
        Assert.Equal(size, (await store.PutAsync("a", SampleBytes.Of(size))).Size);
    }

    [Theory]
    [InlineData(PutCondition.IfAbsent)]
    [InlineData(PutCondition.Always)]
    public async Task Put_AnswerLost_SucceedsByItsRetry(PutCondition condition)
    {
        TamperOnce("PUT", new Tampering { DropAnswer = true });
        await store.PutAsync("a", ObjectContent.FromBytes(Small), condition);
        Assert.Equal(Small, await store.GetAsync("a"));
    }

    [Fact]
    public async Task Put_AnswerOfTheLastRequestOfPartsLost_Succeeds()
    {
        TamperOnce(
            "POST",
            new Tampering { DropAnswer = true },
            request => request.RawUrl!.Contains("uploadId", StringComparison.Ordinal)
        );
        await store.PutAsync("large", SampleBytes.Of(LargeSize));
        Assert.Equal(SampleBytes.Of(LargeSize), await store.GetAsync("large"));
    }

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task Put_ServiceUnwellForAWhile_Succeeds(int status)
    {
        TamperOnce("PUT", new Tampering { Status = status });
        await store.PutAsync("a", Small);
    }

    [Fact]
    public async Task Put_Conflict_IsTriedAgain()
    {
        TamperOnce("PUT", new Tampering { Status = 409 });
        await store.PutAsync("a", Small);
    }

    [Theory]
    [InlineData(503, StoreFault.Unreachable)]
    [InlineData(507, StoreFault.NoSpace)]
    [InlineData(403, StoreFault.Denied)]
    [InlineData(501, StoreFault.Unexpected)]
    public async Task Put_PartsFail_LeavesNoParts(int status, StoreFault fault)
    {
        TamperAll(request =>
            request.RawUrl!.Contains("partNumber=2", StringComparison.Ordinal)
                ? new Tampering { Status = status }
                : null
        );
        var error = await Assert.ThrowsAsync<StoreException>(() => store.PutAsync("large", SampleBytes.Of(LargeSize)));
        Assert.True(error.Fault == fault, error.ToString());
        await AssertNoPartsAsync();
        Assert.Empty(await store.ListAsync());
    }

    [Fact]
    public async Task Put_CancelledWhilePartsAreUnderWay_LeavesNoParts()
    {
        using var cancellation = new CancellationTokenSource();
        TamperAll(request =>
        {
            if (request.RawUrl!.Contains("partNumber=2", StringComparison.Ordinal))
            {
                cancellation.Cancel();
            }

            return null;
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            store.PutAsync(
                new ObjectKey("large"),
                SampleBytes.Content(LargeSize),
                PutCondition.Always,
                cancellation.Token
            )
        );
        await AssertNoPartsAsync();
        Assert.Empty(await store.ListAsync());
    }

    [Fact]
    public async Task Put_LargeWhileAnotherAppears_DoesNotReplaceIt()
    {
        using var other = S3Store.Create(direct);
        proxy.OnRequest = async request =>
        {
            if (request.RawUrl!.Contains("partNumber=3", StringComparison.Ordinal))
            {
                await other.PutAsync("large", SampleBytes.Of(10));
            }

            return null;
        };
        var error = await Assert.ThrowsAsync<StoreException>(() => store.PutAsync("large", SampleBytes.Of(LargeSize)));
        Assert.Equal(StoreFault.AlreadyExists, error.Fault);
        Assert.Equal(10, (await store.HeadAsync("large"))!.Size);
        await AssertNoPartsAsync();
    }

    [Fact]
    public async Task Read_ConnectionCutAgainAndAgain_GoesOnWhereItEnded()
    {
        await store.PutAsync("large", SampleBytes.Of(LargeSize));
        TamperAll(request => request.HttpMethod == "GET" ? new Tampering { CutAfter = 1_000_000 } : null);
        Assert.Equal(SampleBytes.Of(LargeSize), await store.GetAsync("large"));
        Assert.True(proxy.Requests.Count(request => request.StartsWith("GET", StringComparison.Ordinal)) >= 12);
        Assert.Equal(
            SampleBytes.Of(LargeSize)[1000..5_000_000],
            await store.GetAsync("large", new ByteRange(1000, 5_000_000 - 1000))
        );
    }

    [Fact]
    public async Task Read_NoProgressAtAll_EndsWithTheAddress()
    {
        await store.PutAsync("a", Small);
        TamperAll(request => request.HttpMethod == "GET" ? new Tampering { CutAfter = 0 } : null);
        var error = await Assert.ThrowsAsync<StoreException>(() => store.GetAsync("a"));
        Assert.Equal(StoreFault.Unreachable, error.Fault);
        Assert.Contains(store.Address, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_ReplacedMeanwhile_IsNoticed()
    {
        await store.PutAsync("a", Small);
        var first = true;
        proxy.OnRequest = async request =>
        {
            if (request.HttpMethod != "GET")
            {
                return null;
            }

            if (!first)
            {
                using var other = S3Store.Create(direct);
                await other.PutAsync("a", SampleBytes.Of(Small.Length, seed: 2), PutCondition.Always);
            }

            first = false;
            return new Tampering { CutAfter = 1000 };
        };
        var error = await Assert.ThrowsAsync<StoreException>(() => store.GetAsync("a"));
        Assert.Equal(StoreFault.Damaged, error.Fault);
    }

    [Fact]
    public async Task Read_RangeIgnored_IsNoticed()
    {
        await store.PutAsync("a", Small);
        TamperAll(_ => new Tampering { WithoutHeaders = ["Range"] });
        var error = await Assert.ThrowsAsync<StoreException>(() => store.GetAsync("a", new ByteRange(10, 10)));
        Assert.True(error.Fault is StoreFault.Unexpected or StoreFault.Denied, error.ToString());
    }

    [Fact]
    public async Task List_NoAnswerAtAll_IsNotAnEmptyStore()
    {
        TamperAll(_ => new Tampering { Status = 200 });
        await Assert.ThrowsAsync<StoreException>(() => store.ListAsync());
    }

    [Fact]
    public async Task List_BrokenOffMidway_IsNotAShortList()
    {
        await store.PutAsync("a", Small);
        TamperAll(_ => new Tampering { CutAfter = 200 });
        await Assert.ThrowsAsync<StoreException>(() => store.ListAsync());
    }

    [Fact]
    public async Task List_NamesThatAreNoKeys_AreLeftOut()
    {
        using var raw = S3TestServer.RawClient(direct);
        foreach (var name in new[] { "a", "b/", "c//d", "e\\f", "g\nh", "i\u0001j", "../k", "l" })
        {
            await raw.PutObjectAsync(
                new()
                {
                    BucketName = direct.Bucket,
                    Key = name,
                    ContentBody = "x",
                }
            );
        }

        Assert.Equal(["a", "l"], await store.ListAsync());
    }

    private static byte[] Flip(byte[] body)
    {
        body[body.Length / 2] ^= 1;
        return body;
    }

    private void TamperAll(Func<HttpListenerRequest, Tampering?> decide) =>
        proxy.OnRequest = request => Task.FromResult(decide(request));

    private void Tamper(string method, Tampering tampering) =>
        TamperAll(request => request.HttpMethod == method ? tampering : null);

    private void TamperOnce(string method, Tampering tampering, Func<HttpListenerRequest, bool>? condition = null)
    {
        var left = 1;
        TamperAll(request =>
            request.HttpMethod == method && condition?.Invoke(request) != false && left-- > 0 ? tampering : null
        );
    }

    private async Task AssertNoPartsAsync()
    {
        using var raw = S3TestServer.RawClient(direct);
        var uploads = await raw.ListMultipartUploadsAsync(direct.Bucket);
        Assert.Empty(uploads.MultipartUploads ?? []);
    }
}
