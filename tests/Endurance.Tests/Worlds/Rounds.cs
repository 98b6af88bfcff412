using System.Diagnostics;
using System.Globalization;
using Holdfast.Testing;

namespace Holdfast.Endurance.Tests.Worlds;

/// <summary>
/// Plays things that may happen, in random order: a dozen of them, and in a soak all of them again and again for a part of
/// its time. Tells at the end how often each was played.
/// </summary>
internal sealed class Rounds(Random random, double partOfSoak)
{
    private const int Few = 12;
    private readonly SortedDictionary<string, int> played = new(StringComparer.Ordinal);

    /// <summary>Plays; a failure names the round.</summary>
    public async Task PlayAsync(IReadOnlyDictionary<string, Func<Task>> happenings, Func<Task> prove)
    {
        var clock = Stopwatch.StartNew();
        var seconds = Seed.Seconds(0, partOfSoak);
        do
        {
            var names = happenings.Keys.Order(StringComparer.Ordinal).ToArray();
            random.Shuffle(names);
            foreach (var name in Seed.IsSoak ? names : names.Take(Few))
            {
                try
                {
                    await happenings[name]();
                    await prove();
                }
                catch (Exception error)
                {
                    throw new InvalidOperationException(
                        $"in round {played.Values.Sum() + 1}, {name}: {error.Message}",
                        error
                    );
                }

                played[name] = played.GetValueOrDefault(name) + 1;
            }
        } while (clock.Elapsed.TotalSeconds < seconds);
    }

    /// <summary>Tells what was played.</summary>
    public void Tell(params string[] more) =>
        TestContext.Current.TestOutputHelper!.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"{played.Values.Sum()} rounds: ")
                + string.Join(", ", played.Select(one => $"{one.Key} {one.Value}").Concat(more))
        );
}
