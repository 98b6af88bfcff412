using System.CommandLine;
using Holdfast.Cli.CommandLine;
using Holdfast.Cli.Setup;

namespace Holdfast.Cli.Verbs;

/// <summary><c>holdfast sync</c>: what is committed now is stored when it ends.</summary>
internal static class SyncCommand
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

    private static readonly Argument<string[]> Databases = new("database")
    {
        Description =
            "Configured names, paths, sqlite:// URLs or patterns in quotes (default: all with a timeline, configured or kept by a running agent)",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<string?> Timeout = new("--timeout")
    {
        Description = "How long it may take, from 100ms to 1d (default: 30s)",
        HelpName = "TIME",
    };

    public static Command Create() =>
        CommandExtensions
            .Describe(
                "sync",
                "Store every commit up to now, by the running agent or without one",
                "holdfast sync app.db --to ./vault"
            )
            .With(Databases, DatabaseOptions.To, Timeout, DatabaseOptions.SourceEnv)
            .Does(RunAsync);

    private static async Task<int> RunAsync(Session session, CancellationToken token)
    {
        var timeout = session.Duration(Timeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(1)) ?? DefaultTimeout;
        var requests = new TimelineRequests(session);
        var setups = session.Workspace.Timelines(session.Parsed.GetValue(Databases) ?? []);
        if (setups.Count == 0)
        {
            var kept = await requests.KeptAsync(token);
            return kept.Count == 0
                ? throw session.Workspace.NoTimelines()
                : await session.ForEachAsync(kept, "database", t => requests.StoreAsync(t, null, timeout, token));
        }

        await session.Keys.CheckAsync(setups.SelectMany(setup => setup.Targets), token);
        var anyTargets = session.Parsed.GetValue(DatabaseOptions.To) is not { Length: > 0 };
        var databases = new TimelineDatabases(setups, session.Keys.Pins, session.Output.Warn, session.Time).Find();
        return await session.ForEachAsync(
            databases,
            "database",
            database => requests.StoreAsync(database, anyTargets, reason: null, timeout, token)
        );
    }
}
