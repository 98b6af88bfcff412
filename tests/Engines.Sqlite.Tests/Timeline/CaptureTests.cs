using Holdfast.Core.Timeline;
using Holdfast.Testing;

namespace Holdfast.Engines.Sqlite.Tests.Timeline;

public sealed class CaptureTests : IDisposable
{
    private readonly ScratchDirectory scratch = new();

    [Fact]
    public async Task I_can_follow_every_commit_of_one_writer()
    {
        var path = Captures.Create(scratch);
        using var log = Captures.Log(scratch);
        await using (var capture = await Captures.StartAsync(path, log))
        {
            using var application = Captures.Application(path, "PRAGMA wal_autocheckpoint=50");
            for (var i = 1; i <= 300; i++)
            {
                application.Execute("INSERT INTO t(b) VALUES (randomblob(3000))");
                if (i % 37 == 0)
                {
                    Assert.Equal(i + 1, (await capture.CatchUpAsync()).Number);
                }
            }

            Assert.Equal(301, (await capture.CatchUpAsync()).Number);
            Assert.Equal(1, capture.Status.Resynchronisations);
        }

        Captures.AssertSame(log, path);
        Assert.All(log.Commits.Skip(1), commit => Assert.Equal(CommitFlags.None, commit.Flags));
        foreach (var number in new long[] { 1, 2, 150, 301 })
        {
            Assert.Equal(number - 1, Captures.QueryAt(log, number, scratch, "SELECT count(*) FROM t"));
        }
    }

    [Fact]
    public async Task I_can_leave_many_databases_alone_and_each_commit_is_seen_by_itself()
    {
        var databases = Enumerable.Range(0, 5).Select(i => Sql.Run(scratch[$"{i}.db"], Schema)).ToList();
        var logs = databases.ConvertAll(path => new RecordingLog(path + ".log"));
        var captures = await Task.WhenAll(databases.Zip(logs, (path, log) => Captures.StartAsync(path, log)));

        // Long enough for them to fall asleep.
        await Task.Delay(700, TestContext.Current.CancellationToken);
        for (var i = 0; i < 3; i++)
        {
            databases.ForEach(path => Sql.Run(path, "INSERT INTO t(b) VALUES (1)"));
            while (logs.Exists(log => log.Tip.Number < i + 2))
            {
                Assert.All(captures, capture => Assert.False(capture.Completion.IsCompleted));
                await Task.Delay(10, TestContext.Current.CancellationToken);
            }
        }

        await Task.WhenAll(captures.Select(capture => capture.DisposeAsync().AsTask()));
        Assert.All(logs, log => Assert.Equal(4, log.Tip.Number));
        logs.ForEach(log => log.Dispose());
    }

    private const string Schema = "PRAGMA journal_mode=WAL; CREATE TABLE t(a INTEGER PRIMARY KEY, b BLOB)";

    public void Dispose() => scratch.Dispose();
}
