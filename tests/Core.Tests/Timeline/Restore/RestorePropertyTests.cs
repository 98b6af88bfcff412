using Holdfast.Core.Errors;
using Holdfast.Core.Timeline.Format;
using Holdfast.Core.Timeline.Restore;

namespace Holdfast.Core.Tests.Timeline.Restore;

public class RestorePropertyTests
{
    private static readonly int[] PageSizes = [512, 1024, 4096, 65_536];

    [Fact]
    public async Task RestoringEachCommit_OfARandomHistoryInARandomShape_GivesWhatWasThere()
    {
        var seed = Environment.GetEnvironmentVariable("HOLDFAST_SEED") is { Length: > 0 } text
            ? int.Parse(text)
            : Random.Shared.Next();
        for (var round = 0; round < 25; round++)
        {
            try
            {
                await HoldAsync(seed + round);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                throw new InvalidOperationException($"repeat with HOLDFAST_SEED={seed + round}", error);
            }
        }
    }

    private static async Task HoldAsync(int seed)
    {
        var random = new Random(seed);
        var count = random.Next(1, 25);
        var history = new History(seed, PageSizes[random.Next(PageSizes.Length)], count);
        using var vault = new Vault(history)
        {
            Codec = random.Next(2) == 0 ? SegmentCodec.None : SegmentCodec.Zstd,
            Options = new SegmentOptions
            {
                BlockBytes = random.Next(1, 100_000),
                PartBytes = random.Next(3) == 0 ? random.Next(1, 50_000) : 64 * 1024 * 1024,
            },
        };
        vault.GivenUp = Enumerable.Range(1, count - 1).Where(_ => random.Next(6) == 0).Select(n => (long)n).ToHashSet();
        var first = await FillAsync(vault, count, random);

        var catalogue = await vault.ListAsync();
        var lineage = Assert.Single(catalogue.Lineages);
        var window = Assert.Single(await catalogue.WindowsAsync(lineage, CancellationToken.None));
        Assert.Equal((first, (long)count), (window.Commits.First, window.Commits.Last));
        foreach (var commit in Enumerable.Range(0, count + 2).OrderBy(_ => random.Next()))
        {
            if (window.Commits.Contains(commit) && !vault.GivenUp.Contains(commit))
            {
                _ = await vault.AssertRestoresAsync(commit, catalogue);
                var time = history.Commits[commit - 1].Info.Time;
                var (_, restored) = await vault.RestoreAsync(
                    new TimelineRequest { At = time.AddMicroseconds(random.Next(2)) },
                    catalogue
                );
                Assert.Equal(commit, restored.Plan.Target.Number);
            }
            else
            {
                var error = await vault.AssertUnavailableAsync(commit, catalogue);
                Assert.Equal(ErrorCode.NothingSatisfies, error.Code);
            }
        }
    }

    /// <summary>Stores the history as journals, of which some are rolled up and some forgotten, and bases.</summary>
    /// <returns>The first commit that can be restored.</returns>
    private static async Task<long> FillAsync(Vault vault, int count, Random random)
    {
        var cuts = new List<long> { 1 };
        for (var commit = 2; commit <= count; commit++)
        {
            // A segment ends with a commit that has its detail.
            if (random.Next(3) == 0 && !vault.GivenUp.Contains(commit - 1))
            {
                cuts.Add(commit);
            }
        }

        cuts.Add(count + 1);
        var (first, forgotten) = (Enumerable.Range(1, count).First(n => !vault.GivenUp.Contains(n)), 0);
        var bases = await StoreBasesAsync(vault, count, random);
        if (bases.Count > 0 && random.Next(2) == 0)
        {
            var needed = bases.Min(b => b.Settled) + 1;
            forgotten = cuts.FindLastIndex(cut => cut <= needed);
            first = forgotten > 0 ? (int)bases.Min(b => b.Finished) : first;
        }

        for (var i = forgotten; i + 1 < cuts.Count; )
        {
            var end = Math.Min(cuts.Count - 1, i + random.Next(1, 4));
            var rollUp = random.Next(2) == 0;
            for (var j = i; j < end && (!rollUp || random.Next(2) == 0); j++)
            {
                await vault.JournalAsync(cuts[j], cuts[j + 1] - 1);
            }

            if (rollUp)
            {
                await vault.RollUpAsync(cuts[i], cuts[end] - 1);
            }

            i = end;
        }

        return first;
    }

    private static async Task<List<(long Settled, long Finished)>> StoreBasesAsync(
        Vault vault,
        int count,
        Random random
    )
    {
        var bases = new List<(long Settled, long Finished)>();
        for (var tries = random.Next(4); tries > 0; tries--)
        {
            var settled = random.Next(1, count + 1);
            var finished = random.Next(settled, count + 1);
            if (
                !vault.GivenUp.Contains(finished)
                && !vault.GivenUp.Contains(settled)
                && !bases.Contains((settled, finished))
            )
            {
                bases.Add((settled, finished));
                await vault.BaseAsync(settled, finished, random.Next(2) == 0);
            }
        }

        return bases;
    }
}
