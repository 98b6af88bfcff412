using Holdfast.Core.Timeline.Shipping;
using Holdfast.Core.Timeline.Spool;
using Holdfast.Engines.Sqlite;
using Holdfast.Engines.Sqlite.Timeline;
using Holdfast.Stores.Directories;

namespace Holdfast.Benchmarks;

/// <summary>Keeps the timeline of a database for <c>bench/timeline-restores</c>: from "ready" until standard input ends.</summary>
internal static class Capturing
{
    public static async Task RunAsync(string path, string vault, string state)
    {
        using var store = new DirectoryStore(vault, createRoot: true);
        using var log = TimelineLog.Open(
            new TimelineLogOptions
            {
                Directory = Path.Combine(state, "log"),
                Database = "app",
                Targets = ["vault"],
            },
            TimeProvider.System
        );
        var source = new SqliteTimelineSource(path, new SqliteOptions(), TimeProvider.System);
        await using var capture = await source.StartCaptureAsync(log, default);
        using var stop = new CancellationTokenSource();
        var options = new TimelineShipperOptions
        {
            Database = "app",
            Target = "vault",
            Scratch = Path.Combine(state, "parts"),
        };
        var shipper = new TimelineShipper(log, capture, store, options, TimeProvider.System);
        var shipping = shipper.RunAsync(stop.Token);
        await SyncAsync();
        Console.WriteLine("ready");
        _ = await Console.In.ReadToEndAsync();
        await SyncAsync();
        await stop.CancelAsync();
        await ((Task)shipping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Console.WriteLine($"{log.Tip.Number} commits");

        async Task SyncAsync() =>
            await shipper.SyncAsync(log.Lineage!.Value, (await capture.CatchUpAsync(default)).Number, default);
    }
}
