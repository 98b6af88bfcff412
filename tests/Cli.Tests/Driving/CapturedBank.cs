using System.Globalization;
using Holdfast.Core.Stores;
using Holdfast.Core.Timeline;
using Holdfast.Core.Timeline.Shipping;
using Holdfast.Core.Timeline.Spool;
using Holdfast.Engines.Sqlite;
using Holdfast.Engines.Sqlite.Timeline;
using Holdfast.Stores.Directories;

namespace Holdfast.Cli.Tests.Driving;

/// <summary>The bank of a place while its commits are captured and stored, as long as this lives.</summary>
internal sealed class CapturedBank : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);
    private readonly CancellationTokenSource stop = new();
    private readonly IObjectStore store;
    private readonly TimelineLog log;
    private readonly ICapture capture;
    private readonly TimelineShipper shipper;
    private readonly Task shipping;

    private CapturedBank(
        Place place,
        string vault,
        string path,
        TimelineLog log,
        ICapture capture,
        IObjectStore? target
    )
    {
        (this.log, this.capture) = (log, capture);
        Path = path;
        Vault = place[vault];
        store = target ?? new DirectoryStore(Vault, createRoot: true);
        shipper = new TimelineShipper(
            log,
            capture,
            store,
            new TimelineShipperOptions
            {
                Database = "app",
                Target = "vault",
                Scratch = place[$".{vault}-parts"],
                Interval = TimeSpan.FromMilliseconds(1),
                MostJournals = 10_000,
            },
            TimeProvider.System
        );
        shipping = shipper.RunAsync(stop.Token);
    }

    /// <summary>The database.</summary>
    public string Path { get; }

    /// <summary>Where its commits go.</summary>
    public string Vault { get; }

    /// <summary>The commits that were stored, with the payment that each of them made.</summary>
    public List<(CommitInfo Commit, int Paid)> Commits { get; } = [];

    public LineageId Lineage => log.Lineage!.Value;

    public static async Task<CapturedBank> StartAsync(
        Place place,
        string vault = "vault",
        int accounts = 200,
        IObjectStore? target = null
    )
    {
        var path = place["app.db"];
        if (!File.Exists(path))
        {
            _ = place.Bank(accounts: accounts);
        }

        var log = TimelineLog.Open(
            new TimelineLogOptions
            {
                Directory = place[$".{vault}-log"],
                Database = "app",
                Targets = ["vault"],
            },
            TimeProvider.System
        );
        var source = new SqliteTimelineSource(path, new SqliteOptions(), TimeProvider.System);
        var capture = await source.StartCaptureAsync(log, TestContext.Current.CancellationToken);
        var bank = new CapturedBank(place, vault, path, log, capture, target);

        // The base is finished before anything else is stored, so that every commit from here on can be restored.
        await bank.SyncAsync(paid: 0);
        return bank;
    }

    /// <summary>Pays, in a commit of its own and in a stored journal of its own.</summary>
    public async Task<CommitInfo> PayAsync(int amount)
    {
        Bank.Pay(Path, amount);
        return await SyncAsync(amount);
    }

    /// <summary>Stores what was committed.</summary>
    public async Task<CommitInfo> SyncAsync(int paid)
    {
        var tip = await capture.CatchUpAsync(TestContext.Current.CancellationToken);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Deadline);
        await shipper.SyncAsync(Lineage, tip.Number, deadline.Token);
        Commits.Add((tip, paid));
        return tip;
    }

    /// <summary>Names a commit.</summary>
    public Task NameAsync(CommitInfo commit, string reason) =>
        shipper.PutPointAsync(Lineage, commit, reason, TestContext.Current.CancellationToken);

    /// <summary>The stored objects whose name begins so.</summary>
    public IReadOnlyList<string> Objects(string beginning) =>
        [
            .. Directory
                .EnumerateFiles(System.IO.Path.Combine(Vault, "timeline", "app", Lineage.ToString()), beginning + "*")
                .Order(),
        ];

    /// <summary>The journal with a commit.</summary>
    public string JournalOf(CommitInfo commit) => Objects("j-").Last(path => FirstOf(path) <= commit.Number);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await ((Task)shipping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await capture.DisposeAsync();
        log.Dispose();
        store.Dispose();
        stop.Dispose();
    }

    private static long FirstOf(string journal) =>
        long.Parse(System.IO.Path.GetFileName(journal)[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
