using Holdfast.Core.Errors;
using Holdfast.Core.Stores;
using Holdfast.Core.Timeline.Format;

namespace Holdfast.Core.Tests.Timeline.Restore;

/// <summary>Bases and deltas of several levels, of which the journals are long gone.</summary>
public class LevelsPropertyTests
{
    private const byte BaseLevel = 5;

    [Fact]
    public async Task Restoring_EachPointAndEachCommitBehind_GivesWhatWasThere_AndNothingElse()
    {
        var seed = Environment.GetEnvironmentVariable("HOLDFAST_SEED") is { Length: > 0 } text
            ? int.Parse(text)
            : Random.Shared.Next();
        for (var round = 0; round < 40; round++)
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
        var count = random.Next(5, 40);
        using var vault = new Vault(new History(seed, 512, count))
        {
            Options = new SegmentOptions { BlockBytes = random.Next(1, 9_000) },
        };
        var points = await StoreAsync(vault, count, random);
        var from = await StoreJournalAsync(vault, points, count, random);
        var catalogue = await vault.ListAsync();
        for (var commit = 1; commit <= count; commit++)
        {
            var isPoint = points.Exists(point => point.Finished == commit);
            var isBehind = points.Exists(point =>
                point.Finished <= commit && (point.Settled >= from || point.Finished >= from)
            );
            if (isPoint || isBehind)
            {
                _ = await vault.AssertRestoresAsync(commit, catalogue);
            }
            else
            {
                var error = await vault.AssertUnavailableAsync(commit, catalogue);
                Assert.Equal(ErrorCode.NothingSatisfies, error.Code);
            }
        }

        await HarmAsync(vault, points, random);
    }

    /// <summary>With any one object gone, what still restores is right, and what does not says so.</summary>
    private static async Task HarmAsync(Vault vault, List<StoredPoint> points, Random random)
    {
        var harmed = points[random.Next(points.Count)];
        await vault.DeleteAsync(harmed.Closing is { } closing && random.Next(2) == 0 ? closing : harmed.Key);
        foreach (var point in points)
        {
            try
            {
                _ = await vault.AssertRestoresAsync(point.Finished);
            }
            catch (HoldfastException error)
            {
                Assert.Equal(ErrorCode.NothingSatisfies, error.Code);
            }
        }
    }

    private static async Task<List<StoredPoint>> StoreAsync(Vault vault, int count, Random random)
    {
        var points = new List<StoredPoint>();
        var (settled, finished) = (random.Next(1, 4), 0);
        while (settled <= count)
        {
            var level = points.Count == 0 ? BaseLevel : (byte)random.Next(1, BaseLevel + 1);
            finished = Math.Max(finished, settled + (random.Next(2) * random.Next(4)));
            if (finished > count)
            {
                break;
            }

            var below = points.LastOrDefault(point => point.Level >= level);
            if (level < BaseLevel && below!.Settled == settled)
            {
                settled++;
                continue;
            }

            var key =
                level == BaseLevel
                    ? await vault.BaseAsync(settled, finished)
                    : await vault.DeltaAsync(level, below!.Settled, settled, finished);
            var closing = finished > settled ? await vault.ClosingAsync(settled, finished) : (ObjectKey?)null;
            points.Add(new StoredPoint(level, settled, finished, key, closing));

            // Where a reader holds checkpoints up, the file is settled at a commit before the last point was finished.
            settled = Math.Max(settled + 1, finished + random.Next(-1, 6));
        }

        return points.Count > 0 ? points : await StoreAsync(vault, count, random);
    }

    /// <summary>Stores the journal from some commit on.</summary>
    /// <returns>The commit before it.</returns>
    private static async Task<long> StoreJournalAsync(Vault vault, List<StoredPoint> points, int count, Random random)
    {
        var from = random.Next(3) == 0 ? count : points[random.Next(points.Count)].Settled;
        for (var first = from + 1; first <= count; )
        {
            var last = Math.Min(count, first + random.Next(6));
            _ = await (random.Next(3) == 0 ? vault.RollUpAsync(first, last) : vault.JournalAsync(first, last));
            first = last + 1;
        }

        return from;
    }

    private sealed record StoredPoint(byte Level, int Settled, int Finished, ObjectKey Key, ObjectKey? Closing);
}
