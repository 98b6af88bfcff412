using System.Collections.Concurrent;
using Holdfast.Core.Stores;
using Holdfast.Engines.Sqlite;
using Holdfast.Engines.Sqlite.Interop;
using Holdfast.Engines.Sqlite.Timeline;
using Holdfast.Stores.Directories;
using Holdfast.Testing;

namespace Holdfast.Agent.Tests;

/// <summary>Databases, a vault, and an agent over them, with everything it told.</summary>
internal sealed class AgentPlace : IAsyncDisposable
{
    private readonly ScratchDirectory scratch = new();
    private readonly CancellationTokenSource stop = new();
    private Task running = Task.CompletedTask;

    public AgentPlace()
    {
        Store = new FaultInjectingStore(new DirectoryStore(scratch["vault"], createRoot: true));
        Agent = new TimelineAgent(scratch["timelines"], () => [.. Databases], Events.Enqueue, TimeProvider.System);
    }

    public FaultInjectingStore Store { get; }

    public TimelineAgent Agent { get; }

    public List<TimelineDatabase> Databases { get; } = [];

    public ConcurrentQueue<TimelineEvent> Events { get; } = [];

    public string this[string name] => scratch[name];

    /// <summary>Adds a database, whether or not it is there.</summary>
    public TimelineDatabase Add(string name, bool create = true)
    {
        var path = scratch[$"{name}.db"];
        if (create)
        {
            Execute(path, "PRAGMA journal_mode=WAL; CREATE TABLE t(x); INSERT INTO t VALUES (randomblob(9000))");
        }

        var database = new TimelineDatabase
        {
            Name = name,
            Address = path,
            Identity = $"sqlite:{path}",
            Exists = () => File.Exists(path),
            Source = new SqliteTimelineSource(path, new SqliteOptions(), TimeProvider.System),
            Targets = [new TimelineTarget("vault", Store)],
            Options = new TimelineOptions { Interval = TimeSpan.FromMilliseconds(20) },
        };
        Databases.Add(database);
        return database;
    }

    public static void Execute(string path, string sql)
    {
        using var connection = Connection.Open(path, Access.Create);
        connection.Execute(sql);
    }

    /// <summary>Runs the agent until each database was captured, or could not be.</summary>
    public async Task StartAsync()
    {
        running = Agent.RunAsync(stop.Token);
        await Agent.BegunAsync(Deadline);
    }

    public Task RunAsync() => running = Agent.RunAsync(stop.Token);

    public static CancellationToken Deadline => new CancellationTokenSource(TimeSpan.FromMinutes(2)).Token;

    /// <summary>Waits until something was told.</summary>
    public async Task UntilToldAsync(TimelineEventKind kind, int times = 1)
    {
        var deadline = Deadline;
        while (Events.Count(told => told.Kind == kind) < times)
        {
            Assert.False(deadline.IsCancellationRequested, $"{kind} was not told: {string.Join('\n', Events)}");
            await Task.Delay(10);
        }
    }

    public async Task<IReadOnlyList<TimelineEnding>> EndAsync()
    {
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return await Agent.EndAsync(Deadline);
    }

    public Task<List<string>> StoredAsync() => Store.ListAsync("timeline/");

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ = await Agent.EndAsync(new CancellationToken(canceled: true));
        Agent.Dispose();
        Store.Dispose();
        stop.Dispose();
        scratch.Dispose();
    }
}
