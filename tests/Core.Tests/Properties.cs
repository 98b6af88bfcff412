using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;

namespace Holdfast.Core.Tests;

/// <summary>Checks properties; a failure prints the seed, and HOLDFAST_SEED repeats it.</summary>
internal static class Properties
{
    private const string SeedVariable = "HOLDFAST_SEED";

    public static void Hold<T>(Gen<T> generator, Func<T, IEnumerable<T>> shrink, Action<T> check, int tests = 400)
    {
        var seed = Environment.GetEnvironmentVariable(SeedVariable) is { Length: > 0 } text
            ? ulong.Parse(text, CultureInfo.InvariantCulture)
            : (ulong)Random.Shared.NextInt64();
        var replay = FSharpOption<Replay>.Some(new Replay(new Rnd(seed), FSharpOption<int>.None));
        var config = Config.QuickThrowOnFailure.WithMaxTest(tests).WithReplay(replay).WithQuietOnSuccess(true);
        try
        {
            Check.One(config, Prop.ForAll(Arb.From(generator, shrink), check));
        }
        catch (Exception exception)
        {
            Assert.Fail($"repeat with {SeedVariable}={seed}\n{exception.Message}");
        }
    }
}
