using System.Diagnostics;
using Holdfast.Core.Timeline;
using Holdfast.Core.Timeline.Restore;
using Holdfast.Core.Timeline.Shipping;
using Holdfast.Core.Timeline.Spool;
using Holdfast.Engines.Sqlite;
using Holdfast.Engines.Sqlite.Timeline;
using Holdfast.Stores.Directories;

namespace Holdfast.Figures;

/// <summary>Log, capture and shipper, put together as the command does.</summary>
internal static class Agent
{
    private const string Target = "vault";

    /// <summary>Keeps databases until standard input ends; then tells what it did.</summary>
    public static async Task<int> RunAsync(string state, string vault, int interval, string[] paths)
    {
        using var store = new DirectoryStore(vault, createRoot: true);
        using var stop = new CancellationTokenSource();
        List<(TimelineLog Log, ICapture Capture, TimelineShipper Shipper, Task Shipping)> kept = [];
        foreach (var path in paths)
        {
            var name = Path.GetFileNameWithoutExtension(path);
            var log = OpenLog(state, name);
            var capture = await StartAsync(path, log);
            var options = new TimelineShipperOptions
            {
                Database = name,
                Target = Target,
                Scratch = Path.Combine(state, name, "parts"),
                Interval = TimeSpan.FromMilliseconds(interval),
            };
            var shipper = new TimelineShipper(log, capture, store, options, TimeProvider.System);
            kept.Add((log, capture, shipper, shipper.RunAsync(stop.Token)));
        }

        foreach (var (log, _, shipper, _) in kept)
        {
            await shipper.SyncAsync(log.Lineage!.Value, log.Tip.Number, default);
        }

        Console.WriteLine("ready");
        await Task.Run(Console.In.ReadToEnd);
        var stopping = Stopwatch.StartNew();
        foreach (var (log, capture, shipper, _) in kept)
        {
            var tip = await capture.CatchUpAsync(default);
            await shipper.SyncAsync(log.Lineage!.Value, tip.Number, default);
            var status = capture.Status;
            if (kept.Count == 1)
            {
                Console.WriteLine(
                    FormattableString.Invariant(
                        $"commits={tip.Number} held={status.WriteLockHolds} held50={Micro(0.5)} held99={Micro(0.99)} heldmax={Micro(1)} resync={status.Resynchronisations} gaps={log.GivenUp.Count} catchup={stopping.ElapsedMilliseconds} gcs={GC.CollectionCount(0)}/{GC.CollectionCount(2)} heap={GC.GetTotalMemory(false) >> 20}"
                    )
                );
                double Micro(double part) => status.WriteLock.Quantile(part).TotalMicroseconds;
            }
        }

        await stop.CancelAsync();
        foreach (var (log, capture, _, shipping) in kept)
        {
            await Task.WhenAny(shipping);
            await capture.DisposeAsync();
            log.Dispose();
        }

        return 0;
    }

    /// <summary>How long it takes to read a database that changed while nobody looked.</summary>
    public static async Task<int> ResynchroniseAsync(string path, string state)
    {
        using (var log = OpenLog(state, "resynchronise"))
        {
            await using var capture = await StartAsync(path, log);
        }

        using (var sqlite = new Sqlite(path))
        {
            sqlite.Execute("UPDATE customers SET paid = 0 WHERE id = 5; PRAGMA wal_checkpoint(TRUNCATE)");
        }

        var clock = Stopwatch.StartNew();
        using (var log = OpenLog(state, "resynchronise"))
        {
            await using var capture = await StartAsync(path, log);
            var reads = capture.Status.Resynchronisations;
            Console.WriteLine(FormattableString.Invariant($"seconds={clock.Elapsed.TotalSeconds:0.000} reads={reads}"));
        }

        return 0;
    }

    /// <summary>Restores the newest commit.</summary>
    public static async Task<int> RestoreAsync(string vault, string name, string output)
    {
        using var store = new DirectoryStore(vault, createRoot: false);
        var catalogue = await TimelineCatalogue.ListAsync(store, name, keys: null, default);
        var plan = await new TimelinePlanner(catalogue).PlanAsync(new TimelineRequest(), default);
        using var file = File.OpenHandle(output, FileMode.CreateNew, FileAccess.ReadWrite);
        var pages = new PageFile(file, plan.PageSize, output);
        var restored = await new TimelineRestore(catalogue).RunAsync(
            plan,
            pages,
            new TimelineRestoreOptions(),
            default
        );
        pages.SetPages(plan.Target.DatabasePages);
        RandomAccess.FlushToDisk(file);
        Console.WriteLine($"commit={plan.Target.Number} objects={restored.Objects}");
        return 0;
    }

    private static TimelineLog OpenLog(string state, string name) =>
        TimelineLog.Open(
            new TimelineLogOptions
            {
                Directory = Path.Combine(state, name, "log"),
                Database = name,
                Targets = [Target],
            },
            TimeProvider.System
        );

    private static Task<ICapture> StartAsync(string path, TimelineLog log) =>
        new SqliteTimelineSource(path, new SqliteOptions(), TimeProvider.System).StartCaptureAsync(log, default);
}
