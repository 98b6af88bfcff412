using Holdfast.Cli.CommandLine;
using Holdfast.Cli.Setup;

namespace Holdfast.Cli.Verbs;

/// <summary>Restore points instead of snapshots, where a timeline is kept.</summary>
internal sealed class TimelinePoints(Session session)
{
    private const string DefaultReason = "backup";
    private readonly TimelineRequests requests = new(session);

    /// <summary>
    /// Names what is committed now as a restore point: of a database that is configured with a timeline, and of one that
    /// was named by its path when an agent keeps it, a reason was given, and nothing was said about a copy.
    /// </summary>
    /// <returns>False when it is no such database.</returns>
    public async Task<bool> TryPutAsync(DatabaseSetup database, string? reason, CancellationToken token)
    {
        if (IsCopyMeant)
        {
            return false;
        }

        if (database.Timeline is { } timeline)
        {
            await session.Keys.CheckAsync(timeline.Targets, token);
            var found = new TimelineDatabases([timeline], session.Keys.Pins, session.Output.Warn, session.Time).Find();
            foreach (var kept in found)
            {
                await requests.StoreAsync(kept, anyTargets: false, reason ?? DefaultReason, timeout: null, token);
            }

            return true;
        }

        if (database.IsConfigured || reason == null || database.Destination is not { } path)
        {
            return false;
        }

        var running = await requests.KeptAsync(path, token);
        foreach (var kept in running)
        {
            await requests.StoreAsync(kept, reason, timeout: null, token);
        }

        return running.Count > 0;
    }

    private bool IsCopyMeant =>
        session.Parsed.GetValue(DatabaseOptions.To) is { Length: > 0 }
        || DatabaseOptions.Making.Any(option =>
            option != DatabaseOptions.SourceEnv && session.Parsed.GetResult(option) is { Implicit: false }
        );
}
