namespace Holdfast.Core.Tests;

/// <summary>Does one thing on several threads at the same moment.</summary>
internal static class Race
{
    public static async Task<IReadOnlyList<T>> RunAsync<T>(int racers, Func<int, T> run)
    {
        using var start = new Barrier(racers);
        return await Task.WhenAll(
            Enumerable
                .Range(0, racers)
                .Select(number =>
                    Task.Factory.StartNew(
                        () =>
                        {
                            start.SignalAndWait();
                            return run(number);
                        },
                        CancellationToken.None,
                        TaskCreationOptions.LongRunning,
                        TaskScheduler.Default
                    )
                )
        );
    }
}
