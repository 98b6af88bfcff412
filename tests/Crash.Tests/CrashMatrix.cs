using Holdfast.Crash.Tests.Killing;
using Holdfast.Crash.Tests.Worlds;

namespace Holdfast.Crash.Tests;

/// <summary>Runs the real command again and again, and strikes it at another operation each time.</summary>
/// <param name="template">The world before the command; each run gets one of its own.</param>
/// <param name="arguments">What the command is asked to do.</param>
internal sealed class CrashMatrix(World template, Func<World, string[]> arguments)
{
    /// <summary>What happens to the command.</summary>
    public Blow Blow { get; init; } = Blow.Kill;

    /// <summary>An application that has the database open meanwhile, and changes it before.</summary>
    public Func<World, IDisposable?> Application { get; init; } = _ => null;

    /// <summary>
    /// How many kill points out of ten may be missed: with more than one worker thread not every run is the same.
    /// </summary>
    public int MissesOutOfTen { get; init; }

    /// <summary>Where the copies of the next run are to be; null for a directory of its own.</summary>
    public Func<CopyPlace?> NextPlace { get; init; } = () => null;

    /// <summary>Strikes everywhere.</summary>
    /// <param name="check">What must hold after each blow, and without one.</param>
    public Task RunAsync(Func<World, Task> check) => RunAsync((world, _) => check(world));

    /// <summary>Strikes everywhere.</summary>
    /// <param name="check">What must hold after each blow, and without one; told the exit code.</param>
    public async Task RunAsync(Func<World, int, Task> check)
    {
        await Strace.RequireAsync();
        var (all, unreachable) = await ObserveAsync(check);
        var points = all.Where(point => Blow.Concerns(point.Call)).ToList();
        var chosen = KillPlan.Choose(points);
        Assert.NotEmpty(chosen);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{Blow.Name}: {chosen.Count} of {points.Count} points (HOLDFAST_CRASH_EVERY={KillPlan.Every} "
                + $"HOLDFAST_CRASH_OFFSET={KillPlan.Offset}); {unreachable} cannot be told apart"
        );

        var failures = new List<string>();
        var missed = 0;
        foreach (var point in chosen)
        {
            try
            {
                var code = await StrikeAsync(point, check);
                missed += Blow == Blow.Kill && code == 0 ? 1 : 0;
            }
#pragma warning disable CA1031 // All points are tried, and all failures are told.
            catch (Exception error)
#pragma warning restore CA1031
            {
                failures.Add($"{Blow.Name} at {point}\n  {error}");
            }
        }

        Assert.True(missed * 10 <= chosen.Count * MissesOutOfTen, $"{missed} of {chosen.Count} were not killed");
        Assert.True(failures.Count == 0, $"{failures.Count} of {chosen.Count}:\n{string.Join("\n\n", failures)}");
    }

    private async Task<(IReadOnlyList<KillPoint> Points, int Unreachable)> ObserveAsync(Func<World, int, Task> check)
    {
        (IReadOnlyList<KillPoint>, int) observed = ([], 0);
        using var world = await template.CloneAsync(NextPlace());
        using (Application(world))
        {
            observed = await Strace.ObserveAsync(world.Command(arguments(world)), world.Root);
            await check(world, 0);
        }

        return observed;
    }

    private async Task<int> StrikeAsync(KillPoint point, Func<World, int, Task> check)
    {
        using var world = await template.CloneAsync(NextPlace());
        using (Application(world))
        {
            var result = await Strace.StrikeAsync(world.Command(arguments(world)), point, Blow);
            await check(world, result.Code);
            return result.Code;
        }
    }
}
