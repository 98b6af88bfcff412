using Holdfast.Core.Timeline;
using Holdfast.Testing;

namespace Holdfast.Engines.Sqlite.Tests.Timeline;

public sealed class HostileApplicationTests : IDisposable
{
    private readonly ScratchDirectory scratch = new();

    [Theory]
    [InlineData("")]
    [InlineData("PRAGMA page_size=512")]
    [InlineData("PRAGMA page_size=65536")]
    public async Task I_can_follow_hostile_writers_without_a_gap(string pragmas)
    {
        var seed = Seed.Next();
        var path = HostileWriters.Create(scratch, pragmas);
        using var log = Captures.Log(scratch);
        await using (var capture = await Captures.StartAsync(path, log))
        await using (var writers = new HostileWriters())
        {
            await writers.StartAsync(path, count: 3, seed, Seed.Seconds(4, 0.1));
            await writers.FinishAsync();
            _ = await capture.CatchUpAsync();
            TestContext.Current.TestOutputHelper?.WriteLine(capture.Status.ToString());
            Assert.Equal(1, capture.Status.Resynchronisations);
        }

        Assert.All(log.Commits.Skip(1), commit => Assert.Equal(CommitFlags.None, commit.Flags));
        Captures.AssertSame(log, path);
        HostileWriters.AssertLedger(log, new Random(seed), samples: 5, scratch);
    }

    public void Dispose() => scratch.Dispose();
}
