using System.CommandLine;
using System.Text.Json.Nodes;
using Holdfast.Cli.CommandLine;
using Holdfast.Cli.Output;
using Holdfast.Cli.Setup;
using Holdfast.Core;
using Holdfast.Core.Errors;
using Holdfast.Core.Snapshots;

namespace Holdfast.Cli.Verbs;

/// <summary><c>holdfast backup</c>: a snapshot now.</summary>
internal static class BackupCommand
{
    private static readonly Argument<string[]> Databases = new("database")
    {
        Description = "Configured names, paths or sqlite:// URLs (default: all configured)",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<bool> MissingOk = new("--missing-ok")
    {
        Description = "A database that does not exist is nothing to back up, not an error",
    };

    public static Command Create() =>
        CommandExtensions
            .Describe(
                "backup",
                "Make a checked copy now; of a database whose timeline is kept, a named restore point",
                "holdfast backup app.db --to ./backups"
            )
            .With(Databases, DatabaseOptions.To, DatabaseOptions.Reason, MissingOk)
            .With(DatabaseOptions.Making)
            .Does(RunAsync);

    private static Task<int> RunAsync(Session session, CancellationToken token)
    {
        var databases = session.Workspace.Databases(session.Parsed.GetValue(Databases) ?? [], DatabaseOptions.To);
        var points = new TimelinePoints(session);
        var missingOk = session.Parsed.GetValue(MissingOk);
        return session.ForEachAsync(
            databases,
            "database",
            database => RunAsync(session, points, database, missingOk, token)
        );
    }

    private static async Task RunAsync(
        Session session,
        TimelinePoints points,
        DatabaseSetup database,
        bool missingOk,
        CancellationToken token
    )
    {
        try
        {
            await BackupAsync(session, points, database, session.Parsed.GetValue(DatabaseOptions.Reason), token);
        }
        catch (HoldfastException error) when (missingOk && error.Code == ErrorCode.SourceMissing && database.IsMissing)
        {
            session.Output.Result(
                new JsonObject
                {
                    ["type"] = "nothing",
                    ["database"] = database.Name,
                    ["message"] = error.Message,
                },
                $"nothing to back up: {error.Message}"
            );
        }
    }

    /// <summary>Names a restore point of a database whose timeline is kept; else makes a snapshot. Tells the result.</summary>
    /// <exception cref="HoldfastException">
    /// Nothing was stored, or not at every target: <see cref="ErrorCode.Partial"/> when some hold it.
    /// </exception>
    public static async Task BackupAsync(
        Session session,
        TimelinePoints points,
        DatabaseSetup database,
        string? reason,
        CancellationToken token
    )
    {
        if (!await points.TryPutAsync(database, reason, token) || database.TakesSnapshots)
        {
            await TakeSnapshotAsync(session, database, reason, token);
        }
    }

    private static async Task TakeSnapshotAsync(
        Session session,
        DatabaseSetup database,
        string? reason,
        CancellationToken token
    )
    {
        var backup = new SnapshotBackup(session.Paths, session.Time);
        var targets = database.Targets.ToDictionary(t => new SnapshotTarget(t.Name, t.Store));
        var plan = database.Encrypt
            ? database.Plan with
            {
                Recipients = await session.Keys.RecipientsAsync(database.Targets, token),
            }
            : database.Plan;
        var result = await ProgressDisplay.ShowAsync(
            session.Output,
            database.Name,
            progress => backup.RunAsync(plan, [.. targets.Keys], reason, progress, token)
        );
        foreach (var warning in result.Warnings)
        {
            session.Output.Warn($"{database.Name}: {warning}");
        }

        foreach (var stored in result.Targets.Where(t => t.Error is null))
        {
            Tell(session, database, targets[stored.Target], stored, result);
            await AfterBackup.RunAsync(
                session,
                database,
                targets[stored.Target],
                stored.Key!.Value,
                result.Manifest,
                token
            );
        }

        var failures = result.Targets.Select(t => t.Error).OfType<HoldfastException>().ToList();
        if (result.Targets.Count == 1 && failures is [var only])
        {
            throw only;
        }

        failures.ForEach(f => session.Output.Fail(f));
        Session.ThrowIfAny(failures, result.Targets.Count, "target");
    }

    private static void Tell(
        Session session,
        DatabaseSetup database,
        TargetSetup target,
        StoredSnapshot stored,
        BackupResult result
    )
    {
        var manifest = result.Manifest;
        var key = stored.Key!.Value;
        var json = new JsonObject
        {
            ["type"] = "backup",
            ["database"] = database.Name,
            ["source"] = manifest.Source,
            ["target"] = target.Name,
            ["address"] = target.Store.Address,
            ["name"] = key.Value,
            ["time"] = manifest.Time,
            ["size"] = manifest.Size,
            ["sha256"] = manifest.Sha256.ToString(),
            ["contentSize"] = manifest.ContentSize,
            ["compression"] = manifest.Compression,
            ["reason"] = manifest.Reason,
            ["seconds"] = manifest.DurationSeconds,
        };
        var from = manifest.Size == manifest.ContentSize ? "" : $" of {ByteText.Of(manifest.ContentSize)}";
        session.Output.Result(
            json,
            $"{manifest.Source} -> {Shell.Place(target.Store.Address, key.Value)}",
            $"  {ByteText.Of(manifest.Size)}{from}, {SnapshotText.Checked(manifest.Checks)}, in {Ages.Seconds(manifest.DurationSeconds)}"
        );
        session.Output.Note($"  get it back:  {RestoreLine(database, target)}");
    }

    private static string RestoreLine(DatabaseSetup database, TargetSetup target) =>
        database.IsConfigured
            ? $"holdfast restore {Shell.Quote(database.Name)} --output restored.db"
            : $"holdfast restore {Shell.Quote(database.Name)} --from {Shell.Quote(target.Address)} --output restored.db";
}
