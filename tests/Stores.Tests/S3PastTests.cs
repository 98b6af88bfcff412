using Amazon.S3.Model;
using Holdfast.Core.Errors;
using Holdfast.Core.Stores;
using Holdfast.Stores.S3;
using Holdfast.Testing;
using Holdfast.Testing.Servers;

namespace Holdfast.Stores.Tests;

/// <summary>A bucket with versions: read as it was, and still nobody replaces what is there.</summary>
public sealed class S3PastTests(CephGateway ceph)
{
    private static readonly byte[] First = SampleBytes.Of(1000, seed: 1);
    private static readonly byte[] Second = SampleBytes.Of(2000, seed: 2);

    [Fact]
    public async Task AsOf_BringsBackWhatWasReplacedAndRemoved()
    {
        var options = await ceph.CreateBucketAsync(locking: true) with { Prefix = "in/here" };
        using var store = S3Store.Create(options);
        await store.PutAsync("kept", First);
        await store.PutAsync("replaced", First);
        await store.PutAsync("removed", First);
        await store.PutAsync("came and went", First);
        await store.DeleteAsync("came and went");
        var then = await S3LockTests.NowAsync(store);

        await store.PutAsync("replaced", Second, PutCondition.Always);
        await store.DeleteAsync("removed");
        await store.PutAsync("later", Second);
        using var past = store.AsOf(then);
        var names = (await past.ListAsync()).Where(name => !name.StartsWith("clock/", StringComparison.Ordinal));
        Assert.Equal(["kept", "removed", "replaced"], names);
        Assert.Equal(["removed", "replaced"], await past.ListAsync("re"));
        Assert.Equal(["replaced"], await past.ListAsync("re", startAfter: "removed"));
        Assert.All(await past.ListAllAsync("re"), found => Assert.Equal(First.Length, found.Size));

        // Asked by one that has listed, and by one that has not.
        using var other = store.AsOf(then);
        foreach (var view in (IObjectStore[])[past, other])
        {
            Assert.Equal(First, await view.GetAsync("replaced"));
            Assert.Equal(First[10..30], await view.GetAsync("removed", new Core.Stores.ByteRange(10, 20)));
            Assert.Equal(First.Length, (await view.HeadAsync("removed"))!.Size);
            Assert.Equal(Sha256Digest.Of(First), (await view.HeadAsync("replaced"))!.Sha256);
            Assert.Null(await view.HeadAsync("later"));
            Assert.Null(await view.HeadAsync("came and went"));
            Assert.Null(await view.HeadAsync("re"));
            await AssertFaultAsync(StoreFault.NotFound, () => view.GetAsync("later"));
        }

        Assert.Equal(Second, await store.GetAsync("replaced"));
    }

    [Fact]
    public async Task AsOf_CannotBeWrittenTo()
    {
        using var store = S3Store.Create(await ceph.CreateBucketAsync(locking: true));
        await store.PutAsync("a", First);
        using var past = store.AsOf(DateTimeOffset.UtcNow.AddMinutes(5));
        await AssertFaultAsync(StoreFault.Denied, () => past.PutAsync("b", Second));
        await AssertFaultAsync(StoreFault.Denied, () => past.DeleteAsync("a"));
        Assert.Equal(["a"], await store.ListAsync());
    }

    [Fact]
    public async Task AsOf_BeforeTheFirstVersion_IsEmpty()
    {
        using var store = S3Store.Create(await ceph.CreateBucketAsync(locking: true));
        await store.PutAsync("a", First);
        using var past = store.AsOf(DateTimeOffset.UtcNow.AddHours(-1));
        Assert.Empty(await past.ListAsync());
    }

    [Fact]
    public async Task AsOf_BucketWithoutVersions_IsAnErrorAndNotThePresent()
    {
        using var store = S3Store.Create(await ceph.CreateBucketAsync());
        await store.PutAsync("a", First);
        using var past = store.AsOf(DateTimeOffset.UtcNow);
        foreach (
            var reading in (Func<Task>[])[() => past.ListAsync(), () => past.GetAsync("a"), () => past.HeadAsync("a")]
        )
        {
            var error = await Assert.ThrowsAsync<HoldfastException>(reading);
            Assert.Equal(ErrorCode.Usage, error.Code);
            Assert.Contains("keeps no versions", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task AsOf_PagesWithManyVersionsOfOneName_AreReadToTheEnd()
    {
        var options = await ceph.CreateBucketAsync(locking: true);
        using var store = S3Store.Create(options);
        await store.PutAsync("a", First);
        var then = await S3LockTests.NowAsync(store);
        using var client = S3TestServer.RawClient(options);
        await Parallel.ForEachAsync(
            Enumerable.Range(0, 1100),
            new ParallelOptions { MaxDegreeOfParallelism = 16 },
            async (_, token) =>
                await client.PutObjectAsync(
                    new PutObjectRequest
                    {
                        BucketName = options.Bucket,
                        Key = "a",
                        ContentBody = "x",
                        UseChunkEncoding = false,
                    },
                    token
                )
        );
        await store.PutAsync("b", Second);
        using var past = store.AsOf(then);
        Assert.Equal(First, await past.GetAsync("a"));
        Assert.Equal(First.Length, (await past.ListAllAsync("a")).Single().Size);
        using var now = store.AsOf(DateTimeOffset.UtcNow.AddHours(1));
        Assert.Equal(["a", "b"], (await now.ListAsync()).Where(name => name.Length == 1));
    }

    [Fact]
    public async Task Put_IfAbsentWhereVersionsAreKept_TheOlderVersionWins()
    {
        var options = await ceph.CreateBucketAsync(locking: true);
        await using var proxy = new TamperingProxy(options.Endpoint!);
        using var store = S3Store.Create(options with { Endpoint = proxy.Endpoint });
        await store.PutAsync("a", First);
        // The name was free when it was looked at: another writer comes in between.
        using var other = S3TestServer.RawClient(options);
        var isFirst = true;
        proxy.OnRequest = async request =>
        {
            if (request.HttpMethod == "PUT" && request.RawUrl!.EndsWith("/b", StringComparison.Ordinal) && isFirst)
            {
                isFirst = false;
                var put = new PutObjectRequest
                {
                    BucketName = options.Bucket,
                    Key = "b",
                    ContentBody = "another's",
                };
                put.UseChunkEncoding = false;
                await other.PutObjectAsync(put);
            }

            return null;
        };
        await AssertFaultAsync(StoreFault.AlreadyExists, () => store.PutAsync("b", Second));
        Assert.Equal("another's"u8.ToArray(), await store.GetAsync("b"));
    }

    [Fact]
    public async Task Put_WhereConditionsAreHonoured_NoCareIsTakenAfterTheFirst()
    {
        var options = await ceph.CreateBucketAsync(locking: true);
        await using var proxy = new TamperingProxy(options.Endpoint!);
        var puts = 0;
        proxy.OnRequest = request =>
            // The second of the first name: what a service that knows the condition answers.
            Task.FromResult(
                request.HttpMethod == "PUT" && Interlocked.Increment(ref puts) == 2
                    ? new Tampering { Status = 412 }
                    : null
            );
        using var store = S3Store.Create(options with { Endpoint = proxy.Endpoint });
        await store.PutAsync("a", First);
        proxy.Requests.Clear();
        await store.PutAsync("b", Second);
        Assert.Equal($"PUT /{options.Bucket}/b", Assert.Single(proxy.Requests));
    }

    private static async Task AssertFaultAsync(StoreFault fault, Func<Task> action)
    {
        var error = await Assert.ThrowsAsync<StoreException>(action);
        Assert.True(fault == error.Fault, $"{error.Fault}: {error.Message}");
    }
}
