using System.CommandLine;
using System.Text.Json.Nodes;
using Holdfast.Cli.CommandLine;
using Holdfast.Cli.Output;
using Holdfast.Cli.Setup;
using Holdfast.Core;
using Holdfast.Core.Engines;
using Holdfast.Core.Errors;
using Holdfast.Core.Snapshots;

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
        Description = "The copy with this id or name",
        HelpName = "ID",
    };

    private static readonly Option<int?> Nth = new("--nth")
    {
        Description = "1 is the newest copy, 2 the one before",
        HelpName = "N",
    };

    private static readonly Option<string?> At = new("--at")
    {
        Description = "The newest copy at or before WHEN: 2026-03-01T14:00Z, '2 hours ago', 'yesterday 14:00'",
        HelpName = "WHEN",
    };

    private static readonly Option<bool> Latest = new("--latest") { Description = "The newest copy (the default)" };

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

    private static readonly Option<string?> OnCorrupt = DatabaseOptions.Choice(
        "--on-corrupt",
        "A damaged copy is an error, or the next older one is taken",
        "fail",
        "fallback"
    );

    private static readonly Option<string?> Check = DatabaseOptions.Choice(
        "--check",
        "Also let the engine check the restored file (always when there is no manifest to compare with)",
        "none",
        "quick",
        "integrity"
    );

    public static Command Create() =>
        CommandExtensions
            .Describe("restore", "Get a database back", "holdfast restore app --from ./backups --output restored.db")
            .With(Database, DatabaseOptions.From, DatabaseOptions.AsOf, DatabaseOptions.Name, DatabaseOptions.SourceEnv)
            .With(Id, Nth, At, Latest, OutputPath, IfMissing, DryRun, Force, OnCorrupt, Check)
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

        try
        {
            var choice = await RestoreChoice.MakeAsync(session, database, selection, token);
            return await RestoreAsync(session, database, choice, selection, destination, token);
        }
        catch (HoldfastException error)
            when (ifMissing && error.Code == ErrorCode.NothingSatisfies && selection == new SnapshotSelection())
        {
            session.Output.Warn($"{error.Message}: {destination} is missing, and there is nothing to restore it from");
            return 0;
        }
    }

    private static SnapshotSelection Selection(Session session)
    {
        var parsed = session.Parsed;
        var selection = new SnapshotSelection(parsed.GetValue(Id), parsed.GetValue(Nth), session.When(At));
        var named = new object?[] { selection.Id, selection.Nth, selection.At, parsed.GetValue(Latest) ? "" : null };
        return named.Count(n => n is not null) > 1
                ? throw new HoldfastException(
                    ErrorCode.Usage,
                    "--id, --nth, --at and --latest exclude each other",
                    "choose one"
                )
            : selection.Nth < 1 ? throw new HoldfastException(ErrorCode.Usage, "--nth counts from 1", "--nth 1")
            : selection;
    }

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
        RestoreChoice choice,
        SnapshotSelection selection,
        string destination,
        CancellationToken token
    )
    {
        var (target, restore, plan) = choice;
        if (session.Parsed.GetValue(DryRun))
        {
            TellPlan(session, target, plan, destination, database.Engine.Exists(destination));
            return 0;
        }

        var began = session.Time.GetTimestamp();
        var request = new RestoreRequest
        {
            Destination = destination,
            Selection = selection,
            Force = session.Parsed.GetValue(Force),
            OnCorrupt = session.Parsed.GetValue(OnCorrupt) == "fallback" ? Core.Snapshots.OnCorrupt.Fallback : default,
            Check = session.Parsed.GetValue(Check) switch
            {
                "none" => CheckLevel.None,
                "quick" => CheckLevel.Quick,
                "integrity" => CheckLevel.Integrity,
                _ => null,
            },
        };
        var result = await ProgressDisplay.ShowAsync(
            session.Output,
            database.Name,
            progress => restore.RunAsync(plan, database.Engine, request, progress, token)
        );
        Tell(session, target, result, session.Time.GetElapsedTime(began));
        return 0;
    }

    private static void TellPlan(Session session, TargetSetup target, RestorePlan plan, string destination, bool exists)
    {
        var entry = plan.Entry;
        var size = plan.Manifest?.ContentSize;
        session.Output.Result(
            new JsonObject
            {
                ["type"] = "plan",
                ["target"] = target.Name,
                ["name"] = entry.Key.Value,
                ["id"] = entry.Name.Id,
                ["time"] = plan.Manifest?.Time ?? entry.Name.Time,
                ["objects"] = 1,
                ["size"] = entry.Size,
                ["contentSize"] = size,
                ["destination"] = Path.GetFullPath(destination),
                ["exists"] = exists,
            },
            $"would restore {entry.Key} of {SnapshotText.Moment(entry.Name.Time)} UTC from {target.Store.Address}",
            $"  to {Path.GetFullPath(destination)}{(exists ? " (exists; --force replaces it and keeps it beside)" : "")}",
            $"  {ByteText.Of(entry.Size)} to fetch{(size is null ? "" : $", {ByteText.Of(size.Value)} to write")}"
        );
    }

    private static void Tell(Session session, TargetSetup target, RestoreResult result, TimeSpan duration)
    {
        foreach (var skipped in result.Skipped)
        {
            session.Output.Warn($"{skipped}; an older copy was taken, what came after it is not in it");
        }

        var entry = result.Entry;
        session.Output.Result(
            new JsonObject
            {
                ["type"] = "restore",
                ["target"] = target.Name,
                ["name"] = entry.Key.Value,
                ["id"] = entry.Name.Id,
                ["time"] = result.Manifest?.Time ?? entry.Name.Time,
                ["destination"] = result.Placement.Address,
                ["kept"] = result.Placement.KeptPrevious,
                ["size"] = result.Bytes,
                ["checks"] = new JsonArray([.. result.Checks.Select(c => (JsonNode)c)]),
                ["skipped"] = result.Skipped.Count,
                ["seconds"] = Math.Round(duration.TotalSeconds, 3),
            },
            $"{Shell.Place(target.Store.Address, entry.Key.Value)} -> {result.Placement.Address}",
            $"  as of {SnapshotText.Moment(entry.Name.Time)} UTC, {ByteText.Of(result.Bytes)}, {SnapshotText.Checked(result.Checks)}, in {Ages.Seconds(duration.TotalSeconds)}"
        );
        foreach (var warning in result.Placement.Warnings)
        {
            session.Output.Warn(warning);
        }

        if (result.Placement.KeptPrevious is { } kept)
        {
            session.Output.Note($"  what was there is kept as {kept}");
        }
    }
}
