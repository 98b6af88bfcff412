using System.Diagnostics;
using System.Globalization;
using Holdfast.Core.Timeline;
using Holdfast.Core.Timeline.Spool;
using Holdfast.Testing;
using Holdfast.Workload;

namespace Holdfast.Core.Tests.Timeline.Spool;

public sealed class KilledLogTests
{
    [Fact]
    public async Task Reopen_KilledAtRandomMoments_HasEveryCommitThatWasEnded()
    {
        using var scratch = new ScratchDirectory();
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var model = new Dictionary<uint, byte[]>();
        long tip = 0;
        for (var round = 0; round < 20; round++)
        {
            var (lineage, acknowledged) = await RunAndKillAsync(
                scratch["log"],
                TimeSpan.FromMilliseconds(random.Next(1, 150))
            );
            using var log = TimelineLog.Open(LogAppender.OptionsOf(scratch["log"]), TimeProvider.System);
            if (acknowledged == 0)
            {
                // Killed within the first commit, perhaps: there was no lineage to be kept.
                continue;
            }

            Assert.Null(log.Lost);
            Assert.Equal(lineage, log.Lineage.ToString());
            Assert.InRange(log.Tip.Number, acknowledged, acknowledged + 1);
            Assert.True(log.Tip.Number >= tip);
            for (tip++; tip <= log.Tip.Number; tip++)
            {
                Apply(model, tip);
            }

            tip--;
            AssertAgrees(log, model);
            log.All[0].Read(log.All[0].Oldest, tip, new CollectingVisitor(), long.MaxValue, CancellationToken.None);
        }

        Assert.True(tip > 1);
    }

    private static void Apply(Dictionary<uint, byte[]> model, long number)
    {
        var (size, pages) = LogAppender.CommitOf(number);
        for (uint page = 1; page <= size; page++)
        {
            _ = model.TryAdd(page, new byte[LogAppender.PageSize]);
        }

        foreach (var (page, content) in pages)
        {
            model[page] = content;
        }

        foreach (var page in model.Keys.Where(page => page > size).ToList())
        {
            _ = model.Remove(page);
        }
    }

    private static void AssertAgrees(TimelineLog log, Dictionary<uint, byte[]> model)
    {
        Assert.Equal((uint)model.Count, log.Tip.DatabasePages);
        Assert.Equal(LogAppender.PositionAfter(log.Tip.Number), log.Position);
        ulong hash = 0;
        foreach (var (page, content) in model)
        {
            hash ^= PageHash.Of(page, content);
            byte[] buffer = [0, 0, 0, 0, .. content];
            Assert.False(log.Differs(page, buffer), $"page {page}");
        }

        Assert.Equal(hash, log.Tip.Hash);
    }

    private static async Task<(string Lineage, long Acknowledged)> RunAndKillAsync(string directory, TimeSpan life)
    {
        var start = new ProcessStartInfo(
            Path.Combine(Repository.Built("Holdfast.Workload"), "Holdfast.Workload"),
            ["append-log", directory]
        )
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var reading = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await Task.WhenAny(
            process.WaitForExitAsync(TestContext.Current.CancellationToken),
            Task.Delay(TimeSpan.FromMilliseconds(250) + life)
        );
        process.Kill();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        // The last line may be cut.
        var lines = (await reading).Split('\n')[..^1];
        return lines.Length == 0
            ? ("", 0)
            : (lines[^1].Split(' ')[0], long.Parse(lines[^1].Split(' ')[1], CultureInfo.InvariantCulture));
    }
}
