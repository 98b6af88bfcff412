using Holdfast.Core.Errors;
using Holdfast.Core.Timeline;
using Holdfast.Core.Timeline.Shipping;
using Holdfast.Core.Timeline.Spool;

namespace Holdfast.Agent;

/// <summary>A timeline that is being kept: its log, the capture that fills it, and one shipper for each target.</summary>
internal sealed class OpenTimeline : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly List<(TimelineTarget Target, TimelineShipper Shipper, Task Running)> shippers = [];

    private OpenTimeline(TimelineDatabase database, TimelineLog log, string directory, TimeProvider time)
    {
        Log = log;
        Capture = new CurrentCapture(database.Source, log, database.Name);
        foreach (var (target, number) in database.Targets.Select((target, number) => (target, number)))
        {
            var shipper = new TimelineShipper(
                log,
                Capture,
                target.Store,
                new TimelineShipperOptions
                {
                    Database = database.Name,
                    Target = target.Name,
                    Scratch = Path.Combine(directory, $"parts-{number}"),
                    Interval = database.Options.Interval,
                    KeepEveryCommit = target.KeepEveryCommit,
                    KeepPoints = target.KeepPoints,
                    Zone = target.Zone,
                    ObjectsLive = target.ObjectsLive,
                    Vault = target.Vault,
                },
                time
            );
            shippers.Add((target, shipper, Task.Run(() => shipper.RunAsync(stop.Token))));
        }
    }

    public TimelineLog Log { get; }

    public CurrentCapture Capture { get; }

    public IEnumerable<(TimelineTarget Target, TimelineShipperStatus Status)> Shipping =>
        shippers.Select(shipper => (shipper.Target, shipper.Shipper.Status));

    /// <summary>The spool that is written, or was last; null when nothing was ever captured.</summary>
    public ISpool? Spool => Log.All is [.., var newest] ? newest : null;

    /// <summary>Opens the log, and begins to ship what it holds.</summary>
    /// <exception cref="HoldfastException">Another process has it, or it cannot be used.</exception>
    public static OpenTimeline Open(TimelineDatabase database, string directory, TimeProvider time)
    {
        var log = TimelineLog.Open(
            new TimelineLogOptions
            {
                Directory = directory,
                Database = database.Name,
                Targets = [.. database.Targets.Select(target => target.Name)],
                CapBytes = database.Options.SpoolBytes,
            },
            time
        );
        return new OpenTimeline(database, log, directory, time);
    }

    /// <summary>Completes when the capture or a shipper has ended: with the failure and the shipper, null for the capture.</summary>
    public async Task<(Exception Failure, TimelineShipperStatus? Shipper)> EndedAsync(
        CancellationToken cancellationToken
    )
    {
        var capture = Capture.Completion;
        var ended = await Task.WhenAny([capture, .. shippers.Select(shipper => shipper.Running)])
            .WaitAsync(cancellationToken);
        var failure =
            ended.Exception?.InnerException
            ?? new HoldfastException(ErrorCode.Failure, "the capture has ended without a reason");
        var shipper = shippers.Find(shipper => shipper.Running == ended).Shipper;
        return (failure, shipper?.Status);
    }

    /// <summary>Captures everything committed before the call.</summary>
    /// <returns>The newest commit, and its lineage.</returns>
    public async Task<(LineageId Lineage, CommitInfo Commit)> CatchUpAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            // A commit's number means nothing without its lineage, and another may begin at any moment.
            var before = Spool?.Lineage;
            var commit = await Capture.CatchUpAsync(cancellationToken);
            if (Spool is { Ended: false } spool && (before == null || before == spool.Lineage))
            {
                return (spool.Lineage, spool.Newest.Number == commit.Number ? spool.Newest : commit);
            }

            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Completes when all targets have a commit.</summary>
    public Task SyncAsync(LineageId lineage, long commit, CancellationToken cancellationToken) =>
        Task.WhenAll(shippers.Select(shipper => shipper.Shipper.SyncAsync(lineage, commit, cancellationToken)));

    /// <summary>Makes a new base at all targets.</summary>
    public Task MakeBaseAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(shippers.Select(shipper => shipper.Shipper.MakeBaseAsync(cancellationToken)));

    /// <summary>Names a commit as a restore point at all targets.</summary>
    public Task PutPointAsync(
        LineageId lineage,
        CommitInfo commit,
        string reason,
        CancellationToken cancellationToken
    ) =>
        Task.WhenAll(
            shippers.Select(shipper => shipper.Shipper.PutPointAsync(lineage, commit, reason, cancellationToken))
        );

    public async ValueTask DisposeAsync()
    {
        // The shippers first: they ask the capture, and read what the log holds.
        await stop.CancelAsync();
        await Task.WhenAll(shippers.Select(shipper => shipper.Running))
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            await Capture.StopAsync();
        }
        finally
        {
            Log.Dispose();
            stop.Dispose();
        }
    }
}
