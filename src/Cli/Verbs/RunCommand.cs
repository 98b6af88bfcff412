using System.CommandLine;
using Holdfast.Agent;
using Holdfast.Agent.Control;
using Holdfast.Cli.CommandLine;
using Holdfast.Cli.Output;
using Holdfast.Cli.Setup;
using Holdfast.Core.Errors;

namespace Holdfast.Cli.Verbs;

/// <summary><c>holdfast run</c>: the agent, which keeps every commit of databases.</summary>
internal static class RunCommand
{
    private static readonly Argument<string[]> Databases = new("database")
    {
        Description =
            "Configured names, paths, sqlite:// URLs, or patterns in quotes such as '/var/tenants/*.db' (default: all configured with a timeline)",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<string?> Interval = new("--interval")
    {
        Description = "The least time between two writes to a target, from 100ms to 1h (default: 1s)",
        HelpName = "TIME",
    };

    private static readonly Option<bool> SwitchToWal = new("--switch-to-wal")
    {
        Description = "Switch a database that is not in WAL mode; without this it is refused",
    };

    private static readonly Option<string?> EndWithin = new("--end-within")
    {
        Description = "How long storing the last commits may take when a signal ends the agent (default: 30s)",
        HelpName = "TIME",
    };

    public static Command Create() =>
        CommandExtensions
            .Describe("run", "Keep every commit of databases, until it is ended", "holdfast run app.db --to ./vault")
            .With(Databases, DatabaseOptions.To, Interval, SwitchToWal, EndWithin, DatabaseOptions.SourceEnv)
            .Does(RunAsync);

    private static async Task<int> RunAsync(Session session, CancellationToken token)
    {
        var named = session.Parsed.GetValue(Databases) ?? [];
        var endWithin = session.Duration(EndWithin, TimeSpan.Zero, TimeSpan.FromHours(1)) ?? TimeSpan.FromSeconds(30);
        var setups = session.Workspace.Timelines(named).Select(setup => Over(session, setup)).ToList();
        if (setups.Count == 0)
        {
            throw session.Workspace.NoTimelines();
        }

        await session.Keys.CheckAsync(setups.SelectMany(setup => setup.Targets), token);
        await using var events = new TimelineEvents(session.Output);
        var databases = new TimelineDatabases(setups, session.Keys.Pins, session.Output.Warn, session.Time);
        using var agent = new TimelineAgent(WorkDirectories.Timelines, databases.Find, events.Add, session.Time);
        await using var control = await ControlServer.StartAsync(agent, WorkDirectories.Agents, session.Time);
        try
        {
            await agent.RunAsync(token);
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            session.Output.Note(
                $"ending: what was committed is stored first, within {Ages.Of(endWithin)}; once more ends at once"
            );
        }
        catch
        {
            _ = await agent.EndAsync(new CancellationToken(canceled: true));
            throw;
        }

        using var deadline = new CancellationTokenSource(endWithin);
        var endings = await agent.EndAsync(deadline.Token);
        await events.DisposeAsync();
        return Tell(session, endings);
    }

    private static TimelineSetup Over(Session session, TimelineSetup setup) =>
        setup with
        {
            SwitchToWal = setup.SwitchToWal || session.Parsed.GetValue(SwitchToWal),
            Options = setup.Options with
            {
                Interval =
                    session.Duration(Interval, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1))
                    ?? setup.Options.Interval,
            },
        };

    private static int Tell(Session session, IReadOnlyList<TimelineEnding> endings)
    {
        foreach (var ending in endings)
        {
            foreach (var missing in ending.Missing)
            {
                var text =
                    $"{ending.Database}: {missing.Target} has commits up to {missing.Stored} of {ending.Commit}; the rest waits on disk for the next start";
                session.Output.Warn(missing.LastError is { } said ? $"{text} ({said})" : text);
            }

            if (ending.Problem is { } problem)
            {
                session.Output.Warn($"{ending.Database}: not everything was captured: {problem}");
            }
        }

        var incomplete = endings.Count(ending => !ending.IsComplete);
        if (incomplete == 0)
        {
            session.Output.Note($"ended: everything of {Plural.Of(endings.Count, "database")} is stored");
            return 0;
        }

        return session.Output.Fail(
            new HoldfastException(
                ErrorCode.Partial,
                $"ended, but not everything of {incomplete} of {Plural.Of(endings.Count, "database")} is stored",
                "start it again: what is missing waits on disk"
            )
        );
    }
}
