using System.CommandLine;
using System.Text.Json.Nodes;
using Holdfast.Cli.CommandLine;
using Holdfast.Cli.Output;
using Holdfast.Cli.Setup;
using Holdfast.Core;
using Holdfast.Core.Engines;
using Holdfast.Core.Errors;
using Holdfast.Core.Restoring;

namespace Holdfast.Cli.Verbs;

/// <summary><c>holdfast restore</c>: plan, fetch, compare, check, swap.</summary>
internal static class RestoreCommand
{
    private static readonly Argument<string?> Database = new("database")
    {
        Description = "A configured name, a path, or the name that the copies carry",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string?> Id = new("--id")
    {
        Description = "The copy with this id or name, or the restore point with this name",
        HelpName = "ID",
    };

    private static readonly Option<int?> Nth = new("--nth")
    {
        Description = "1 is the newest copy, 2 the one before",
        HelpName = "N",
    };

    private static readonly Option<string?> At = new("--at")
    {
        Description = "The newest moment at or before WHEN: 2026-03-01T14:00Z, '2 hours ago', 'yesterday 14:00'",
        HelpName = "WHEN",
    };

    private static readonly Option<bool> Latest = new("--latest") { Description = "The newest moment (the default)" };

    private static readonly Option<long?> Commit = new("--commit")
    {
        Description = "This commit of the timeline",
        HelpName = "N",
    };

    private static readonly Option<string?> Lineage = new("--lineage")
    {
        Description = "The lineage of the commit (default: the newest)",
        HelpName = "ID",
    };

    private static readonly Option<string?> OutputPath = new("--output", "-o")
    {
        Description = "Where to write (default: where the database was)",
        HelpName = "PATH",
    };

    private static readonly Option<bool> IfMissing = new("--if-missing")
    {
        Description = "Do nothing, and ask no store, when the file exists; no copies is no error",
    };

    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Show the plan only" };

    private static readonly Option<bool> Force = new("--force")
    {
        Description = "Replace what is there (it is kept beside), even when it is in use",
    };

    private static readonly Option<bool> InPlace = new("--in-place")
    {
        Description =
            "Write into the database while programs use it; what was there is kept, and how to undo it is told",
    };

    private static readonly Option<string?> WhenCorrupt = DatabaseOptions.Choice(
        "--on-corrupt",
        "What is damaged is an error, or the newest good moment before it is taken",
        "fail",
        "fallback"
    );

    private static readonly Option<string?> Check = DatabaseOptions.Choice(
        "--check",
        "Also let the engine check the restored file (always when there is nothing to compare with)",
        "none",
        "quick",
        "integrity"
    );

    public static Command Create() =>
        CommandExtensions
            .Describe("restore", "Get a database back", "holdfast restore app --from ./backups --output restored.db")
            .With(Database, DatabaseOptions.From, DatabaseOptions.AsOf, DatabaseOptions.Name, DatabaseOptions.SourceEnv)
            .With(KeyOptions.All)
            .With(
                Id,
                Nth,
                At,
                Latest,
                Commit,
                Lineage,
                OutputPath,
                IfMissing,
                DryRun,
                Force,
                InPlace,
                WhenCorrupt,
                Check
            )
            .Does(RunAsync);

    private static async Task<int> RunAsync(Session session, CancellationToken token)
    {
        var selection = Selection(session);
        var database = session.Workspace.ReadDatabase(session.Parsed.GetValue(Database), DatabaseOptions.From);
        var destination = Destination(session, database);
        var ifMissing = session.Parsed.GetValue(IfMissing);
        if (ifMissing && database.Engine.Exists(destination))
        {
            session.Output.Result(
                new JsonObject
                {
                    ["type"] = "nothing",
                    ["database"] = database.Name,
                    ["message"] = $"{destination} exists",
                },
                $"{destination} exists; nothing was restored"
            );
            return 0;
        }

        var search = new RestoreSearch(session, database, selection);
        try
        {
            var moments = await search.FindAsync(Choice(session), token);
            return await RestoreAsync(session, database, search, moments, destination, token);
        }
        catch (HoldfastException error)
            when (ifMissing && error.Code == ErrorCode.NothingSatisfies && selection == new RestoreSelection())
        {
            session.Output.Warn($"{error.Message}: {destination} is missing, and there is nothing to restore it from");
            return 0;
        }
    }

    private static RestoreSelection Selection(Session session)
    {
        var parsed = session.Parsed;
        var inPlace = parsed.GetValue(InPlace);
        if (inPlace && (parsed.GetValue(Force) || parsed.GetValue(IfMissing)))
        {
            throw new HoldfastException(
                ErrorCode.Usage,
                "--in-place writes into a database that is there: --force and --if-missing mean something else",
                "choose one"
            );
        }

        return RestoreSelection.Parse(
            parsed.GetValue(Id),
            parsed.GetValue(Nth),
            session.When(At),
            parsed.GetValue(Commit),
            parsed.GetValue(Lineage),
            parsed.GetValue(Latest)
        );
    }

    private static OnCorrupt Choice(Session session) =>
        session.Parsed.GetValue(WhenCorrupt) == "fallback" ? OnCorrupt.Fallback : OnCorrupt.Fail;

    private static string Destination(Session session, DatabaseSetup database) =>
        session.Parsed.GetValue(OutputPath)
        ?? database.Destination
        ?? throw new HoldfastException(
            ErrorCode.Usage,
            $"{database.Name} is no file here: say where it is to be restored to",
            "--output PATH"
        );

    private static async Task<int> RestoreAsync(
        Session session,
        DatabaseSetup database,
        RestoreSearch search,
        IReadOnlyList<RestorableMoment> moments,
        string destination,
        CancellationToken token
    )
    {
        var exists = database.Engine.Exists(destination);
        if (session.Parsed.GetValue(DryRun))
        {
            var moment = moments[0];
            var estimate = await moment.EstimateAsync(token);
            TellPlan(session, search.TargetOf(moment), moment, estimate, destination, exists);
            return 0;
        }

        var began = session.Time.GetTimestamp();
        var safety = session.Parsed.GetValue(InPlace)
            ? await SafetyPlace.FindAsync(session, database, destination, token)
            : null;
        var request = new RestoreRequest
        {
            Destination = destination,
            Force = session.Parsed.GetValue(Force),
            Safety = safety?.Safety,
            Check = session.Parsed.GetValue(Check) switch
            {
                "none" => CheckLevel.None,
                "quick" => CheckLevel.Quick,
                "integrity" => CheckLevel.Integrity,
                _ => null,
            },
            Similar = exists ? destination : database.Destination,
        };
        var (restored, skipped) = await ProgressDisplay.ShowAsync(
            session.Output,
            database.Name,
            "restore",
            progress => MomentRestore.RunAsync(moments, Choice(session), database.Engine, request, progress, token)
        );
        Tell(session, search.TargetOf(restored.Moment), restored, skipped, safety, session.Time.GetElapsedTime(began));
        return 0;
    }

    private static void TellPlan(
        Session session,
        TargetSetup target,
        RestorableMoment moment,
        RestoreEstimate estimate,
        string destination,
        bool exists
    )
    {
        var into =
            !exists ? ""
            : session.Parsed.GetValue(InPlace) ? " (in place; what is there is kept)"
            : " (exists; --force replaces it and keeps it beside)";
        var write = estimate.WriteBytes is { } bytes ? $", {ByteText.Of(bytes)} to write" : "";
        var json = MomentText.Json("plan", target.Name, moment);
        json["objects"] = estimate.Objects;
        json["size"] = estimate.FetchBytes;
        json["contentSize"] = estimate.WriteBytes;
        json["destination"] = Path.GetFullPath(destination);
        json["exists"] = exists;
        session.Output.Result(
            json,
            $"would restore {MomentText.What(moment)} of {SnapshotText.Moment(moment.Time)} UTC from {target.Store.Address}",
            $"  to {Path.GetFullPath(destination)}{into}",
            $"  {Plural.Of(estimate.Objects, "object")}, {ByteText.Of(estimate.FetchBytes)} to fetch{write}"
        );
    }

    private static void Tell(
        Session session,
        TargetSetup target,
        RestoredMoment restored,
        IReadOnlyList<string> skipped,
        SafetyPlace? safety,
        TimeSpan duration
    )
    {
        var moment = restored.Moment;
        foreach (var one in skipped)
        {
            session.Output.Warn($"{one}; an older copy was taken, what came after it is not in it");
        }

        foreach (var note in restored.Notes.Concat(restored.Placement.Warnings))
        {
            session.Output.Warn(note);
        }

        var json = MomentText.Json("restore", target.Name, moment);
        json["destination"] = restored.Placement.Address;
        json["kept"] = restored.Placement.KeptPrevious;
        json["undo"] = safety?.Undo;
        json["size"] = restored.Bytes;
        json["fetched"] = restored.FetchedBytes;
        json["checks"] = new JsonArray([.. restored.Checks.Select(c => (JsonNode)c)]);
        json["skipped"] = skipped.Count;
        json["seconds"] = Math.Round(duration.TotalSeconds, 3);
        session.Output.Result(
            json,
            $"{MomentText.From(target.Store.Address, moment)} -> {restored.Placement.Address}",
            $"  as of {SnapshotText.Moment(moment.Time)} UTC, {ByteText.Of(restored.Bytes)}, {SnapshotText.Checked(restored.Checks)}, in {Ages.Seconds(duration.TotalSeconds)}"
        );
        if (restored.Placement.KeptPrevious is { } kept)
        {
            session.Output.Note($"  what was there is kept as {kept}");
        }

        if (safety?.Point is { } point)
        {
            session.Output.Note($"  what was there is {point}");
        }

        if (safety is not null)
        {
            session.Output.Note($"  to undo: {safety.Undo}");
        }
    }
}
