using Amazon.S3.Model;
using Holdfast.Core.Engines;
using Holdfast.Core.Errors;
using Holdfast.Core.Stores;
using Holdfast.Stores.S3;
using Holdfast.Testing;
using Holdfast.Testing.Servers;

namespace Holdfast.Stores.Tests;

/// <summary>Object lock: what is written is held fast, can be held longer, and nothing only pretends to.</summary>
public sealed class S3LockTests(CephGateway ceph, S3Rver s3rver)
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly byte[] First = SampleBytes.Of(1000, seed: 1);
    private static readonly byte[] Second = SampleBytes.Of(1000, seed: 2);
    private static readonly ObjectKey Key = new("copy");

    [Theory]
    [InlineData(S3LockMode.Compliance, 1000)]
    [InlineData(S3LockMode.Governance, 1000)]
    [InlineData(S3LockMode.Compliance, (11 << 20) + 1)]
    public async Task Put_IsHeldFastAndCannotBeRemoved(S3LockMode mode, int size)
    {
        var options = await LockingAsync(mode);
        using var store = S3Store.Create(options);
        var before = DateTimeOffset.UtcNow;
        await store.PutAsync("copy", SampleBytes.Of(size));
        var until = await store.RetainedUntilAsync(Key, CancellationToken.None);
        Assert.InRange(until!.Value, before + Hour - TimeSpan.FromSeconds(2), DateTimeOffset.UtcNow + Hour);

        using var client = S3TestServer.RawClient(options);
        var versions = (await client.ListVersionsAsync(options.Bucket)).Versions;
        Assert.NotEmpty(versions);
        foreach (var version in versions)
        {
            var refused = await Assert.ThrowsAsync<Amazon.S3.AmazonS3Exception>(() =>
                client.DeleteObjectAsync(options.Bucket, "copy", version.VersionId)
            );
            Assert.Equal(System.Net.HttpStatusCode.Forbidden, refused.StatusCode);
        }
    }

    [Fact]
    public async Task Delete_OnlyMarks_AndWhatWasThereIsStillRead()
    {
        using var store = S3Store.Create(await LockingAsync(S3LockMode.Compliance));
        await store.PutAsync("copy", First);
        var then = await NowAsync(store);
        await store.DeleteAsync(Key, CancellationToken.None);
        Assert.Null(await store.HeadAsync(Key, CancellationToken.None));
        using var past = store.AsOf(then);
        Assert.Equal(First, await past.GetAsync("copy"));
        // The name is free again.
        await store.PutAsync("copy", Second);
        Assert.Equal(Second, await store.GetAsync("copy"));
    }

    [Fact]
    public async Task Retain_HoldsLongerAndNeverShorter()
    {
        using var store = S3Store.Create(await LockingAsync(S3LockMode.Compliance));
        await store.PutAsync("copy", First);
        var later = DateTimeOffset.UtcNow + (3 * Hour);
        await store.RetainAsync(Key, later, CancellationToken.None);
        var until = await store.RetainedUntilAsync(Key, CancellationToken.None);
        Assert.InRange(until!.Value, later - TimeSpan.FromSeconds(1), later);
        await store.RetainAsync(Key, DateTimeOffset.UtcNow + Hour, CancellationToken.None);
        Assert.Equal(until, await store.RetainedUntilAsync(Key, CancellationToken.None));
        await AssertFaultAsync(
            StoreFault.NotFound,
            () => store.RetainAsync(new ObjectKey("other"), later, CancellationToken.None)
        );
    }

    [Fact]
    public async Task Extend_HoldsLongerWhatHasLessThanHalfLeft()
    {
        var options = await LockingAsync(S3LockMode.Governance);
        using var store = S3Store.Create(options);
        await store.PutAsync("old", First);
        await store.PutAsync("extended", First);
        await store.RetainAsync(new ObjectKey("extended"), DateTimeOffset.UtcNow + (2 * Hour), CancellationToken.None);
        var all = await store.ListAllAsync();
        Assert.Equal(0, await Retaining.ExtendAsync(store, all, new Shifted(TimeSpan.FromMinutes(25)), default));
        Assert.Equal(1, await Retaining.ExtendAsync(store, all, new Shifted(TimeSpan.FromMinutes(35)), default));
        var until = await store.RetainedUntilAsync(new ObjectKey("old"), CancellationToken.None);
        Assert.True(until > DateTimeOffset.UtcNow + TimeSpan.FromMinutes(90));
        Assert.Equal(0, await Retaining.ExtendAsync(store, all, new Shifted(TimeSpan.FromMinutes(35)), default));
    }

    [Fact]
    public async Task Extend_LocksWhatWasWrittenBeforeThereWasALock()
    {
        var options = await LockingAsync(S3LockMode.Governance);
        using (var before = S3Store.Create(options with { Lock = null }))
        {
            await before.PutAsync("copy", First);
            Assert.Null(await before.RetainedUntilAsync(Key, CancellationToken.None));
            Assert.Equal(
                0,
                await Retaining.ExtendAsync(before, await before.ListAllAsync(), new Shifted(Hour), default)
            );
        }

        using var store = S3Store.Create(options);
        Assert.Equal(1, await Retaining.ExtendAsync(store, await store.ListAllAsync(), new Shifted(Hour), default));
        Assert.NotNull(await store.RetainedUntilAsync(Key, CancellationToken.None));
    }

    [Fact]
    public async Task BucketWithoutLock_RefusesToWriteAndSaysWhy()
    {
        using var store = S3Store.Create(
            await ceph.CreateBucketAsync() with
            {
                Lock = new(S3LockMode.Governance, Hour),
            }
        );
        var error = await Assert.ThrowsAsync<StoreException>(() => store.PutAsync("copy", First));
        Assert.Contains("object lock", error.Hint, StringComparison.Ordinal);
        Assert.Empty(await store.ListAsync());
        await AssertProbeFailsAsync(store);
    }

    [Fact]
    public async Task ServiceThatIgnoresLocks_IsFoundOut()
    {
        using var store = S3Store.Create(
            await s3rver.CreateBucketAsync() with
            {
                Lock = new(S3LockMode.Governance, Hour),
            }
        );
        var error = await Assert.ThrowsAsync<StoreException>(() => store.PutAsync("copy", First));
        Assert.Equal(StoreFault.Unexpected, error.Fault);
        Assert.Contains("no object lock", error.Message, StringComparison.Ordinal);
        Assert.False(await store.HasVersionsAsync(CancellationToken.None));
        Assert.False(await store.CanRetainAsync(CancellationToken.None));
        using var past = store.AsOf(DateTimeOffset.UtcNow);
        var none = await Assert.ThrowsAsync<HoldfastException>(() => past.ListAsync());
        Assert.Equal(ErrorCode.Usage, none.Code);
        await AssertProbeFailsAsync(store);
    }

    [Fact]
    public async Task ProxyThatDropsTheHeaders_IsFoundOut()
    {
        var options = await LockingAsync(S3LockMode.Compliance);
        await using var proxy = new TamperingProxy(options.Endpoint!)
        {
            OnRequest = request =>
                Task.FromResult<Tampering?>(
                    request.HttpMethod == "HEAD" && request.RawUrl!.Contains("/copy", StringComparison.Ordinal)
                        ? new Tampering { WithoutAnswerHeaders = ["x-amz-object-lock-retain-until-date"] }
                        : null
                ),
        };
        using var store = S3Store.Create(options with { Endpoint = proxy.Endpoint });
        var error = await Assert.ThrowsAsync<StoreException>(() => store.PutAsync("copy", First));
        Assert.Contains("does not lock it", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Delete_RefusedWhileLocked_SaysUntilWhen()
    {
        var options = await LockingAsync(S3LockMode.Compliance);
        // A service that locks without keeping versions.
        await using var proxy = new TamperingProxy(options.Endpoint!)
        {
            OnRequest = request =>
                Task.FromResult<Tampering?>(
                    request.HttpMethod == "DELETE"
                        ? new Tampering { Status = 403 }
                        : new Tampering { WithoutAnswerHeaders = ["x-amz-version-id"] }
                ),
        };
        using var store = S3Store.Create(options with { Endpoint = proxy.Endpoint });
        await store.PutAsync("copy", First);
        var until = await store.RetainedUntilAsync(Key, CancellationToken.None);
        var error = await AssertFaultAsync(StoreFault.Locked, () => store.DeleteAsync(Key, CancellationToken.None));
        Assert.Contains($"{until:yyyy-MM-dd HH:mm:ss} UTC", error.Message, StringComparison.Ordinal);
        Assert.Equal(ErrorCode.Refused, error.Code);
    }

    [Fact]
    public async Task SeparateKeys_WriteAndExpire()
    {
        var options = await LockingAsync(S3LockMode.Governance);
        var writing = await ceph.AllowStrangerAsync(
            options,
            "s3:PutObject",
            "s3:GetObject",
            "s3:GetObjectVersion",
            "s3:ListBucket",
            "s3:PutObjectRetention",
            "s3:GetObjectRetention",
            "s3:GetBucketObjectLockConfiguration"
        );
        using (var writer = S3Store.Create(options with { Credentials = writing }))
        {
            await writer.PutAsync("copy", First);
            Assert.Equal(First, await writer.GetAsync("copy"));
            await AssertFaultAsync(StoreFault.Denied, () => writer.DeleteAsync(Key, CancellationToken.None));
        }

        using var both = S3Store.Create(options with { Credentials = writing, Expire = options.Credentials });
        await both.RetainAsync(Key, DateTimeOffset.UtcNow + (5 * Hour), CancellationToken.None);
        await both.DeleteAsync(Key, CancellationToken.None);
        Assert.Empty(await both.ListAsync());
    }

    [Fact]
    public async Task KeysThatMayOnlyWrite_CannotProveTheLockAndSaySo()
    {
        var options = await LockingAsync(S3LockMode.Governance);
        await using var proxy = new TamperingProxy(options.Endpoint!)
        {
            OnRequest = request =>
                Task.FromResult(request.HttpMethod == "HEAD" ? new Tampering { Status = 403 } : null),
        };
        using var store = S3Store.Create(options with { Endpoint = proxy.Endpoint });
        var error = await AssertFaultAsync(StoreFault.Denied, () => store.PutAsync("copy", First));
        Assert.Contains("s3:GetObjectRetention", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Probe_BucketWithLock_Passes()
    {
        using var store = S3Store.Create(await LockingAsync(S3LockMode.Governance));
        var findings = await StoreProbe.RunAsync(store, TimeProvider.System, 7 << 20, CancellationToken.None);
        Assert.All(findings, finding => Assert.True(finding.Severity == FindingSeverity.Pass, finding.ToString()));
        Assert.Contains("--as-of", findings.Single(f => f.Subject == "versions").Message, StringComparison.Ordinal);
        Assert.Contains(
            "locks them until",
            findings.Single(f => f.Subject == "write").Message,
            StringComparison.Ordinal
        );
    }

    /// <summary>The time of the store: its clock may differ from ours by less than a test takes.</summary>
    internal static async Task<DateTimeOffset> NowAsync(IObjectStore store)
    {
        await store.PutAsync($"clock/{Guid.NewGuid():N}", [1]);
        return (await store.ListAllAsync("clock/")).Max(found => found.LastModified);
    }

    private async Task<S3Options> LockingAsync(S3LockMode mode) =>
        await ceph.CreateBucketAsync(locking: true) with
        {
            Lock = new S3Lock(mode, Hour),
        };

    private static async Task AssertProbeFailsAsync(IObjectStore store)
    {
        var findings = await StoreProbe.RunAsync(store, TimeProvider.System, largeSize: null, CancellationToken.None);
        var finding = Assert.Single(findings, finding => finding.Subject == "lock");
        Assert.Equal(FindingSeverity.Fail, finding.Severity);
        Assert.Equal(FindingSeverity.Fail, findings.Single(f => f.Subject == "write").Severity);
    }

    private static async Task<StoreException> AssertFaultAsync(StoreFault fault, Func<Task> action)
    {
        var error = await Assert.ThrowsAsync<StoreException>(action);
        Assert.True(fault == error.Fault, $"{error.Fault}: {error.Message}");
        return error;
    }

    private sealed class Shifted(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
    }
}
