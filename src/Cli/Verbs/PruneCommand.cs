using System.CommandLine;
using System.Text.Json.Nodes;
using Holdfast.Cli.CommandLine;
using Holdfast.Cli.Output;
using Holdfast.Cli.Setup;
using Holdfast.Core.Errors;
using Holdfast.Core.Retention;
using Holdfast.Core.Snapshots;

namespace Holdfast.Cli.Verbs;

/// <summary><c>holdfast prune</c>: deletes what no rule keeps.</summary>
internal static class PruneCommand
{
    private static readonly Argument<string?> Database = new("database")
    {
        Description = "A configured name, or the name that the copies carry (default: all configured)",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Show what would be deleted" };

    public static Command Create() =>
        CommandExtensions
            .Describe(
                "prune",
                "Delete the copies that no rule keeps",
                "holdfast prune app --from ./backups --keep last=3 --dry-run"
            )
            .With(Database, DatabaseOptions.From, DatabaseOptions.Name, DatabaseOptions.Keep, DryRun)
            .Does(RunAsync);

    private static Task<int> RunAsync(Session session, CancellationToken token)
    {
        var databases = session.Workspace.ReadDatabases(session.Parsed.GetValue(Database), DatabaseOptions.From);
        var dryRun = session.Parsed.GetValue(DryRun);
        List<Func<Task>> places =
        [
            .. databases.SelectMany(d => d.Targets.Select(t => (Func<Task>)(() => PruneAsync(session, d, t, token)))),
            .. databases.SelectMany(d =>
                (d.Timeline?.Targets ?? [])
                    .Where(target => !target.BucketDeletes)
                    .Select(target =>
                        (Func<Task>)(
                            () =>
                                TimelineKeeping.PruneAsync(session, d.Name, target, target.TimelineKeep, dryRun, token)
                        )
                    )
            ),
        ];
        return session.ForEachAsync(places, "target", prune => prune());
    }

    private static async Task PruneAsync(
        Session session,
        DatabaseSetup database,
        TargetSetup target,
        CancellationToken token
    )
    {
        if (target.BucketDeletes)
        {
            session.Output.Note($"{database.Name} at {target.Name}: deletion is the bucket's (enforcedBy: bucket)");
            return;
        }

        var catalogue = database.Catalogue(target);
        var entries = await catalogue.ListAsync(token);
        var retention = new SnapshotRetention(target.Store, catalogue, session.Time);
        var plan = await retention.PlanAsync(entries, target.Rules, database.Zone, token);
        if (session.Parsed.GetValue(DryRun))
        {
            TellPlan(session, database, target, plan);
            return;
        }

        if (plan.Refusal is { } refusal && !session.Yes)
        {
            throw new HoldfastException(
                ErrorCode.Refused,
                $"{database.Name} at {target.Store.Address}: {refusal}; nothing was deleted",
                "look with --dry-run, then confirm with --yes"
            );
        }

        var result = await retention.CarryOutAsync(plan, entries, token);
        Tell(session, database, target, entries.Count, result);
        if (result.Failed.Count > 0)
        {
            throw new HoldfastException(
                result.Deleted.Count + result.Marked.Count > 0 ? ErrorCode.Partial : result.Failed[0].Error.Code,
                $"{Plural.Of(result.Failed.Count, "copy")} of {database.Name} at {target.Store.Address} could not be pruned",
                "the next run tries again",
                result.Failed[0].Error
            );
        }
    }

    /// <summary>Tells what pruning did.</summary>
    public static void Tell(Session session, DatabaseSetup database, TargetSetup target, int before, PruneResult result)
    {
        session.Output.Result(
            new JsonObject
            {
                ["type"] = "prune",
                ["database"] = database.Name,
                ["target"] = target.Name,
                ["deleted"] = Names(result.Deleted),
                ["marked"] = Names(result.Marked),
                ["unmarked"] = Names(result.Unmarked),
                ["locked"] = Names(result.Locked),
                ["extended"] = Names(result.Extended),
                ["failed"] = Names(result.Failed.Select(f => f.Entry)),
                ["left"] = before - result.Deleted.Count,
            },
            $"  {target.Name}: {Plural.Of(before - result.Deleted.Count, "copy")} left, {result.Deleted.Count} deleted, {result.Marked.Count} marked for deletion"
        );
        if (result.Locked.Count > 0)
        {
            session.Output.Note(
                $"  {Plural.Of(result.Locked.Count, "copy")} locked by the store: a later run deletes them"
            );
        }

        if (result.Extended.Count > 0)
        {
            session.Output.Note($"  {Plural.Of(result.Extended.Count, "copy")} locked for longer");
        }

        foreach (var (entry, error) in result.Failed)
        {
            session.Output.Warn($"{entry.Key} could not be pruned: {error.Message}");
        }
    }

    private static void TellPlan(Session session, DatabaseSetup database, TargetSetup target, RetentionPlan plan)
    {
        var going = plan.Decisions.Where(d => !d.IsKept).ToList();
        foreach (var decision in going)
        {
            RetentionCommand.Tell(session, target, decision);
        }

        session.Output.Note(
            $"{database.Name} at {target.Store.Address}: {plan.Decisions.Count - going.Count} kept, {going.Count} not kept; nothing was changed"
        );
        if (plan.Refusal is { } refusal)
        {
            session.Output.Note($"{refusal}: --yes will be needed");
        }
    }

    private static JsonArray Names(IEnumerable<SnapshotEntry> entries) =>
        new([.. entries.Select(e => (JsonNode)e.Key.Value)]);
}
