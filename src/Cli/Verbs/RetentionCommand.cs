using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Holdfast.Cli.CommandLine;
using Holdfast.Cli.Output;
using Holdfast.Cli.Setup;
using Holdfast.Core.Errors;
using Holdfast.Core.Retention;
using Holdfast.Core.Snapshots;

namespace Holdfast.Cli.Verbs;

/// <summary><c>holdfast retention</c>: why each copy is kept, and what rules would keep over the years.</summary>
internal static class RetentionCommand
{
    private static readonly Argument<string?> Database = new("database")
    {
        Description = "A configured name, or the name that the copies carry",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<int> Years = new("--years")
    {
        Description = "How long to simulate",
        DefaultValueFactory = _ => 3,
        HelpName = "N",
    };

    private static readonly Option<string> Every = new("--every")
    {
        Description = "The time between two backups: 15m, 1h, 1d",
        DefaultValueFactory = _ => "1d",
        HelpName = "INTERVAL",
    };

    public static Command Create() =>
        new Command("retention", "Explain or simulate what is kept").With(
            CommandExtensions
                .Describe(
                    "explain",
                    "Say for each copy by which rule it is kept",
                    "holdfast retention explain app --from ./backups --keep daily=7 --keep weekly=4"
                )
                .With(Database, DatabaseOptions.From, DatabaseOptions.Name, DatabaseOptions.Keep)
                .Does(ExplainAsync),
            CommandExtensions
                .Describe(
                    "simulate",
                    "Try rules on a schedule, without a copy being made",
                    "holdfast retention simulate --keep daily=7 --keep weekly=4 --keep monthly=12 --keep yearly=7 --years 8"
                )
                .With(Database, DatabaseOptions.Keep, Years, Every)
                .Does((session, _) => Task.FromResult(Simulate(session)))
        );

    private static Task<int> ExplainAsync(Session session, CancellationToken token)
    {
        var databases = session.Workspace.ReadDatabases(session.Parsed.GetValue(Database), DatabaseOptions.From);
        List<Func<Task>> places =
        [
            .. databases.SelectMany(d => d.Targets.Select(t => (Func<Task>)(() => ExplainAsync(session, d, t, token)))),
            .. databases.SelectMany(d =>
                TimelineKeeping
                    .PlacesOf(d)
                    .Select(place =>
                        (Func<Task>)(
                            () => TimelineKeeping.ExplainAsync(session, d.Name, place.Target, place.Keep, token)
                        )
                    )
            ),
        ];
        return session.ForEachAsync(places, "target", explain => explain());
    }

    private static async Task ExplainAsync(
        Session session,
        DatabaseSetup database,
        TargetSetup target,
        CancellationToken token
    )
    {
        var catalogue = database.Catalogue(target);
        var entries = await catalogue.ListAsync(token);
        var retention = new SnapshotRetention(target.Store, catalogue, session.Time);
        var plan = await retention.PlanAsync(entries, target.Rules, database.Zone, token);
        var rules = target.Rules.IsEmpty ? "no rule: everything is kept" : target.Rules.ToString();
        session.Output.Note($"{database.Name} at {target.Store.Address}: {rules}");
        foreach (var decision in plan.Decisions)
        {
            Tell(session, target, decision);
        }
    }

    /// <summary>One line per decision.</summary>
    public static void Tell(Session session, TargetSetup target, RetentionDecision decision)
    {
        var verdict = VerdictOf(decision);
        session.Output.Result(
            new JsonObject
            {
                ["type"] = "retention",
                ["target"] = target.Name,
                ["name"] = decision.Id,
                ["verdict"] = verdict,
                ["reasons"] = new JsonArray([.. decision.Reasons.Select(r => (JsonNode)r)]),
                ["keptUntil"] = decision.KeptUntil,
                ["deletedFrom"] = decision.SweepAt,
            },
            $"{verdict, -6}  {decision.Id}  {string.Join("; ", decision.Reasons)}{UntilOf(decision)}"
        );
    }

    /// <summary>What is done, in a word.</summary>
    public static string VerdictOf(RetentionDecision decision) =>
        decision.Verdict switch
        {
            RetentionVerdict.Keep or RetentionVerdict.Unmark => "keep",
            RetentionVerdict.Mark => "mark",
            RetentionVerdict.Wait => "wait",
            _ => "delete",
        };

    /// <summary>Until when it surely stays, or from when it is deleted.</summary>
    public static string UntilOf(RetentionDecision decision) =>
        decision.KeptUntil is { } kept ? $", until {SnapshotText.Moment(kept)}"
        : decision.Verdict is RetentionVerdict.Mark or RetentionVerdict.Wait && decision.SweepAt is { } sweep
            ? $", deleted from {SnapshotText.Moment(sweep)}"
        : "";

    private static int Simulate(Session session)
    {
        var years = session.Parsed.GetValue(Years);
        if (years is < 1 or > 100)
        {
            throw new HoldfastException(ErrorCode.Usage, "--years takes 1 to 100", "--years 8");
        }

        var interval = Interval(session.Parsed.GetValue(Every)!);
        foreach (var (name, rules, zone) in session.Workspace.RulesToSimulate(session.Parsed.GetValue(Database)))
        {
            var forecast = RetentionSimulation.Run(rules, zone, interval, session.Time.GetUtcNow(), years);
            Tell(session, name, rules, forecast);
        }

        return 0;
    }

    private static TimeSpan Interval(string text)
    {
        if (KeepDuration.TryParse(text, out var duration) && duration.Amount > 0)
        {
            var from = new DateTimeOffset(2001, 1, 1, 0, 0, 0, TimeSpan.Zero);
            return duration.EndFrom(from, TimeZoneInfo.Utc) - from;
        }

        if (
            text.EndsWith("min", StringComparison.Ordinal)
            && int.TryParse(text[..^3], NumberStyles.None, CultureInfo.InvariantCulture, out var minutes)
            && minutes > 0
        )
        {
            return TimeSpan.FromMinutes(minutes);
        }

        throw new HoldfastException(
            ErrorCode.Usage,
            $"--every does not understand '{text}'",
            "--every 15min, 1h or 1d"
        );
    }

    private static void Tell(Session session, string name, RetentionRules rules, RetentionForecast forecast)
    {
        var byRule = forecast
            .KeptByRule.OrderBy(r => r.Key)
            .Select(r => $"{r.Key.ToString().ToLowerInvariant()} {r.Value}");
        var oldest = forecast.Oldest is { } time ? $", the oldest of {SnapshotText.Moment(time)}" : "";
        session.Output.Result(
            new JsonObject
            {
                ["type"] = "simulation",
                ["name"] = name,
                ["rules"] = rules.ToString(),
                ["made"] = forecast.Made,
                ["kept"] = forecast.Kept.Count,
                ["oldest"] = forecast.Oldest,
                ["byRule"] = new JsonObject(
                    forecast
                        .KeptByRule.OrderBy(r => r.Key)
                        .Select(r => KeyValuePair.Create(r.Key.ToString().ToLowerInvariant(), (JsonNode?)r.Value))
                ),
            },
            [
                $"{name}: {rules}",
                $"  {forecast.Made} copies made, {forecast.Kept.Count} kept ({string.Join(", ", byRule)}){oldest}",
                .. session.Output.IsVerbose
                    ? forecast.Growth.Select(g => $"  {SnapshotText.Moment(g.Time)}  {g.Kept} kept")
                    : [],
            ]
        );
    }
}
