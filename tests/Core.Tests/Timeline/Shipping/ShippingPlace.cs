using Holdfast.Core.Stores;
using Holdfast.Core.Timeline.Shipping;
using Holdfast.Stores.Directories;
using Holdfast.Testing;

namespace Holdfast.Core.Tests.Timeline.Shipping;

/// <summary>A log, a capture, a target, and a shipper between them that can be stopped and started again.</summary>
internal sealed class ShippingPlace : IAsyncDisposable
{
    private readonly ScratchDirectory scratch = new();
    private CancellationTokenSource? stop;

    public ShippingPlace(int seed = 1, long cap = 1L << 30, long file = 32L << 20)
    {
        Log = new LogPlace(seed, cap, file);
        Capture = new FakeCapture(Log, seed);
        Inner = new DirectoryStore(scratch["vault"], createRoot: true);
        Store = new FaultInjectingStore(Inner);
        Options = new TimelineShipperOptions
        {
            Database = "app",
            Target = "vault",
            Scratch = scratch["scratch"],
            Interval = TimeSpan.FromMilliseconds(1),
            FirstRetry = TimeSpan.FromMilliseconds(1),
            LongestRetry = TimeSpan.FromMilliseconds(4),
            KeepEveryCommit = null,
            RollUpGrace = TimeSpan.Zero,
        };
    }

    public LogPlace Log { get; }

    public FakeCapture Capture { get; private set; }

    public DirectoryStore Inner { get; }

    public FaultInjectingStore Store { get; set; }

    /// <summary>What the shipper is given in the place of the store.</summary>
    public Func<IObjectStore, IObjectStore> Around { get; set; } = store => store;

    public TimelineShipperOptions Options { get; set; }

    public TimelineShipper Shipper { get; private set; } = null!;

    public Task Running { get; private set; } = Task.CompletedTask;

    public static CancellationToken Deadline => new CancellationTokenSource(TimeSpan.FromSeconds(8)).Token;

    public void Start()
    {
        stop = new CancellationTokenSource();
        Shipper = new TimelineShipper(Log.Log, Capture, Around(Store), Options, Log.Clock);
        Running = Shipper.RunAsync(stop.Token);
    }

    public async Task StopAsync()
    {
        if (stop != null)
        {
            await stop.CancelAsync();
            await Running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            stop.Dispose();
            stop = null;
        }
    }

    /// <summary>Stops the shipper, opens the log again as after a kill, and starts anew.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        Log.ReopenKilled();
        Start();
    }

    /// <summary>Everything committed so far is stored when this completes.</summary>
    public async Task SyncAsync()
    {
        try
        {
            await Shipper.SyncAsync(Log.Log.Lineage!.Value, Log.Log.Tip.Number, Deadline);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"commit {Log.Log.Tip.Number} was not stored in time: {Shipper.Status}");
        }
    }

    /// <summary>Waits until something has come about.</summary>
    public async Task UntilAsync(Func<Task<bool>> condition)
    {
        var deadline = Deadline;
        while (!await condition())
        {
            Assert.False(deadline.IsCancellationRequested, $"it did not come about in time: {Shipper.Status}");
            Assert.False(Running.IsFaulted, Running.Exception?.ToString());
            await Task.Delay(5);
        }
    }

    public Task<StoredTimeline> ReadAsync() => StoredTimeline.ReadAsync(Inner, "app", Log.Log.Lineage!.Value);

    public Task<List<string>> NamesAsync() => Inner.ListAsync("timeline/");

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Log.Dispose();
        Store.Dispose();
        scratch.Dispose();
    }
}
