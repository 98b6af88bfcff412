using Holdfast.Core.Errors;
using Holdfast.Core.Timeline;
using Holdfast.Testing;

namespace Holdfast.Engines.Sqlite.Tests.Timeline;

/// <summary>What a capture does when it finds the database other than it left it, or not.</summary>
public sealed class StartTests : IDisposable
{
    private const string Insert = "INSERT INTO t(b) VALUES (randomblob(3000));";
    private readonly ScratchDirectory scratch = new();

    [Theory]
    [InlineData("", 0, 0)]
    [InlineData(Insert + Insert + Insert, 3, 0)]
    [InlineData("PRAGMA wal_checkpoint", 0, 0)]
    [InlineData(Insert + "PRAGMA wal_checkpoint", 1, 0)]
    [InlineData("PRAGMA wal_checkpoint(TRUNCATE)", 0, 1)]
    [InlineData("PRAGMA wal_checkpoint(TRUNCATE);" + Insert, 1, 1)]
    [InlineData("PRAGMA wal_checkpoint;" + Insert + Insert, 1, 1)]
    public async Task Start_WhateverHappenedMeanwhile_LosesNothing(
        string meanwhile,
        int commits,
        int resynchronisations
    )
    {
        var path = Captures.Create(scratch);
        using var log = Captures.Log(scratch);
        using (var application = Captures.Application(path))
        {
            await CaptureOnceAsync(path, log, () => application.Execute(Insert + Insert));
            var before = log.Tip.Number;
            application.Execute(meanwhile);
            await CaptureOnceAsync(path, log, () => { }, resynchronisations);
            Assert.Equal(before + commits, log.Tip.Number);
            Assert.Equal(
                resynchronisations > 0 && commits > 0 ? CommitFlags.Resynchronised : CommitFlags.None,
                commits > 0 ? log.Tip.Flags : CommitFlags.None
            );
            await CaptureOnceAsync(path, log, () => application.Execute(Insert), mostResynchronisations: 1);
        }

        Assert.Equal(1, log.Lineages);
        Captures.AssertSame(log, path);
    }

    [Fact]
    public async Task Start_WhenWholeCyclesWereBuried_NoticesIt()
    {
        var path = Captures.Create(scratch);
        using var log = Captures.Log(scratch);
        using (var application = Captures.Application(path, "PRAGMA wal_autocheckpoint=1000"))
        {
            await CaptureOnceAsync(path, log, () => Update(application, 200));
            Update(application, 1500);
            await CaptureOnceAsync(path, log, () => { }, mostResynchronisations: 1);
        }

        Captures.AssertSame(log, path);
        _ = Captures.QueryAt(log, log.Tip.Number, scratch, "SELECT count(*) FROM t");
    }

    [Fact]
    public async Task I_can_close_the_last_connection_and_open_it_again()
    {
        var path = Captures.Create(scratch);
        using var log = Captures.Log(scratch);
        await CaptureOnceAsync(
            path,
            log,
            () =>
            {
                Sql.Run(path, Insert);
                Sql.Run(path, Insert);
            }
        );
        Assert.Equal(3, log.Tip.Number);
        Sql.Run(path, Insert);
        Sql.Run(path, Insert + "DELETE FROM t WHERE a = 1");
        await CaptureOnceAsync(path, log, () => Sql.Run(path, Insert), mostResynchronisations: 1);
        Captures.AssertSame(log, path);
    }

    [Fact]
    public async Task Start_AfterVacuumToAnotherPageSize_BeginsALineage()
    {
        var path = Captures.Create(scratch);
        using var log = Captures.Log(scratch);
        await CaptureOnceAsync(path, log, () => Sql.Run(path, Insert));
        Sql.Run(path, "PRAGMA journal_mode=DELETE; PRAGMA page_size=512; VACUUM; PRAGMA journal_mode=WAL");
        await CaptureOnceAsync(path, log, () => Sql.Run(path, Insert));
        Assert.Equal((2, 512, 2), (log.Lineages, log.PageSize, log.Tip.Number));
        Assert.Contains("page size", log.Why, StringComparison.Ordinal);
        Captures.AssertSame(log, path);
    }

    [Fact]
    public async Task Start_AfterJournalModeWasDeleteAndBack_Resynchronises()
    {
        var path = Captures.Create(scratch);
        using var log = Captures.Log(scratch);
        await CaptureOnceAsync(path, log, () => Sql.Run(path, Insert));
        Sql.Run(path, "PRAGMA journal_mode=DELETE;" + Insert);

        var refusal = await Assert.ThrowsAsync<HoldfastException>(() => Captures.StartAsync(path, log));
        Assert.Equal(ErrorCode.Refused, refusal.Code);
        Assert.Contains("journal_mode=WAL", refusal.Hint, StringComparison.Ordinal);
        Assert.Equal("delete", Sql.Text(path, "PRAGMA journal_mode"));

        Sql.Run(path, Insert + "PRAGMA journal_mode=WAL;" + Insert);
        await CaptureOnceAsync(path, log, () => { });
        Assert.Equal((1, 3), (log.Lineages, log.Tip.Number));
        Captures.AssertSame(log, path);
    }

    [Fact]
    public async Task Start_WithPermissionToSwitch_SwitchesToWal()
    {
        var path = Sql.Run(scratch["app.db"], "CREATE TABLE t(a INTEGER PRIMARY KEY, b BLOB)");
        using var log = Captures.Log(scratch);
        await using (var capture = await Captures.StartAsync(path, log, new SqliteOptions { SwitchToWal = true }))
        {
            Sql.Run(path, Insert);
            Assert.Equal(2, (await capture.CatchUpAsync()).Number);
        }

        Assert.Equal("wal", Sql.Text(path, "PRAGMA journal_mode"));
        Captures.AssertSame(log, path);
    }

    [Fact]
    public async Task Start_WhenAnotherFileHasTheName_BeginsALineage()
    {
        var path = Captures.Create(scratch);
        using var log = Captures.Log(scratch);
        await CaptureOnceAsync(path, log, () => Sql.Run(path, Insert));
        Sql.Run(path, "PRAGMA wal_checkpoint(TRUNCATE)");
        File.Copy(path, path + ".copy");
        File.Move(path + ".copy", path, overwrite: true);
        await CaptureOnceAsync(path, log, () => { });
        Assert.Equal((2, 1), (log.Lineages, log.Tip.Number));
        Captures.AssertSame(log, path);
    }

    [Fact]
    public async Task Start_WithoutADatabase_SaysSo()
    {
        using var log = Captures.Log(scratch);
        var failure = await Assert.ThrowsAsync<HoldfastException>(() => Captures.StartAsync(scratch["no.db"], log));
        Assert.Equal(ErrorCode.SourceMissing, failure.Code);
        Assert.False(File.Exists(scratch["no.db"]));
    }

    [Fact]
    public async Task Capture_OfAnIdleDatabase_LeavesEveryByteAsItWas()
    {
        var path = Captures.Create(scratch, "PRAGMA user_version=7; PRAGMA application_id=9");
        byte[] database,
            wal;
        using (var application = Captures.Application(path))
        {
            application.Execute(Insert + Insert);
            using var keeper = await WorkloadProcess.StartAsync("hold-open", path);
            application.Dispose();
            database = File.ReadAllBytes(path);
            wal = File.ReadAllBytes(path + "-wal");
            using var log = Captures.Log(scratch);
            await CaptureOnceAsync(path, log, () => { });
            Assert.Equal(1, log.Tip.Number);
            Assert.Equal(database, File.ReadAllBytes(path));
            Assert.Equal(wal, File.ReadAllBytes(path + "-wal"));
            await keeper.FinishAsync();
        }
    }

    public void Dispose() => scratch.Dispose();

    private static async Task CaptureOnceAsync(
        string path,
        RecordingLog log,
        Action action,
        int mostResynchronisations = 1
    )
    {
        await using var capture = await Captures.StartAsync(path, log);
        action();
        _ = await capture.CatchUpAsync();
        Assert.InRange(capture.Status.Resynchronisations, 0, mostResynchronisations);
    }

    private static void Update(Interop.Connection application, int times)
    {
        for (var i = 0; i < times; i++)
        {
            application.Execute("INSERT INTO t(b) VALUES (randomblob(3000))");
            application.Execute("UPDATE t SET b = randomblob(2000) WHERE a = (SELECT max(a) / 2 FROM t)");
        }
    }
}
