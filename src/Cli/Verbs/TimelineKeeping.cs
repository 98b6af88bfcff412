using System.Globalization;
using System.Text.Json.Nodes;
using Holdfast.Cli.CommandLine;
using Holdfast.Cli.Output;
using Holdfast.Cli.Setup;
using Holdfast.Core;
using Holdfast.Core.Errors;
using Holdfast.Core.Retention;
using Holdfast.Core.Stores;
using Holdfast.Core.Timeline.Format;
using Holdfast.Core.Timeline.Retention;

namespace Holdfast.Cli.Verbs;

/// <summary>Retention of the restore points of a timeline at one target.</summary>
internal static class TimelineKeeping
{
    /// <summary>Where the timeline of a database is, with what is kept there.</summary>
    public static IEnumerable<(TargetSetup Target, TimelineKeep Keep)> PlacesOf(DatabaseSetup database) =>
        database.Timeline is { } timeline
            ? timeline.Targets.Select(target => (target, target.TimelineKeep))
            : database.Targets.Select(target =>
                (
                    target,
                    target.Rules.IsEmpty ? target.TimelineKeep : target.TimelineKeep with { Points = target.Rules }
                )
            );

    /// <summary>Says for each restore point why it is kept, and what it costs.</summary>
    /// <returns>False when there is none.</returns>
    public static async Task<bool> ExplainAsync(
        Session session,
        string database,
        TargetSetup target,
        TimelineKeep keep,
        CancellationToken token
    )
    {
        var plan = await Pruner(session, database, target, keep).PlanAsync(token);
        if (plan.Points.Count == 0)
        {
            return false;
        }

        session.Output.Note($"{database} at {target.Store.Address}: restore points, {Told(keep)}");
        foreach (var point in plan.Points)
        {
            Tell(session, database, target, point);
        }

        return true;
    }

    /// <summary>Deletes what nothing needs.</summary>
    public static async Task PruneAsync(
        Session session,
        string database,
        TargetSetup target,
        TimelineKeep keep,
        bool dryRun,
        CancellationToken token
    )
    {
        var pruner = Pruner(session, database, target, keep);
        var plan = await pruner.PlanAsync(token);
        if (dryRun)
        {
            foreach (var point in plan.Points)
            {
                Tell(session, database, target, point);
            }

            return;
        }

        if (plan.Refusal is { } refusal && !session.Yes)
        {
            throw new HoldfastException(
                ErrorCode.Refused,
                $"{database} at {target.Store.Address}: {refusal}; nothing was deleted",
                "look with --dry-run, then confirm with --yes"
            );
        }

        if (plan.Points.Count == 0 && plan.Delete.Count == 0)
        {
            return;
        }

        var deleted = await pruner.ApplyAsync(plan, token);
        var gone = plan.Points.Where(point => deleted.Contains(point.Point.Key)).ToList();
        var marked = plan.Points.Where(point => point.Decision.Verdict == RetentionVerdict.Mark).ToList();
        var left = plan.Points.Count - gone.Count;
        session.Output.Result(
            new JsonObject
            {
                ["type"] = "pointsPruned",
                ["database"] = database,
                ["target"] = target.Name,
                ["deleted"] = Commits(gone),
                ["marked"] = Commits(marked),
                ["objects"] = deleted.Count,
                ["left"] = left,
            },
            $"  {target.Name}: {Plural.Of(left, "restore point")} left, {gone.Count} deleted, {marked.Count} marked for deletion"
        );
    }

    /// <summary>Pins the restore point of a commit, or gives it back to retention.</summary>
    public static async Task PinAsync(
        Session session,
        string database,
        TargetSetup target,
        long commit,
        string? reason,
        bool isPinned,
        CancellationToken token
    )
    {
        var plan = await Pruner(session, database, target, new TimelineKeep()).PlanAsync(token);
        var point =
            plan.Points.Select(found => found.Point).FirstOrDefault(found => found.Name.Last == commit)
            ?? throw new HoldfastException(
                ErrorCode.NothingSatisfies,
                $"there is no restore point of commit {commit} of {database} at {target.Store.Address}",
                $"holdfast retention explain {database}"
            );
        var key = new TimelineNames(database, point.Lineage).Pin(commit);
        if (isPinned)
        {
            var pin = new PointPin
            {
                Commit = commit,
                Time = session.Time.GetUtcNow(),
                Reason = reason ?? "",
            };
            await PutAsync(target.Store, key, pin.ToContent(), token);
        }
        else
        {
            await target.Store.DeleteAsync(key, token);
        }

        var done = isPinned ? "pinned" : "unpinned";
        session.Output.Result(
            new JsonObject
            {
                ["type"] = done,
                ["target"] = target.Name,
                ["name"] = point.Key.Value,
                ["id"] = commit.ToString(CultureInfo.InvariantCulture),
            },
            $"{done} the restore point of commit {commit} of {database} at {target.Store.Address}"
        );
    }

    // It was pinned before, for another reason: the first stays.
    private static async Task PutAsync(
        IObjectStore store,
        ObjectKey key,
        ObjectContent content,
        CancellationToken token
    )
    {
        try
        {
            _ = await store.PutAsync(key, content, PutCondition.IfAbsent, token);
        }
        catch (StoreException error) when (error.Fault == StoreFault.AlreadyExists) { }
    }

    private static TimelinePruner Pruner(Session session, string database, TargetSetup target, TimelineKeep keep) =>
        new(RetentionCalls.Once(target.Store), database, keep, session.Time);

    private static string Told(TimelineKeep keep) =>
        keep.EveryCommit is { } window
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"every-commit={window.TotalHours:0.##}h {(keep.Points.IsEmpty ? "" : keep.Points)}"
            )
            : "every commit for ever";

    private static JsonArray Commits(IEnumerable<PointDecision> points) =>
        [.. points.Select(point => (JsonNode)point.Point.Name.Last)];

    private static void Tell(Session session, string database, TargetSetup target, PointDecision told)
    {
        var (point, decision) = (told.Point, told.Decision);
        var verdict = RetentionCommand.VerdictOf(decision);
        var level =
            point.Name.Object == TimelineObject.Base
                ? "base"
                : $"{TimelineLevel.ReachOf(point.Level)}".ToLowerInvariant();
        session.Output.Result(
            new JsonObject
            {
                ["type"] = "restorePoint",
                ["database"] = database,
                ["target"] = target.Name,
                ["lineage"] = point.Lineage.ToString(),
                ["commit"] = point.Name.Last,
                ["time"] = point.Name.Time,
                ["level"] = level,
                ["verdict"] = verdict,
                ["reasons"] = new JsonArray([.. decision.Reasons.Select(reason => (JsonNode)reason)]),
                ["keptUntil"] = decision.KeptUntil,
                ["deletedFrom"] = decision.SweepAt,
                ["bytes"] = point.Bytes,
                ["frees"] = told.Frees,
            },
            $"{verdict, -6}  commit {point.Name.Last}  {SnapshotText.Moment(point.Name.Time!.Value)}  {level}  {ByteText.Of(point.Bytes)}, frees {ByteText.Of(told.Frees)}  {string.Join("; ", decision.Reasons)}{RetentionCommand.UntilOf(decision)}"
        );
    }
}
