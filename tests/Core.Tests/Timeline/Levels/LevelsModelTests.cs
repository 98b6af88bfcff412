using System.Globalization;

namespace Holdfast.Core.Tests.Timeline.Levels;

public sealed class LevelsModelTests
{
    private const int Histories = 40;

    [Fact]
    public async Task EveryKeptPoint_OfAnyHistory_IsRestoredExactly()
    {
        var output = TestContext.Current.TestOutputHelper!;
        var seed = Number("HOLDFAST_SEED") ?? Random.Shared.Next();
        var count = Number("HOLDFAST_HISTORIES") ?? (Number("HOLDFAST_SEED") == null ? Histories : 1);
        var (done, restores, deltas, deleted, kills) = (0, 0L, 0L, 0L, 0L);
        output.WriteLine($"{count} histories from HOLDFAST_SEED={seed}");
        await Parallel.ForAsync(
            0,
            count,
            new ParallelOptions { MaxDegreeOfParallelism = 2 },
            async (number, cancelled) =>
            {
                using var model = new LevelsModel(unchecked(seed + number));
                try
                {
                    await model.RunAsync(rounds: 40);
                }
                catch (Exception error)
                {
                    throw new InvalidOperationException($"repeat with HOLDFAST_SEED={unchecked(seed + number)}", error);
                }

                _ = Interlocked.Increment(ref done);
                _ = Interlocked.Add(ref restores, model.Restores);
                _ = Interlocked.Add(ref deltas, model.Deltas);
                _ = Interlocked.Add(ref deleted, model.Deleted);
                _ = Interlocked.Add(ref kills, model.Kills);
            }
        );
        output.WriteLine(
            $"{done} histories done, {restores} restores compared, {deltas} deltas left, {deleted} points deleted, {kills} kills"
        );
        Assert.True(
            count < 20 || (restores > count && deltas > 0 && deleted > 0 && kills > 0),
            "the histories are too tame"
        );
    }

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : null;
}
