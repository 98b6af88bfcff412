using Holdfast.Core.Errors;
using Holdfast.Core.Timeline.Shipping;

namespace Holdfast.Agent;

/// <summary>Keeps a timeline for the time of one piece of work, when no agent does.</summary>
public static class TimelinePass
{
    /// <summary>Starts, does the work, ends.</summary>
    /// <param name="database">The database.</param>
    /// <param name="timelines">The directory in which each timeline has its own.</param>
    /// <param name="work">The work, while the database is captured.</param>
    /// <param name="report">Told what happens; from any thread, must not throw.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="HoldfastException">It cannot be captured, or what the work ended with.</exception>
    public static async Task<StoredCommit> RunAsync(
        TimelineDatabase database,
        string timelines,
        Func<TimelineKeeper, CancellationToken, Task<StoredCommit>> work,
        Action<TimelineEvent> report,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await TryAsync(database, timelines, work, report, time, cancellationToken);
        }
        catch (HoldfastException error) when (error.InnerException is FencedException)
        {
            // The target is ahead of what is known here: the next start begins a new lineage.
            return await TryAsync(database, timelines, work, report, time, cancellationToken);
        }
    }

    private static async Task<StoredCommit> TryAsync(
        TimelineDatabase database,
        string timelines,
        Func<TimelineKeeper, CancellationToken, Task<StoredCommit>> work,
        Action<TimelineEvent> report,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        using var starts = new SemaphoreSlim(1);
        using var keeper = new TimelineKeeper(database, timelines, starts, report, time);
        var running = Task.Run(keeper.RunAsync, CancellationToken.None);
        try
        {
            return await keeper.Begun.WaitAsync(cancellationToken) is { } failure
                ? throw failure
                : await work(keeper, cancellationToken);
        }
        finally
        {
            await keeper.StopAsync();
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
