using System.Text.Json.Nodes;
using Holdfast.Cli.CommandLine;
using Holdfast.Cli.Output;
using Holdfast.Cli.Setup;
using Holdfast.Core.Engines;
using Holdfast.Core.Errors;
using Holdfast.Core.Restoring;
using Holdfast.Core.Timeline.Restore;
using Holdfast.Core.Timeline.Verification;

namespace Holdfast.Cli.Verbs;

/// <summary>Verifies the timelines of a database at a target, and records what was found beside them.</summary>
internal sealed class TimelineVerifying(Session session, TargetSetup target, IDatabaseEngine engine)
{
    /// <summary>Verifies every lineage; does nothing when there is none.</summary>
    /// <returns>False when there is none.</returns>
    /// <exception cref="HoldfastException">
    /// <see cref="ErrorCode.VerificationFailed"/>: something is damaged or missing. Another one when it could not be told.
    /// </exception>
    public async Task<bool> RunAsync(string database, VerifyLevel level, TimeSpan? budget, CancellationToken token)
    {
        var keys = await session.Keys.RingAsync(target.Store, database, token);
        var catalogue = await TimelineCatalogue.ListAsync(target.Store, database, keys, token);
        if (catalogue.Lineages.Count == 0)
        {
            return false;
        }

        if (keys is not null && await session.Keys.FindAsync(target.Store, token) is { } vault)
        {
            // Without it nothing could be told: that is no finding about what is stored.
            _ = await session.Keys.KeyAsync(vault, token);
        }

        var earlier = await TimelineRecord.ReadAsync(target.Store, database, token);
        var began = session.Time.GetTimestamp();
        var results = new List<TimelineVerificationResult>();
        session.Output.Note($"verify the timeline of {database} at {target.Store.Address}");
        foreach (var lineage in catalogue.Lineages.Reverse())
        {
            var left = budget - session.Time.GetElapsedTime(began);
            results.Add(
                await new TimelineVerification(catalogue, engine, session.Paths, session.Time).RunAsync(
                    lineage,
                    level,
                    left < TimeSpan.Zero ? TimeSpan.Zero : left,
                    TimelineRecord.ReadTimes(earlier, database),
                    token
                )
            );
        }

        var recorded =
            session.Workspace.AsOf is null
            && await TimelineRecord.WriteAsync(
                target.Store,
                database,
                earlier,
                results,
                session.Time.GetUtcNow(),
                token
            );
        results.ForEach(result => Tell(database, result, recorded));
        if (!recorded && session.Workspace.AsOf is null && results.All(r => r.Outcome != CheckOutcome.Inconclusive))
        {
            session.Output.Warn($"the result could not be recorded at {target.Store.Address}");
        }

        ThrowUnlessGood(database, results);
        return true;
    }

    private void ThrowUnlessGood(string database, List<TimelineVerificationResult> results)
    {
        var of = $"the timeline of {database} at {target.Store.Address}";
        if (results.Find(r => r.Outcome == CheckOutcome.Bad) is { } bad)
        {
            throw new HoldfastException(
                ErrorCode.VerificationFailed,
                $"{of} is damaged: {bad.Problems[0]}",
                $"holdfast repair {Shell.Quote(database)}"
            );
        }

        if (results.Find(r => r.Outcome == CheckOutcome.Inconclusive) is { } unknown)
        {
            throw new HoldfastException(
                ErrorCode.Failure,
                $"{of} could not be verified, which says nothing of it: {(unknown.Problems.Count > 0 ? unknown.Problems[0] : "nothing was said")}",
                "try again when that is solved"
            );
        }
    }

    private void Tell(string database, TimelineVerificationResult result, bool recorded)
    {
        var outcome = result.Outcome.ToString().ToLowerInvariant();
        var level = result.Level.ToString().ToLowerInvariant();
        var left = result.Left > 0 ? $", {result.Left} left for the next time" : "";
        session.Output.Result(
            new JsonObject
            {
                ["type"] = "timelineVerification",
                ["database"] = database,
                ["target"] = target.Name,
                ["lineage"] = result.Lineage.ToString(),
                ["level"] = level,
                ["outcome"] = outcome,
                ["problems"] = new JsonArray([.. result.Problems.Select(p => (JsonNode)p)]),
                ["segments"] = result.Segments,
                ["left"] = result.Left,
                ["seconds"] = Math.Round(result.Duration.TotalSeconds, 3),
                ["recorded"] = recorded,
            },
            [
                $"{outcome, -4}  timeline of {database}, lineage {result.Lineage}  {level}: {Plural.Of(result.Segments, "segment")}{left}, in {Ages.Seconds(result.Duration.TotalSeconds)}",
                .. result.Problems.Select(p => $"      {p}"),
            ]
        );
    }
}
