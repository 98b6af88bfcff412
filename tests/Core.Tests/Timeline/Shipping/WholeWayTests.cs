using Holdfast.Core.Tests.Snapshots;
using Holdfast.Core.Timeline.Restore;
using Holdfast.Core.Timeline.Shipping;
using Holdfast.Core.Timeline.Spool;
using Holdfast.Engines.Sqlite;
using Holdfast.Engines.Sqlite.Timeline;
using Holdfast.Stores.Directories;
using Holdfast.Testing;

namespace Holdfast.Core.Tests.Timeline.Shipping;

public sealed class WholeWayTests
{
    [Fact]
    public async Task I_can_restore_any_commit_of_a_SQLite_database_that_was_written_all_the_time()
    {
        var token = TestContext.Current.CancellationToken;
        using var scratch = new ScratchDirectory();
        var path = TestDatabase.Create(scratch["app.db"], rows: 20_000);
        _ = TestDatabase.Execute(path, "PRAGMA journal_mode=WAL");
        using var store = new DirectoryStore(scratch["vault"], createRoot: true);
        using var log = TimelineLog.Open(
            new TimelineLogOptions
            {
                Directory = scratch["log"],
                Database = "app",
                Targets = ["vault"],
            },
            TimeProvider.System
        );
        await using var capture = await new SqliteTimelineSource(
            path,
            new SqliteOptions(),
            TimeProvider.System
        ).StartCaptureAsync(log, token);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(token);
        var shipper = new TimelineShipper(
            log,
            capture,
            store,
            new TimelineShipperOptions
            {
                Database = "app",
                Target = "vault",
                Scratch = scratch["parts"],
                Interval = TimeSpan.FromMilliseconds(20),
            },
            TimeProvider.System
        );
        var running = shipper.RunAsync(stop.Token);

        for (var round = 0; round < 150; round++)
        {
            _ = TestDatabase.Execute(
                path,
                round % 10 == 3
                    ? $"DELETE FROM bottles WHERE id % 97 = {round}"
                    : $"INSERT INTO bottles(label) VALUES (hex(randomblob(3000))); UPDATE bottles SET label='{round}' WHERE id={round}"
            );
        }

        var tip = await capture.CatchUpAsync(token);
        await shipper.SyncAsync(log.Lineage!.Value, tip.Number, ShippingPlace.Deadline);

        // The base may have been finished late: some commits have to follow it.
        for (var round = 0; round < 30; round++)
        {
            _ = TestDatabase.Execute(path, "INSERT INTO bottles(label) VALUES (hex(randomblob(3000)))");
        }

        tip = await capture.CatchUpAsync(token);
        await shipper.SyncAsync(log.Lineage!.Value, tip.Number, ShippingPlace.Deadline);
        var catalogue = await TimelineCatalogue.ListAsync(store, "app", keys: null, token);
        var first = shipper.Status.Base;
        Assert.True(tip.Number > first + 20);
        for (
            var commit = first;
            commit <= tip.Number;
            commit += commit == tip.Number ? 1 : Math.Min(29, tip.Number - commit)
        )
        {
            var restored = scratch[$"restored-{commit}.db"];
            await RestoreAsync(catalogue, commit, restored, token);
            Assert.Equal(
                commit == tip.Number ? TestDatabase.Execute(path, "SELECT count(*) FROM bottles") : -1,
                commit == tip.Number ? TestDatabase.Execute(restored, "SELECT count(*) FROM bottles") : -1
            );
            Assert.Equal(
                0,
                TestDatabase.Execute(
                    restored,
                    "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"
                )
            );
        }

        await stop.CancelAsync();
        _ = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    private static async Task RestoreAsync(
        TimelineCatalogue catalogue,
        long commit,
        string path,
        CancellationToken cancellationToken
    )
    {
        var plan = await new TimelinePlanner(catalogue).PlanAsync(
            new TimelineRequest { Commit = commit },
            cancellationToken
        );
        using var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite);
        var pages = new PageFile(file, plan.PageSize, path);
        _ = await new TimelineRestore(catalogue).RunAsync(plan, pages, new TimelineRestoreOptions(), cancellationToken);
        pages.SetPages(plan.Target.DatabasePages);
    }
}
