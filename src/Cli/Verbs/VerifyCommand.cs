using System.CommandLine;
using System.Text.Json.Nodes;
using Holdfast.Cli.CommandLine;
using Holdfast.Cli.Output;
using Holdfast.Cli.Setup;
using Holdfast.Core.Engines;
using Holdfast.Core.Errors;
using Holdfast.Core.Restoring;
using Holdfast.Core.Snapshots;
using Holdfast.Core.Timeline.Restore;

namespace Holdfast.Cli.Verbs;

/// <summary><c>holdfast verify</c>: proves copies, and records the result with them.</summary>
internal static class VerifyCommand
{
    private static readonly Argument<string?> Database = new("database")
    {
        Description = "A configured name, or a path (default: all)",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<bool> Latest = new("--latest") { Description = "The newest copy (the default)" };

    private static readonly Option<bool> All = new("--all") { Description = "Every copy" };

    private static readonly Option<string?> Id = new("--id")
    {
        Description = "The copy with this id or name",
        HelpName = "ID",
    };

    private static readonly Option<string?> Level = DatabaseOptions.Choice(
        "--level",
        "Present and of the right size; fetched and compared; or restored and checked (the default)",
        "stored",
        "content",
        "restore"
    );

    private static readonly Option<string?> Budget = new("--budget")
    {
        Description =
            "How long the content of a timeline is read, what was not read for longest first, such as 10m; with --level content (default: until all is read)",
        HelpName = "TIME",
    };

    public static Command Create() =>
        CommandExtensions
            .Describe(
                "verify",
                "Prove that copies and timelines are good",
                "holdfast verify app --from ./backups --all"
            )
            .With(Database, DatabaseOptions.From, DatabaseOptions.AsOf, DatabaseOptions.Name, DatabaseOptions.SourceEnv)
            .With(KeyOptions.All)
            .With(Latest, All, Id, Level, Budget)
            .Does(RunAsync);

    private static Task<int> RunAsync(Session session, CancellationToken token)
    {
        var name = session.Parsed.GetValue(Database);
        if (
            new[]
            {
                session.Parsed.GetValue(Latest),
                session.Parsed.GetValue(All),
                session.Parsed.GetValue(Id) != null,
            }.Count(x => x) > 1
        )
        {
            throw new HoldfastException(ErrorCode.Usage, "--latest, --all and --id exclude each other", "choose one");
        }

        var level = session.Parsed.GetValue(Level) switch
        {
            "stored" => VerifyLevel.Stored,
            "content" => VerifyLevel.Content,
            _ => VerifyLevel.Restore,
        };
        var budget = session.Duration(Budget, TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(7));
        if (budget is not null && level != VerifyLevel.Content)
        {
            throw new HoldfastException(
                ErrorCode.Usage,
                "--budget limits the reading of content",
                "add --level content, or leave it out"
            );
        }

        var places = session.Workspace.Places(name, DatabaseOptions.From);
        return session.ForEachAsync(places, "target", place => VerifyAsync(session, place, level, budget, token));
    }

    /// <summary>Copies and timelines; the failure of the one does not keep from looking at the other.</summary>
    private static async Task VerifyAsync(
        Session session,
        CataloguePlace place,
        VerifyLevel level,
        TimeSpan? budget,
        CancellationToken token
    )
    {
        IReadOnlyList<string> databases =
            session.Parsed.GetValue(Id) is not null ? []
            : place.Database is { } one ? [one]
            : await TimelineCatalogue.DatabasesAsync(place.Target.Store, "", token);
        var timelines = new TimelineVerifying(session, place.Target, place.Engine);
        var hasTimeline = false;
        HoldfastException? failure = null;
        foreach (var database in databases)
        {
            try
            {
                hasTimeline |= await timelines.RunAsync(database, level, budget, token);
            }
            catch (HoldfastException error)
            {
                hasTimeline = true;
                failure = Worse(failure, error);
            }
        }

        try
        {
            var entries = await place.Catalogue.ListAsync(token);
            if (entries.Count > 0 || !hasTimeline)
            {
                await VerifyAsync(session, place, Choose(session, place, entries), level, token);
            }
        }
        catch (HoldfastException error)
        {
            failure = Worse(failure, error);
        }

        if (failure is not null)
        {
            throw failure;
        }
    }

    private static HoldfastException Worse(HoldfastException? one, HoldfastException other) =>
        one is null || (one.Code != ErrorCode.VerificationFailed && other.Code == ErrorCode.VerificationFailed)
            ? other
            : one;

    private static async Task VerifyAsync(
        Session session,
        CataloguePlace place,
        IReadOnlyList<SnapshotEntry> entries,
        VerifyLevel level,
        CancellationToken token
    )
    {
        var verification = new SnapshotVerification(place.Target.Store, place.Catalogue, session.Paths, session.Time)
        {
            Key = asked => session.Keys.KeyForAsync(place.Target.Store, asked),
        };
        var results = new List<VerificationResult>();
        foreach (var entry in entries)
        {
            var result = await ProgressDisplay.ShowAsync(
                session.Output,
                entry.Key.Value,
                progress => verification.RunAsync(entry, place.Engine, level, progress, token)
            );
            Tell(session, place, result, level);
            results.Add(result);
        }

        ThrowUnlessGood(results, place);
    }

    private static void ThrowUnlessGood(List<VerificationResult> results, CataloguePlace place)
    {
        var bad = results.Count(r => r.Outcome == CheckOutcome.Bad);
        var unknown = results.Count(r => r.Outcome == CheckOutcome.Inconclusive);
        var all = Plural.Of(results.Count, "copy");
        if (bad > 0)
        {
            throw new HoldfastException(
                ErrorCode.VerificationFailed,
                $"{bad} of {all} at {place.Target.Store.Address} {(bad == 1 ? "is" : "are")} damaged",
                "make a new copy now: holdfast backup"
            );
        }

        if (unknown > 0)
        {
            throw new HoldfastException(
                ErrorCode.Failure,
                $"{unknown} of {all} at {place.Target.Store.Address} could not be verified; that says nothing of them",
                "try again when what is told above is solved"
            );
        }
    }

    private static IReadOnlyList<SnapshotEntry> Choose(
        Session session,
        CataloguePlace place,
        IReadOnlyList<SnapshotEntry> entries
    )
    {
        var selection = new SnapshotSelection(session.Parsed.GetValue(Id));
        var chosen = selection.Choose(entries, place.Target.Store.Address);
        return session.Parsed.GetValue(All) ? entries : [chosen[0]];
    }

    private static void Tell(Session session, CataloguePlace place, VerificationResult result, VerifyLevel level)
    {
        var outcome = result.Outcome.ToString().ToLowerInvariant();
        session.Output.Result(
            new JsonObject
            {
                ["type"] = "verification",
                ["database"] = place.Database ?? result.Entry.Name.Database,
                ["target"] = place.Target.Name,
                ["name"] = result.Entry.Key.Value,
                ["id"] = result.Entry.Name.Id,
                ["level"] = level.ToString().ToLowerInvariant(),
                ["outcome"] = outcome,
                ["checks"] = new JsonArray([
                    .. result.Checks.Distinct(StringComparer.Ordinal).Select(c => (JsonNode)c),
                ]),
                ["problems"] = new JsonArray([.. result.Problems.Select(c => (JsonNode)c)]),
                ["seconds"] = Math.Round(result.Duration.TotalSeconds, 3),
                ["recorded"] = result.Recorded,
            },
            [
                $"{outcome, -4}  {result.Entry.Key}  {SnapshotText.Verified(level)} in {Ages.Seconds(result.Duration.TotalSeconds)}",
                .. result.Problems.Select(p => $"      {p}"),
            ]
        );
        if (
            !result.Recorded
            && session.Workspace.AsOf is null
            && level > VerifyLevel.Stored
            && result.Outcome != CheckOutcome.Inconclusive
        )
        {
            session.Output.Warn($"the result could not be recorded at {place.Target.Store.Address}");
        }
    }
}
