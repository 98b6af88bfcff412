using Holdfast.Core.Errors;
using Holdfast.Core.Timeline.Shipping;

namespace Holdfast.Agent;

/// <summary>
/// Keeps the timelines of many databases: takes up those that come, keeps those that go, ends in order. Thread-safe.
/// </summary>
/// <param name="timelines">The directory in which each timeline has its own.</param>
/// <param name="find">Which databases there are now, the same objects each time; asked every two seconds.</param>
/// <param name="report">Told what happens; from any thread, must not throw.</param>
/// <param name="time">The clock.</param>
public sealed class TimelineAgent(
    string timelines,
    Func<IReadOnlyList<TimelineDatabase>> find,
    Action<TimelineEvent> report,
    TimeProvider time
) : IDisposable
{
    private const int StartsAtOnce = 8;
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim starts = new(StartsAtOnce);
    private readonly Lock gate = new();
    private readonly Dictionary<string, (TimelineKeeper Keeper, Task Running)> keepers = new(StringComparer.Ordinal);
    private bool ended;

    /// <summary>What is done for each database, by name.</summary>
    public IReadOnlyList<TimelineStatus> Status => [.. Keepers.Select(keeper => keeper.Status)];

    private List<TimelineKeeper> Keepers
    {
        get
        {
            lock (gate)
            {
                return
                [
                    .. keepers
                        .Values.Select(kept => kept.Keeper)
                        .OrderBy(keeper => keeper.Database.Name, StringComparer.Ordinal),
                ];
            }
        }
    }

    /// <summary>The keeper of a timeline.</summary>
    /// <exception cref="HoldfastException">There is none of that key.</exception>
    public TimelineKeeper Find(string key)
    {
        lock (gate)
        {
            return keepers.Values.Select(kept => kept.Keeper).FirstOrDefault(keeper => keeper.Key == key)
                ?? throw new HoldfastException(ErrorCode.NothingSatisfies, $"the timeline {key} is not kept here");
        }
    }

    /// <summary>Keeps timelines until it is cancelled; <see cref="EndAsync"/> is to follow in any case.</summary>
    /// <exception cref="HoldfastException">
    /// No database can be captured, and a person must settle why; or others write all the timelines now.
    /// </exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Take(find());
        var beginning = Task.WhenAll(Keepers.Select(keeper => keeper.Begun));
        using var timer = new PeriodicTimer(Period, time);
        var tick = timer.WaitForNextTickAsync(cancellationToken).AsTask();
        var judged = false;
        var memory = new QuietMemory();
        while (true)
        {
            _ = await Task.WhenAny(judged ? [tick] : new Task[] { tick, beginning });
            cancellationToken.ThrowIfCancellationRequested();
            if (!judged && beginning.IsCompleted)
            {
                judged = true;
                await JudgeAsync();
            }

            if (tick.IsCompleted)
            {
                Take(find());
                Keepers.ForEach(keeper => keeper.Look());
                ThrowIfAllAreFenced();
                memory.Look();
                tick = timer.WaitForNextTickAsync(cancellationToken).AsTask();
            }
        }
    }

    /// <summary>Completes when each database that is there now was captured, or could not be.</summary>
    public Task BegunAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(Keepers.Select(keeper => keeper.Begun)).WaitAsync(cancellationToken);

    /// <summary>Captures and stores what was committed, and ends all.</summary>
    /// <param name="deadline">Ends the storing; what is not stored waits in the spools.</param>
    public async Task<IReadOnlyList<TimelineEnding>> EndAsync(CancellationToken deadline)
    {
        Task[] running;
        lock (gate)
        {
            ended = true;
            running = [.. keepers.Values.Select(kept => kept.Running)];
        }

        var endings = await Task.WhenAll(Keepers.Select(keeper => keeper.EndAsync(deadline)));
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return endings;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Keepers.ForEach(keeper => keeper.Dispose());
        starts.Dispose();
    }

    private void Take(IReadOnlyList<TimelineDatabase> databases)
    {
        lock (gate)
        {
            foreach (var database in databases)
            {
                if (!ended && !keepers.ContainsKey(database.Name))
                {
                    var keeper = new TimelineKeeper(database, timelines, starts, report, time);
                    keepers.Add(database.Name, (keeper, Task.Run(keeper.RunAsync)));
                }
            }
        }
    }

    // When nothing at all can be done, waiting would hide it.
    private async Task JudgeAsync()
    {
        var failures = new List<HoldfastException>();
        foreach (var keeper in Keepers)
        {
            if (await keeper.Begun is not { } failure || !keeper.NeedsPerson(failure))
            {
                return;
            }

            failures.Add(failure);
        }

        if (failures is [var only])
        {
            throw only;
        }

        if (failures.Count > 0)
        {
            var code = failures.TrueForAll(failure => failure.Code == failures[0].Code)
                ? failures[0].Code
                : ErrorCode.Partial;
            throw new HoldfastException(
                code,
                $"none of {failures.Count} databases can be captured: {failures[0].Message}",
                failures[0].Hint,
                failures[0]
            );
        }
    }

    private void ThrowIfAllAreFenced()
    {
        lock (gate)
        {
            var fenced = keepers
                .Values.Select(kept => kept.Running.Exception?.InnerException as FencedException)
                .ToList();
            if (fenced.Count > 0 && fenced.TrueForAll(error => error != null))
            {
                throw new HoldfastException(
                    ErrorCode.Refused,
                    fenced is [{ } only]
                        ? only.Message
                        : $"other agents write all {fenced.Count} timelines: {fenced[0]!.Message}",
                    fenced[0]!.Hint,
                    fenced[0]
                );
            }
        }
    }
}
