using Holdfast.Core.Stores;
using Holdfast.Core.Timeline;
using Holdfast.Core.Timeline.Shipping;
using Holdfast.Core.Timeline.Spool;
using Holdfast.Engines.Sqlite;
using Holdfast.Engines.Sqlite.Timeline;

namespace Holdfast.Endurance.Tests.Worlds;

/// <summary>Log, capture and shipper of one database and one target in this process, where clocks and stores can be made to lie.</summary>
internal sealed class Keeper : IAsyncDisposable
{
    /// <summary>The name of the database.</summary>
    public const string Database = "app";

    /// <summary>The name of the target.</summary>
    public const string Target = "vault";

    private readonly CancellationTokenSource stop = new();

    private Keeper(TimelineLog log, ICapture capture, TimelineShipper shipper)
    {
        Log = log;
        Capture = capture;
        Shipper = shipper;
        Shipping = shipper.RunAsync(stop.Token);
    }

    public TimelineLog Log { get; }

    public ICapture Capture { get; }

    public TimelineShipper Shipper { get; }

    /// <summary>Ends when the shipping ends by itself.</summary>
    public Task Shipping { get; }

    /// <summary>Starts all three.</summary>
    public static async Task<Keeper> StartAsync(
        string path,
        string state,
        IObjectStore store,
        TimeProvider time,
        long cap = 1L << 30,
        long file = 32L << 20
    )
    {
        var log = TimelineLog.Open(
            new TimelineLogOptions
            {
                Directory = Path.Combine(state, "log"),
                Database = Database,
                Targets = [Target],
                CapBytes = cap,
                FileBytes = file,
            },
            time
        );
        try
        {
            var capture = await new SqliteTimelineSource(path, new SqliteOptions(), time).StartCaptureAsync(
                log,
                CancellationToken.None
            );
            var options = new TimelineShipperOptions
            {
                Database = Database,
                Target = Target,
                Scratch = Path.Combine(state, "parts"),
                Interval = TimeSpan.FromMilliseconds(50),
                FirstRetry = TimeSpan.FromMilliseconds(20),
                LongestRetry = TimeSpan.FromMilliseconds(200),
            };
            return new Keeper(log, capture, new TimelineShipper(log, capture, store, options, time));
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }

    /// <summary>Stores everything that was committed before the call.</summary>
    public async Task<(LineageId Lineage, CommitInfo Commit)> SyncAsync(CancellationToken cancellationToken)
    {
        var commit = await Capture.CatchUpAsync(cancellationToken);
        var lineage = Log.Lineage!.Value;
        await Shipper.SyncAsync(lineage, commit.Number, cancellationToken);
        return (lineage, commit);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Shipping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Capture.DisposeAsync();
        Log.Dispose();
        stop.Dispose();
    }
}
