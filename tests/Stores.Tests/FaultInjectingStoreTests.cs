using Holdfast.Core.Stores;
using Holdfast.Stores.Directories;
using Holdfast.Testing;

namespace Holdfast.Stores.Tests;

public sealed class FaultInjectingStoreTests : IDisposable
{
    private readonly ScratchDirectory scratch = new();
    private readonly FaultInjectingStore store;

    public FaultInjectingStoreTests() =>
        store = new FaultInjectingStore(new DirectoryStore(scratch["store"], createRoot: true));

    public void Dispose()
    {
        store.Dispose();
        scratch.Dispose();
    }

    [Fact]
    public async Task NoRules_EverythingGoesThroughAndIsCounted()
    {
        await store.PutAsync("a", SampleBytes.Of(10));
        Assert.Equal(SampleBytes.Of(10), await store.GetAsync("a"));
        Assert.Equal(["a"], await store.ListAsync());
        Assert.NotNull(await store.HeadAsync("a"));
        await store.DeleteAsync("a");
        Assert.Equal(
            [
                StoreOperation.Put,
                StoreOperation.OpenRead,
                StoreOperation.List,
                StoreOperation.Head,
                StoreOperation.Delete,
            ],
            store.Calls.Select(call => call.Operation)
        );
        Assert.Equal([1, 2, 3, 4, 5], store.Calls.Select(call => call.Number));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task FailNth_OnlyThatCallFails_BeforeOrAfterTheFact(bool afterTheFact)
    {
        store.FailNth(StoreOperation.Put, 2, InjectedFault.Unreachable(afterTheFact));
        await store.PutAsync("1", SampleBytes.Of(1));
        var error = await Assert.ThrowsAsync<StoreException>(() => store.PutAsync("2", SampleBytes.Of(1)));
        Assert.True(error.IsTransient);
        await store.PutAsync("3", SampleBytes.Of(1));
        Assert.Equal(afterTheFact ? ["1", "2", "3"] : ["1", "3"], await store.ListAsync());
    }

    [Fact]
    public async Task FailAll_List_ThrowsInsteadOfEnding()
    {
        store.FailAll(StoreOperation.List, InjectedFault.Denied());
        await Assert.ThrowsAsync<StoreException>(() => store.ListAsync());
    }

    [Fact]
    public async Task Truncated_ReadsLess()
    {
        await store.PutAsync("a", SampleBytes.Of(1000));
        store.FailNth(StoreOperation.OpenRead, 1, new InjectedFault { TruncateAt = 300 });
        Assert.Equal(SampleBytes.Of(1000)[..300], await store.GetAsync("a"));
        Assert.Equal(1000, (await store.GetAsync("a")).Length);
    }

    [Fact]
    public async Task FlippedBit_ChangesOneByte()
    {
        await store.PutAsync("a", SampleBytes.Of(1000));
        store.FailNth(StoreOperation.OpenRead, 1, new InjectedFault { FlipBitAt = 700 });
        var expected = SampleBytes.Of(1000);
        expected[700] ^= 1;
        Assert.Equal(expected, await store.GetAsync("a"));
    }

    [Fact]
    public async Task Stale_HidesWhatWasJustWritten()
    {
        using (var other = new DirectoryStore(scratch["store"], createRoot: true))
        {
            await other.PutAsync("old", SampleBytes.Of(1));
        }

        await store.PutAsync("new", SampleBytes.Of(1));
        store.FailNth(StoreOperation.List, 1, new InjectedFault { Stale = true });
        Assert.Equal(["old"], await store.ListAsync());
        Assert.Equal(["new", "old"], await store.ListAsync());
    }

    [Fact]
    public async Task Hooks_SeeEachCall()
    {
        var seen = new List<string>();
        store.Before = call => Note("before", call);
        store.After = call => Note("after", call);
        store.FailNth(StoreOperation.Put, 2, InjectedFault.NoSpace());
        await store.PutAsync("a", []);
        await Assert.ThrowsAsync<StoreException>(() => store.PutAsync("b", []));
        Assert.Equal(["before 1 a", "after 1 a", "before 2 b"], seen);

        Task Note(string when, StoreCall call)
        {
            seen.Add($"{when} {call.Number} {call.Name}");
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task AtRandom_SameSeed_SameFaults()
    {
        await store.PutAsync("something", []);
        var printed = new List<string>();
        var first = await PlayAsync(seed: 7, printed);
        Assert.Equal(first, await PlayAsync(seed: 7, printed));
        Assert.NotEqual(first, await PlayAsync(seed: 8, printed));
        Assert.InRange(first.Count(failed => failed), 15, 45);
        Assert.Contains("7", printed[0], StringComparison.Ordinal);
    }

    private async Task<List<bool>> PlayAsync(int seed, List<string> printed)
    {
        using var playing = new FaultInjectingStore(new DirectoryStore(scratch["store"], createRoot: true));
        playing.FailAtRandom(seed, share: 0.3, printed.Add);
        var failures = new List<bool>();
        for (var i = 0; i < 100; i++)
        {
            var attempt = playing.DeleteAsync("nothing");
            await attempt.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            failures.Add(attempt.IsFaulted);
        }

        return failures;
    }
}
