using System.Security.Cryptography;
using Holdfast.Core.Errors;
using Holdfast.Core.Stores;
using Holdfast.Testing;

namespace Holdfast.Stores.Tests;

/// <summary>What every store must do; one subclass per store, each test on a place of its own.</summary>
public abstract class StoreConformance : IAsyncLifetime
{
    private static readonly string[] OddKeys =
    [
        "odd/a b.db",
        "odd/a%20b.db",
        "odd/a+b=c&d.db",
        "odd/ü/日本 🙂.db",
        "odd/\uFB01 ligature",
        "odd/#?*[]{}~!@$,;:'\"|<>^`",
        "odd/.hidden",
        "odd/-dash",
    ];

    protected IObjectStore Store { get; private set; } = null!;

    /// <summary>Content larger than one request of the store, when it splits content at all.</summary>
    protected virtual int LargeSize => 9 << 20;

    /// <summary>How many objects make more than one page of a listing.</summary>
    protected virtual int ManyObjects => 1200;

    public async ValueTask InitializeAsync() => Store = await CreateStoreAsync();

    public async ValueTask DisposeAsync()
    {
        Store?.Dispose();
        await RemovePlaceAsync();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4 << 10)]
    [InlineData((5 << 20) + 1)]
    public async Task Put_AnySize_IsReadBackAndDescribed(int size)
    {
        var bytes = SampleBytes.Of(size);
        var put = await Store.PutAsync("dir/object.db", bytes);
        Assert.Equal(new ObjectKey("dir/object.db"), put.Key);
        Assert.Equal(size, put.Size);
        AssertSame(bytes, await Store.GetAsync("dir/object.db"));
        var head = await Store.HeadAsync("dir/object.db");
        Assert.Equal(size, head!.Size);
        Assert.InRange(head.LastModified, put.LastModified.AddMinutes(-5), put.LastModified.AddMinutes(5));
        Assert.True(head.Sha256 is null || head.Sha256 == Sha256Digest.Of(bytes));
    }

    [Theory]
    [InlineData(PutCondition.Always)]
    [InlineData(PutCondition.IfAbsent)]
    public async Task Put_LargeFile_IsReadBack(PutCondition condition)
    {
        using var scratch = new ScratchDirectory();
        var bytes = SampleBytes.Of(LargeSize);
        await File.WriteAllBytesAsync(scratch["large"], bytes);
        await Store.PutAsync(
            "large",
            await ObjectContent.FromFileAsync(scratch["large"], CancellationToken.None),
            condition
        );
        AssertSame(bytes, await Store.GetAsync("large"));
        AssertSame(bytes[^100..], await Store.GetAsync("large", new ByteRange(LargeSize - 100, 1000)));
    }

    [Fact]
    public async Task Put_IfAbsentOnExisting_IsRefusedAndChangesNothing()
    {
        await Store.PutAsync("a", SampleBytes.Of(10, seed: 1));
        await AssertFaultAsync(StoreFault.AlreadyExists, () => Store.PutAsync("a", SampleBytes.Of(10, seed: 2)));
        await AssertFaultAsync(StoreFault.AlreadyExists, () => Store.PutAsync("a", SampleBytes.Of(LargeSize, seed: 2)));
        AssertSame(SampleBytes.Of(10, seed: 1), await Store.GetAsync("a"));
    }

    [Fact]
    public async Task Put_IfAbsentOfTheBytesThatAreThere_SucceedsAsARetryDoes()
    {
        await Store.PutAsync("a", SampleBytes.Of(10));
        Assert.Equal(10, (await Store.PutAsync("a", SampleBytes.Of(10))).Size);
        await Store.PutAsync("large", SampleBytes.Of(LargeSize));
        Assert.Equal(LargeSize, (await Store.PutAsync("large", SampleBytes.Of(LargeSize))).Size);
    }

    [Fact]
    public async Task Put_Always_ReplacesTheWhole()
    {
        await Store.PutAsync("a", SampleBytes.Of(1000, seed: 1), PutCondition.Always);
        await Store.PutAsync("a", SampleBytes.Of(10, seed: 2), PutCondition.Always);
        AssertSame(SampleBytes.Of(10, seed: 2), await Store.GetAsync("a"));
    }

    [Fact]
    public async Task Put_EightWritersOfOneName_ExactlyOneWins()
    {
        for (var round = 0; round < 5; round++)
        {
            var key = $"race/{round}";
            var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var arrived = 0;
            var winners = await Task.WhenAll(
                Enumerable.Range(0, 8).Select(writer => Task.Run(() => WriteAsync(writer)))
            );
            var winner = Assert.Single(winners, won => won >= 0);
            AssertSame(SampleBytes.Of(5000, winner), await Store.GetAsync(key));

            async Task<int> WriteAsync(int writer)
            {
                if (Interlocked.Increment(ref arrived) == 8)
                {
                    start.SetResult();
                }

                await start.Task;
                try
                {
                    await Store.PutAsync(key, SampleBytes.Of(5000, writer));
                    return writer;
                }
                catch (StoreException refused) when (refused.Fault == StoreFault.AlreadyExists)
                {
                    return -1;
                }
            }
        }
    }

    [Theory]
    [InlineData(100)]
    [InlineData(50_000_000)]
    public async Task Put_ContentThatIsNotWhatItsDigestSays_LeavesNothing(int size)
    {
        using var scratch = new ScratchDirectory();
        var length = Math.Min(size, LargeSize);
        await File.WriteAllBytesAsync(scratch["file"], SampleBytes.Of(length, seed: 1));
        var wrong = ObjectContent.FromFile(scratch["file"], length, Sha256Digest.Of(SampleBytes.Of(length, seed: 2)));
        await AssertFaultAsync(StoreFault.Damaged, () => Store.PutAsync("wrong", wrong));
        Assert.Null(await Store.HeadAsync("wrong"));
        Assert.Empty(await Store.ListAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Put_CancelledMidway_LeavesNothing(bool large)
    {
        using var scratch = new ScratchDirectory();
        var bytes = SampleBytes.Of(large ? LargeSize : 3 << 20);
        await File.WriteAllBytesAsync(scratch["file"], bytes);
        var content = await ObjectContent.FromFileAsync(scratch["file"], CancellationToken.None);
        await Store.PutAsync("other", []);
        for (var milliseconds = 1; milliseconds <= 16; milliseconds *= 2)
        {
            using var cancellation = new CancellationTokenSource(milliseconds);
            var key = new ObjectKey($"cancelled/{milliseconds}");
            try
            {
                await Store.PutAsync(key, content, PutCondition.IfAbsent, cancellation.Token);
                // Faster than the cancellation; then it must be there whole.
                AssertSame(bytes, await Store.GetAsync(key.Value));
            }
            catch (OperationCanceledException)
            {
                await AssertAbsentOrWholeAsync(key, bytes);
            }
        }

        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Store.PutAsync(new ObjectKey("never"), content, PutCondition.Always, cancelled.Token)
        );
        Assert.Null(await Store.HeadAsync("never"));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 1000)]
    [InlineData(999, 1)]
    [InlineData(10, 500)]
    [InlineData(990, 500)]
    [InlineData(0, long.MaxValue)]
    [InlineData(1, long.MaxValue)]
    [InlineData(1000, 1)]
    [InlineData(100_000, 10)]
    public async Task OpenRead_Range_YieldsTheBytesThatAreThere(long offset, long length)
    {
        var bytes = SampleBytes.Of(1000);
        await Store.PutAsync("a", bytes);
        var expected = bytes.Skip((int)Math.Min(offset, 1000)).Take((int)Math.Min(length, 1000)).ToArray();
        AssertSame(expected, await Store.GetAsync("a", new ByteRange(offset, length)));
    }

    [Fact]
    public async Task OpenRead_RangeOfEmptyObject_YieldsNothing()
    {
        await Store.PutAsync("empty", []);
        Assert.Empty(await Store.GetAsync("empty", new ByteRange(0, 10)));
    }

    [Fact]
    public async Task OpenRead_SynchronousReaders_AreServedToo()
    {
        await Store.PutAsync("a", SampleBytes.Of(100_000));
        await using var stream = await Store.OpenReadAsync(new ObjectKey("a"), range: null, CancellationToken.None);
        using var bytes = new MemoryStream();
#pragma warning disable VSTHRD103 // This is what is tested.
        stream.CopyTo(bytes);
#pragma warning restore VSTHRD103
        AssertSame(SampleBytes.Of(100_000), bytes.ToArray());
    }

    [Fact]
    public async Task Missing_IsNotFoundOnReadAndNullOnHeadAndFineOnDelete()
    {
        await Store.PutAsync("other", SampleBytes.Of(1));
        await AssertFaultAsync(StoreFault.NotFound, () => Store.GetAsync("missing/object"));
        await AssertFaultAsync(StoreFault.NotFound, () => Store.GetAsync("missing", new ByteRange(5, 5)));
        Assert.Null(await Store.HeadAsync("missing/object"));
        Assert.Null(await Store.HeadAsync("other/below"));
        await AssertFaultAsync(StoreFault.NotFound, () => Store.GetAsync("other/below"));
        await Store.DeleteAsync("missing/object");
        await Store.DeleteAsync("other/below");
        Assert.Equal(["other"], await Store.ListAsync());
    }

    [Fact]
    public async Task Delete_Existing_RemovesOnlyThatObjectAndMayBeRepeated()
    {
        await Store.PutAsync("a/b/c", SampleBytes.Of(1));
        await Store.PutAsync("a/b/d", SampleBytes.Of(1));
        await Store.DeleteAsync("a/b/c");
        await Store.DeleteAsync("a/b/c");
        await Store.DeleteAsync("a/b");
        Assert.Equal(["a/b/d"], await Store.ListAsync());
        await Store.PutAsync("a/b/c", SampleBytes.Of(2));
        Assert.Equal(2, (await Store.HeadAsync("a/b/c"))!.Size);
    }

    [Fact]
    public async Task List_NestedNames_AreInOrderOfTheirBytes()
    {
        string[] keys = ["a", "a!b", "a-1/x", "a.b", "b/a", "b/c/d", "b0", "b/c.d", "B", "z/\uFB01", "z/🙂", "z/é"];
        foreach (var key in keys)
        {
            await Store.PutAsync(key, SampleBytes.Of(key.Length));
        }

        var expected = keys.Order(Comparer<string>.Create((x, y) => new ObjectKey(x).CompareTo(new(y)))).ToList();
        Assert.Equal(expected, await Store.ListAsync());
        for (var i = 0; i < expected.Count; i++)
        {
            Assert.Equal(expected[(i + 1)..], await Store.ListAsync(startAfter: expected[i]));
        }

        Assert.Equal(["b/a", "b/c.d", "b/c/d"], await Store.ListAsync("b/"));
        Assert.Equal(["b/c.d", "b/c/d", "b0"], await Store.ListAsync("b", "b/b"));
        Assert.Equal(["b/c/d"], await Store.ListAsync("b/c/"));
        Assert.Equal(["b/c.d", "b/c/d"], await Store.ListAsync("b/c"));
        Assert.Equal(["a-1/x"], await Store.ListAsync("a-"));
        Assert.Empty(await Store.ListAsync("nothing/here"));
        Assert.Empty(await Store.ListAsync("b", "c"));
        Assert.Empty(await Store.ListAsync("../"));
        Assert.Equal(["b/a", "b/c.d", "b/c/d", "b0"], await Store.ListAsync("b", "a"));
    }

    [Fact]
    public async Task List_MoreThanAPage_IsCompleteAndDescribesEach()
    {
        var keys = Enumerable.Range(0, ManyObjects).Select(i => $"many/{i % 7}/{i:D5}").Order(StringComparer.Ordinal);
        var expected = keys.ToList();
        await Parallel.ForEachAsync(
            expected,
            new ParallelOptions { MaxDegreeOfParallelism = 16 },
            async (key, _) => await Store.PutAsync(key, SampleBytes.Of(3))
        );
        Assert.Equal(expected, await Store.ListAsync());
        Assert.Equal(expected[ManyObjects..], await Store.ListAsync(startAfter: expected[^1]));
        Assert.Equal(expected[100..], await Store.ListAsync("many/", expected[99]));
        await foreach (var found in Store.ListAsync("many/3/", startAfter: null, CancellationToken.None))
        {
            Assert.Equal(3, found.Size);
            Assert.NotEqual(default, found.LastModified);
        }
    }

    [Fact]
    public async Task OddNames_AreKeptToTheLetter()
    {
        foreach (var key in OddKeys)
        {
            await Store.PutAsync(key, SampleBytes.Of(key.Length, key.Length));
        }

        Assert.Equal(
            OddKeys.Length,
            (await Store.ListAsync("odd/")).Intersect(OddKeys, StringComparer.Ordinal).Count()
        );
        foreach (var key in OddKeys)
        {
            AssertSame(SampleBytes.Of(key.Length, key.Length), await Store.GetAsync(key));
            Assert.Equal(key.Length, (await Store.HeadAsync(key))!.Size);
            Assert.Contains(key, await Store.ListAsync(key));
            await Store.DeleteAsync(key);
        }

        Assert.Empty(await Store.ListAsync());
    }

    [Fact]
    public async Task LongestName_IsStoredWhereTheStoreAllowsIt()
    {
        var segments = Enumerable.Range(0, 9).Select(i => new string((char)('a' + i), 99));
        var key = string.Join('/', segments) + "x";
        Assert.Equal(ObjectKey.MaxBytes, key.Length);
        await Store.PutAsync(key, SampleBytes.Of(5));
        Assert.Equal([key], await Store.ListAsync());
    }

    protected abstract Task<IObjectStore> CreateStoreAsync();

    protected virtual Task RemovePlaceAsync() => Task.CompletedTask;

    protected static async Task<StoreException> AssertFaultAsync(StoreFault fault, Func<Task> action)
    {
        var error = await Assert.ThrowsAsync<StoreException>(action);
        Assert.True(error.Fault == fault, $"expected {fault}, not {error.Fault}: {error}");
        return error;
    }

    /// <summary>Compares digests: a difference in megabytes is not readable anyway.</summary>
    protected static void AssertSame(byte[] expected, byte[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.Equal(Convert.ToHexString(SHA256.HashData(expected)), Convert.ToHexString(SHA256.HashData(actual)));
    }

    private async Task AssertAbsentOrWholeAsync(ObjectKey key, byte[] bytes)
    {
        if (await Store.HeadAsync(key.Value) is not null)
        {
            AssertSame(bytes, await Store.GetAsync(key.Value));
        }
    }
}
