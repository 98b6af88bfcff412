using System.CommandLine;
using System.Text.Json.Nodes;
using Holdfast.Agent;
using Holdfast.Agent.Control;
using Holdfast.Cli.CommandLine;
using Holdfast.Cli.Output;
using Holdfast.Cli.Setup;
using Holdfast.Core.Errors;
using Holdfast.Core.Retention;
using Holdfast.Core.Snapshots;
using Holdfast.Core.Timeline.Verification;

namespace Holdfast.Cli.Verbs;

/// <summary><c>holdfast status</c>: one line per database.</summary>
internal static class StatusCommand
{
    private static readonly Argument<string?> Database = new("database")
    {
        Description = "A configured name, or a path (default: all configured)",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public static Command Create() =>
        CommandExtensions
            .Describe(
                "status",
                "One line per database: its last good copy, its last proven restore, broken objectives",
                "holdfast status app.db --from ./backups"
            )
            .With(Database, DatabaseOptions.From, DatabaseOptions.Name)
            .Does(RunAsync);

    private static async Task<int> RunAsync(Session session, CancellationToken token)
    {
        var databases = session.Workspace.ReadDatabases(session.Parsed.GetValue(Database), DatabaseOptions.From);
        var broken = new List<string>();
        var failures = new List<HoldfastException>();
        var requests = new TimelineRequests(session);
        foreach (var database in databases)
        {
            var timelines = database.Destination is { } path ? await requests.KeptAsync(path, token) : [];
            var copies = new List<(TargetSetup Target, SnapshotEntry Newest)>();
            VerificationRecord? proven = null;
            var verified = new List<(TargetSetup Target, TimelineRecord Record)>();
            var total = 0;
            foreach (var target in database.Targets)
            {
                try
                {
                    var catalogue = database.Catalogue(target);
                    var entries = await catalogue.ListAsync(token);
                    total += entries.Count;
                    if (entries.FirstOrDefault(e => e.State == CopyState.Good) is { } newest)
                    {
                        copies.Add((target, newest));
                    }

                    if (await TimelineRecord.ReadAsync(target.Store, database.Name, token) is { } record)
                    {
                        verified.Add((target, record));
                    }

                    proven = Newer(proven, await catalogue.ReadVerificationsAsync(entries, token));
                }
                catch (HoldfastException error)
                {
                    _ = session.Output.Fail(error);
                    failures.Add(error);
                }
            }

            if (Tell(session, database, copies, proven?.Proven, total, timelines, verified))
            {
                broken.Add(database.Name);
            }
        }

        // A target that cannot be asked may hold the newer copy: an objective is not known to be broken then.
        Session.ThrowIfAny(failures, databases.Sum(d => d.Targets.Count), "target");
        return broken.Count == 0
            ? 0
            : throw new HoldfastException(
                ErrorCode.ObjectiveBroken,
                $"objectives are broken: {string.Join(", ", broken)}",
                $"holdfast backup {Shell.Quote(broken[0])}"
            );
    }

    private static VerificationRecord? Newer(
        VerificationRecord? best,
        IReadOnlyDictionary<Core.Stores.ObjectKey, VerificationRecord> found
    ) => found.Values.Append(best).Where(v => v?.Proven is not null).MaxBy(v => v!.Proven!.Time);

    private static bool Tell(
        Session session,
        DatabaseSetup database,
        List<(TargetSetup Target, SnapshotEntry Newest)> copies,
        ProvenRestore? proven,
        int total,
        IReadOnlyList<KeptTimeline> timelines,
        List<(TargetSetup Target, TimelineRecord Record)> verified
    )
    {
        var now = session.Time.GetUtcNow();
        var newest = copies.Count == 0 ? null : copies.MaxBy(c => c.Newest.Name.Time).Newest;
        var age = now - newest?.Name.Time;
        List<string> broken = [];
        if (database.Rpo is { } rpo && (age is null || age > rpo))
        {
            broken.Add(
                $"rpo {Ages.Of(rpo)}: the newest good copy is {(age is null ? "missing" : Ages.Of(age.Value) + " old")}"
            );
        }

        if (database.Rto is { } rto && proven is not null && proven.DurationSeconds > rto.TotalSeconds)
        {
            broken.Add($"rto {Ages.Of(rto)}: the last restore took {Ages.Seconds(proven.DurationSeconds)}");
        }

        var lastCopy = newest is null ? "no good copy" : $"last good copy {Ages.Of(age!.Value)} ago";
        var lastProof = proven is null
            ? "never restored"
            : $"restored {Ages.Of(now - proven.Time)} ago in {Ages.Seconds(proven.DurationSeconds)}";
        var state =
            broken.Count > 0 ? "BROKEN"
            : newest is null ? "NONE"
            : proven is null ? "UNPROVEN"
            : "OK";
        session.Output.Result(
            new JsonObject
            {
                ["type"] = "status",
                ["database"] = database.Name,
                ["state"] = state.ToLowerInvariant(),
                ["lastGoodCopy"] = newest?.Name.Time,
                ["ageSeconds"] = age is null ? null : Math.Round(age.Value.TotalSeconds),
                ["copies"] = total,
                ["targets"] = new JsonArray([
                    .. copies.Select(c =>
                        (JsonNode)new JsonObject { ["target"] = c.Target.Name, ["lastGoodCopy"] = c.Newest.Name.Time }
                    ),
                ]),
                ["proven"] = proven?.Time,
                ["provenSeconds"] = proven?.DurationSeconds,
                ["broken"] = new JsonArray([.. broken.Select(b => (JsonNode)b)]),
                ["timelines"] = new JsonArray([.. timelines.Select(t => (JsonNode)Json(t.Status))]),
                ["timelinesVerified"] = new JsonArray([
                    .. verified.Select(v =>
                    {
                        var json = HistoryText.Json(v.Record)!;
                        json["target"] = v.Target.Name;
                        return (JsonNode)json;
                    }),
                ]),
            },
            [
                $"{state, -8}  {database.Name}  {lastCopy}, {Plural.Of(total, "copy")}, {lastProof}",
                .. broken.Select(b => $"          objective broken: {b}"),
                .. timelines.SelectMany(t => Lines(t.Status)),
                .. verified.Select(v =>
                    $"          timeline at {v.Target.Name}{HistoryText.Verified(v.Record, now).Replace("; ", ": ", StringComparison.Ordinal)}"
                ),
            ]
        );
        return broken.Count > 0;
    }

    private static JsonObject Json(TimelineStatus timeline) =>
        new()
        {
            ["state"] = timeline.State.ToString().ToLowerInvariant(),
            ["problem"] = timeline.Problem,
            ["lineage"] = timeline.Lineage,
            ["commit"] = timeline.Commit,
            ["commitTime"] = timeline.CommitTime,
            ["spoolBytes"] = timeline.SpoolBytes,
            ["targets"] = new JsonArray([
                .. timeline.Targets.Select(t =>
                    (JsonNode)
                        new JsonObject
                        {
                            ["target"] = t.Target,
                            ["state"] = t.State,
                            ["stored"] = t.Stored,
                            ["base"] = t.Base,
                            ["lagSeconds"] = t.LagSeconds,
                            ["lastError"] = t.LastError,
                        }
                ),
            ]),
        };

    private static IEnumerable<string> Lines(TimelineStatus timeline)
    {
        var state = timeline.State.ToString().ToLowerInvariant();
        yield return FormattableString.Invariant(
            $"          timeline: {state}, commit {timeline.Commit}{(timeline.Problem is { } problem ? $": {problem}" : "")}"
        );
        foreach (var target in timeline.Targets)
        {
            var behind =
                target.LagSeconds > 0 ? FormattableString.Invariant($"{target.LagSeconds:0.#} s behind") : "all stored";
            var said = target.State == "retrying" ? $": {target.LastError}" : "";
            yield return $"            {target.Target}: {target.State}, {behind}{said}";
        }
    }
}
