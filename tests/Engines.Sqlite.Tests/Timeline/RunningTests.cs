using Holdfast.Core.Errors;
using Holdfast.Core.Timeline;
using Holdfast.Engines.Sqlite.Interop;
using Holdfast.Testing;

namespace Holdfast.Engines.Sqlite.Tests.Timeline;

/// <summary>What may happen to a database while it is captured.</summary>
public sealed class RunningTests : IDisposable
{
    private const string Insert = "INSERT INTO t(b) VALUES (randomblob(3000));";
    private readonly ScratchDirectory scratch = new();

    [Fact]
    public async Task I_can_grow_shrink_and_vacuum()
    {
        var path = Captures.Create(scratch, "PRAGMA page_size=1024");
        using var log = Captures.Log(scratch);
        await using (var capture = await Captures.StartAsync(path, log))
        {
            using var application = Captures.Application(path);
            foreach (var rows in new[] { 3000, 10, 2000, 0, 500 })
            {
                application.Execute(
                    FormattableString.Invariant(
                        $"""
                        DELETE FROM t; VACUUM;
                        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})
                        INSERT INTO t(b) SELECT randomblob(900) FROM n; CREATE TABLE u AS SELECT * FROM t; DROP TABLE u
                        """
                    )
                );
                _ = await capture.CatchUpAsync();
            }

            Assert.Equal(1, capture.Status.Resynchronisations);
        }

        Captures.AssertSame(log, path);
        for (var number = 1; number <= log.Tip.Number; number++)
        {
            _ = Captures.QueryAt(log, number, scratch, "SELECT count(*) FROM t");
        }
    }

    [Theory]
    [InlineData("FULL")]
    [InlineData("RESTART")]
    [InlineData("TRUNCATE")]
    public async Task I_can_run_blocking_checkpoints(string kind)
    {
        var path = Captures.Create(scratch);
        using var log = Captures.Log(scratch);
        await using (var capture = await Captures.StartAsync(path, log))
        {
            using var application = Captures.Application(path, "PRAGMA wal_autocheckpoint=0; PRAGMA busy_timeout=4000");
            for (var i = 0; i < 20; i++)
            {
                application.Execute(i % 3 == 0 ? Insert + Insert : Insert);
                Assert.Equal(0, application.QueryInteger($"PRAGMA wal_checkpoint({kind})"));
            }

            // Also one after another, without a commit in between.
            Assert.Equal(0, application.QueryInteger($"PRAGMA wal_checkpoint({kind})"));
            Assert.Equal(0, application.QueryInteger($"PRAGMA wal_checkpoint({kind})"));
            application.Execute(Insert);
            Assert.Equal(29, (await capture.CatchUpAsync()).Number);
            Assert.Equal(1, capture.Status.Resynchronisations);
        }

        Captures.AssertSame(log, path);
    }

    [Fact]
    public async Task I_can_switch_the_journal_mode_only_when_nobody_captures()
    {
        var path = Captures.Create(scratch);
        using var log = Captures.Log(scratch);
        await using (var capture = await Captures.StartAsync(path, log))
        {
            using var application = Captures.Application(path, "PRAGMA busy_timeout=0");
            var refusal = Assert.Throws<SqliteException>(() => application.Execute("PRAGMA journal_mode=DELETE"));
            Assert.True(refusal.IsBusy);
            application.Execute(Insert);
            Assert.Equal(2, (await capture.CatchUpAsync()).Number);
        }

        Captures.AssertSame(log, path);
    }

    [Fact]
    public async Task I_can_replace_the_file_by_a_copy()
    {
        var path = Captures.Create(scratch);
        var other = Sql.Run(
            scratch["other.db"],
            "PRAGMA journal_mode=WAL; CREATE TABLE t(a INTEGER PRIMARY KEY, b BLOB);" + Insert + Insert
        );
        using var log = Captures.Log(scratch);
        await using (var capture = await Captures.StartAsync(path, log))
        {
            Sql.Run(path, Insert);
            _ = await capture.CatchUpAsync();
            File.Delete(path);
            File.Delete(path + "-wal");
            File.Delete(path + "-shm");
            File.Move(other, path);
            await WaitForAsync(capture, () => log.Lineages == 2 && log.Tip.Number == 1);
            Sql.Run(path, Insert);
            Assert.Equal(2, (await capture.CatchUpAsync()).Number);
            Assert.Contains("another file", log.Why, StringComparison.Ordinal);
        }

        Captures.AssertSame(log, path);
    }

    [Fact]
    public async Task I_can_replace_the_file_and_write_the_other_without_a_pause()
    {
        var path = Captures.Create(scratch);
        var other = Sql.Run(
            scratch["other.db"],
            "PRAGMA journal_mode=WAL; CREATE TABLE t(a INTEGER PRIMARY KEY, b BLOB)"
        );
        using var log = Captures.Log(scratch);
        await using (var capture = await Captures.StartAsync(path, log))
        {
            File.Delete(path + "-wal");
            File.Delete(path + "-shm");
            File.Move(other, path, overwrite: true);
            using var application = Captures.Application(path, "PRAGMA wal_autocheckpoint=1");

            // Asked at once: it must be answered of the file that has the name.
            application.Execute(Insert);
            var caughtUp = capture.CatchUpAsync();
            long rows = 1;
            for (; !caughtUp.IsCompleted; rows++)
            {
                application.Execute(Insert);
                await Task.Delay(1, TestContext.Current.CancellationToken);
            }

            var commit = await caughtUp;
            Assert.Equal(2, log.Lineages);
            Assert.InRange(Captures.QueryAt(log, commit.Number, scratch, "SELECT count(*) FROM t"), 1, rows);
        }

        Captures.AssertSame(log, path);
    }

    [Fact]
    public async Task I_am_told_when_the_file_is_deleted()
    {
        var path = Captures.Create(scratch);
        using var log = Captures.Log(scratch);
        await using var capture = await Captures.StartAsync(path, log);
        File.Delete(path);
        var failure = await Assert.ThrowsAsync<HoldfastException>(() => capture.Completion);
        Assert.Equal(ErrorCode.SourceMissing, failure.Code);
        Assert.Same(failure, await Assert.ThrowsAsync<HoldfastException>(capture.CatchUpAsync));
    }

    [Fact]
    public async Task I_can_copy_over_the_file_and_it_is_noticed()
    {
        var path = Captures.Create(scratch);
        using var log = Captures.Log(scratch);
        await using (var capture = await Captures.StartAsync(path, log))
        {
            Sql.Run(path, Insert + Insert);
            _ = await capture.CatchUpAsync();
            _ = await capture.SettleAsync(TestContext.Current.CancellationToken);

            // Looked at once a second: it must have seen the file at rest.
            await Task.Delay(2500, TestContext.Current.CancellationToken);
            using (var writer = await Application.StartAsync("overwrite", path, "4096", "5"))
            {
                _ = await writer.FinishAsync();
            }

            await WaitForAsync(capture, () => capture.Status.Resynchronisations == 2);
            Assert.Contains("other than SQLite", capture.Status.LastResynchronisation, StringComparison.Ordinal);
        }

        Assert.Equal(File.ReadAllBytes(path), log.Rebuild(log.Tip.Number));
    }

    [Fact]
    public async Task I_can_settle_beside_a_long_reader()
    {
        var path = Captures.Create(scratch);
        using var log = Captures.Log(scratch);
        await using (var capture = await Captures.StartAsync(path, log))
        {
            using var application = Captures.Application(path);
            application.Execute(Insert + Insert);
            using var reader = Captures.Application(path, "BEGIN; SELECT count(*) FROM t");
            application.Execute(Insert + Insert);
            var settled = await capture.SettleAsync(TestContext.Current.CancellationToken);
            Assert.Equal(3, settled.Number);
            AssertFileHolds(capture, log, settled);

            reader.Execute("COMMIT");
            settled = await capture.SettleAsync(TestContext.Current.CancellationToken);
            Assert.Equal(5, settled.Number);
            AssertFileHolds(capture, log, settled);
        }

        Captures.AssertSame(log, path);
    }

    [Fact]
    public async Task I_can_settle_beside_a_reader_that_lets_nothing_be_copied()
    {
        var path = Captures.Create(scratch);
        using var log = Captures.Log(scratch);
        await using (var capture = await Captures.StartAsync(path, log))
        {
            using var application = Captures.Application(path);
            application.Execute(Insert + Insert);
            Assert.Equal(3, (await capture.SettleAsync(TestContext.Current.CancellationToken)).Number);

            // It began when the file held everything: until it ends, nothing more is copied into the file.
            using var reader = Captures.Application(path, "BEGIN; SELECT count(*) FROM t");
            application.Execute(Insert + Insert);
            var holds = capture.Status.WriteLockHolds;
            var settled = await capture.SettleAsync(TestContext.Current.CancellationToken);
            Assert.Equal(3, settled.Number);
            Assert.Equal(holds, capture.Status.WriteLockHolds);
            AssertFileHolds(capture, log, settled);
        }

        Captures.AssertSame(log, path);
    }

    public void Dispose() => scratch.Dispose();

    private static void AssertFileHolds(ICapture capture, RecordingLog log, CommitInfo settled)
    {
        var file = new byte[settled.DatabasePages * log.PageSize];
        capture.ReadFile(1, file);
        var later = log.Commits.Skip((int)settled.Number).SelectMany(commit => commit.Pages.Keys).ToHashSet();
        var expected = log.Rebuild(settled.Number);
        for (uint page = 1; page <= settled.DatabasePages; page++)
        {
            var range = new Range((int)(page - 1) * log.PageSize, (int)page * log.PageSize);
            Assert.True(
                later.Contains(page) || file.AsSpan(range).SequenceEqual(expected.AsSpan(range)),
                $"page {page}"
            );
        }
    }

    private static async Task WaitForAsync(ICapture capture, Func<bool> reached)
    {
        while (!reached())
        {
            Assert.False(capture.Completion.IsCompleted, capture.Completion.Exception?.ToString());
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
