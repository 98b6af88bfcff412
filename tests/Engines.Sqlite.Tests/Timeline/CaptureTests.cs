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

    public void Dispose() => scratch.Dispose();
}
