using System.Globalization;

namespace Holdfast.Engines.Sqlite.Tests.Timeline;

/// <summary>
/// Randomness that can be replayed: <c>HOLDFAST_TEST_SEED</c> sets the seed that a run printed, and
/// <c>HOLDFAST_SOAK_MINUTES</c> makes the runs long.
/// </summary>
internal static class Seed
{
    public static int Next()
    {
        var given = Environment.GetEnvironmentVariable("HOLDFAST_TEST_SEED");
        var seed = given is null ? Random.Shared.Next() : int.Parse(given, CultureInfo.InvariantCulture);
        TestContext.Current.TestOutputHelper?.WriteLine($"HOLDFAST_TEST_SEED={seed}");
        return seed;
    }

    /// <summary>How long to go on: short, or the given part of a soak.</summary>
    public static double Seconds(double seconds, double partOfSoak)
    {
        var minutes = Environment.GetEnvironmentVariable("HOLDFAST_SOAK_MINUTES");
        return minutes is null ? seconds : double.Parse(minutes, CultureInfo.InvariantCulture) * 60 * partOfSoak;
    }
}
