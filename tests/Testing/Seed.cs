using System.Globalization;
using Xunit;

namespace Holdfast.Testing;

/// <summary>
/// Randomness that can be replayed: <c>HOLDFAST_SEED</c> sets the seed that a run printed. <c>HOLDFAST_SOAK_MINUTES</c>,
/// set by <c>./test --soak</c>, makes runs long.
/// </summary>
public static class Seed
{
    private const string Variable = "HOLDFAST_SEED";

    /// <summary>Whether this is a soak.</summary>
    public static bool IsSoak => SoakMinutes != null;

    private static double? SoakMinutes =>
        Environment.GetEnvironmentVariable("HOLDFAST_SOAK_MINUTES") is { Length: > 0 } minutes
            ? double.Parse(minutes, CultureInfo.InvariantCulture)
            : null;

    /// <summary>A seed, printed with the test.</summary>
    public static int Next()
    {
        var seed = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given
            ? int.Parse(given, CultureInfo.InvariantCulture)
            : Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"{Variable}={seed}");
        return seed;
    }

    /// <summary>How long to go on: short, or the given part of a soak.</summary>
    public static double Seconds(double seconds, double partOfSoak) => SoakMinutes * 60 * partOfSoak ?? seconds;
}
