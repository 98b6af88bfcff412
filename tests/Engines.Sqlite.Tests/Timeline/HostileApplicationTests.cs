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

    [Fact]
    public async Task I_can_stop_and_start_the_capture_beside_hostile_writers()
    {
        var seed = Seed.Next();
        var random = new Random(seed);
        var path = HostileWriters.Create(scratch);
        using var log = Captures.Log(scratch);
        await using var writers = new HostileWriters();
        var end = DateTime.UtcNow.AddSeconds(Seed.Seconds(5, 0.2));
        await writers.StartAsync(path, count: 2, seed, seconds: 3600);
        while (DateTime.UtcNow < end)
        {
            await using (var capture = await Captures.StartAsync(path, log))
            {
                await Task.Delay(random.Next(0, 150));
                _ = await capture.CatchUpAsync();
            }

            await Task.Delay(random.Next(0, 20));
        }

        await using (await Captures.StartAsync(path, log))
        {
            await writers.FinishAsync(now: true);
        }

        TestContext.Current.TestOutputHelper?.WriteLine(Describe(log));
        Assert.Equal(1, log.Lineages);
        Captures.AssertSame(log, path);
        HostileWriters.AssertLedger(log, random, samples: 5, scratch);
    }

    [Fact]
    public async Task I_can_kill_the_capture_at_any_moment()
    {
        var seed = Seed.Next();
        var random = new Random(seed);
        var path = HostileWriters.Create(scratch);
        await using var writers = new HostileWriters();
        var end = DateTime.UtcNow.AddSeconds(Seed.Seconds(6, 0.3));
        await writers.StartAsync(path, count: 2, seed, seconds: 3600);
        while (DateTime.UtcNow < end)
        {
            using var capture = await WorkloadProcess.StartAsync("capture", path, scratch["log"]);
            await Task.Delay(random.Next(0, 400));
        }

        using (var capture = await WorkloadProcess.StartAsync("capture", path, scratch["log"]))
        {
            await writers.FinishAsync(now: true);
            TestContext.Current.TestOutputHelper?.WriteLine(await capture.FinishAsync());
        }

        using var log = Captures.Log(scratch);
        TestContext.Current.TestOutputHelper?.WriteLine(Describe(log));
        Captures.AssertSame(log, path);
        HostileWriters.AssertLedger(log, random, samples: 5, scratch);
    }

    [Fact]
    public async Task I_can_kill_the_application_at_any_moment()
    {
        var seed = Seed.Next();
        var random = new Random(seed);
        var path = HostileWriters.Create(scratch);
        using var log = Captures.Log(scratch);
        var end = DateTime.UtcNow.AddSeconds(Seed.Seconds(5, 0.2));
        await using (var capture = await Captures.StartAsync(path, log))
        {
            while (DateTime.UtcNow < end)
            {
                await using var writers = new HostileWriters();
                await writers.StartAsync(path, count: 2, random.Next(), seconds: 3600);
                await Task.Delay(random.Next(0, 500));
                writers.Kill(0);
                await Task.Delay(random.Next(0, 300));
            }

            _ = await capture.CatchUpAsync();
            TestContext.Current.TestOutputHelper?.WriteLine(capture.Status.ToString());
        }

        Captures.AssertSame(log, path);
        HostileWriters.AssertLedger(log, random, samples: 5, scratch);
    }

    [Fact]
    public async Task I_can_take_a_base_from_the_live_file()
    {
        var seed = Seed.Next();
        var path = HostileWriters.Create(scratch);
        using var log = Captures.Log(scratch);
        await using (var capture = await Captures.StartAsync(path, log))
        await using (var writers = new HostileWriters())
        {
            await writers.StartAsync(path, count: 2, seed, seconds: 3600);
            for (var round = 0; round < 6; round++)
            {
                await Task.Delay(200);
                var from = await capture.SettleAsync(TestContext.Current.CancellationToken);
                var file = new byte[from.DatabasePages * (long)log.PageSize];
                for (uint page = 0; page < from.DatabasePages; page += 16)
                {
                    var count = (int)Math.Min(16, from.DatabasePages - page) * log.PageSize;
                    capture.ReadFile(page + 1, file.AsSpan((int)page * log.PageSize, count));
                }

                AssertBase(log, from, (await capture.CatchUpAsync()).Number, file);
            }

            await writers.FinishAsync(now: true);
            Assert.Equal(1, capture.Status.Resynchronisations);
        }
    }

    public void Dispose() => scratch.Dispose();

    // What was read without a lock, and the pages that later commits changed, are the database after the last of these.
    private static void AssertBase(RecordingLog log, CommitInfo from, long to, byte[] file)
    {
        var database = log.Rebuild(to);
        var changed = log
            .Commits.Skip((int)from.Number)
            .Take((int)(to - from.Number))
            .SelectMany(commit => commit.Pages.Keys)
            .ToHashSet();
        var pages = Math.Min(file.Length, database.Length) / log.PageSize;
        for (var page = 1; page <= pages; page++)
        {
            var range = new Range((page - 1) * log.PageSize, page * log.PageSize);
            Assert.True(
                changed.Contains((uint)page) || file.AsSpan(range).SequenceEqual(database.AsSpan(range)),
                $"page {page} of a base at {from.Number}, finished at {to}"
            );
        }
    }

    private static string Describe(RecordingLog log) =>
        $"{log.Commits.Count} commits, {log.Commits.Count(commit => commit.Flags != CommitFlags.None)} resynchronised";
}
