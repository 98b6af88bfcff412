using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Holdfast.Cli.CommandLine;
using Holdfast.Cli.Output;
using Holdfast.Cli.Setup;
using Holdfast.Core;
using Holdfast.Core.Engines;
using Holdfast.Core.Errors;
using Holdfast.Core.Stores;
using Holdfast.Core.Timeline.Retention;

namespace Holdfast.Cli.Verbs;

/// <summary><c>holdfast doctor</c>: what would hinder backups or restores, with the fix.</summary>
internal static class DoctorCommand
{
    private static readonly Argument<string[]> Databases = new("database")
    {
        Description = "Configured names, or paths (default: all configured)",
        Arity = ArgumentArity.ZeroOrMore,
    };

    public static Command Create() =>
        CommandExtensions
            .Describe(
                "doctor",
                "Examine configuration, databases, targets, space and versions",
                "holdfast doctor app.db --to ./backups"
            )
            .With(Databases, DatabaseOptions.To, DatabaseOptions.Name, DatabaseOptions.SourceEnv)
            .Does(RunAsync);

    private static async Task<int> RunAsync(Session session, CancellationToken token)
    {
        var findings = new List<Finding>();
        var databases = session.Workspace.Databases(session.Parsed.GetValue(Databases) ?? [], DatabaseOptions.To);
        Tell(
            session,
            findings,
            [new Finding(FindingSeverity.Pass, "configuration", $"read; {Plural.Of(databases.Count, "database")}")]
        );
        foreach (var database in databases)
        {
            Tell(session, findings, await DiagnoseAsync(database, token));
            Tell(session, findings, await SpaceAsync(session, database, token));
            Tell(session, findings, Lifetimes(database));
        }

        foreach (var target in databases.SelectMany(d => d.Targets).DistinctBy(t => t.Address))
        {
            Tell(session, findings, await ProbeAsync(session, target, token));
            Tell(session, findings, GitWorktree.Examine(target.Address));
        }

        var failed = findings.Count(f => f.Severity == FindingSeverity.Fail);
        var warned = findings.Count(f => f.Severity == FindingSeverity.Warn);
        session.Output.Note(
            $"{findings.Count - failed - warned} passed, {Plural.Of(warned, "warning")}, {failed} failed"
        );
        return failed == 0
            ? 0
            : throw new HoldfastException(
                ErrorCode.Failure,
                $"{Plural.Of(failed, "finding")} would hinder backups or restores",
                "do what stands behind each FAIL"
            );
    }

    private static async Task<IReadOnlyList<Finding>> DiagnoseAsync(DatabaseSetup database, CancellationToken token)
    {
        try
        {
            return await database.RequireSource().DiagnoseAsync(token);
        }
        catch (HoldfastException error)
        {
            return [Failed(database.Name, error)];
        }
    }

    private static async Task<IReadOnlyList<Finding>> SpaceAsync(
        Session session,
        DatabaseSetup database,
        CancellationToken token
    )
    {
        try
        {
            var needed = 2 * await database.RequireSource().EstimateSizeAsync(token);
            var root = session.Paths.Scratch;
            var free = new DriveInfo(
                Path.GetPathRoot(root) is { } top && Directory.Exists(root) ? root : "/var/tmp"
            ).AvailableFreeSpace;
            return free < needed
                ?
                [
                    new Finding(
                        FindingSeverity.Fail,
                        "scratch space",
                        $"{database.Name} may need {ByteText.Of(needed)} in {root}, and {ByteText.Of(free)} are free",
                        "give it a directory with more room: --scratch DIR, or scratch: in the configuration"
                    ),
                ]
                :
                [
                    new Finding(
                        FindingSeverity.Pass,
                        "scratch space",
                        $"{database.Name} needs at most {ByteText.Of(needed)}, {ByteText.Of(free)} are free"
                    ),
                ];
        }
        catch (HoldfastException)
        {
            // The diagnosis of the database has said it.
            return [];
        }
    }

    private static IReadOnlyList<Finding> Lifetimes(DatabaseSetup database) =>
        [
            .. (database.Timeline?.Targets ?? [])
                .Where(target => target is { BucketDeletes: true, DeletesAfter: not null })
                .Select(target =>
                    (target, Lifetime: BucketLifetime.Of(target.TimelineKeep, target.DeletesAfter!.Value))
                )
                .Select(item =>
                    item.Lifetime.Problem is { } problem
                        ? new Finding(
                            FindingSeverity.Fail,
                            "bucket lifetime",
                            $"{database.Name} at {item.target.Name}: {problem}",
                            "keep less, or let the bucket keep objects longer: its lifecycle rules, and deletesAfter: here"
                        )
                        : new Finding(
                            FindingSeverity.Pass,
                            "bucket lifetime",
                            string.Create(
                                CultureInfo.InvariantCulture,
                                $"{database.Name} at {item.target.Name}: restore points are wanted for {item.Lifetime.Wanted.TotalDays:0.#} days, a base is made every {item.Lifetime.BaseAge!.Value.TotalDays:0.#} days, the bucket deletes after {item.target.DeletesAfter!.Value.TotalDays:0.#} days"
                            )
                        )
                ),
        ];

    private static async Task<IReadOnlyList<Finding>> ProbeAsync(
        Session session,
        TargetSetup target,
        CancellationToken token
    )
    {
        try
        {
            return await StoreProbe.RunAsync(target.Store, session.Time, largeSize: null, token);
        }
        catch (HoldfastException error)
        {
            return [Failed(target.Name, error)];
        }
    }

    private static Finding Failed(string subject, HoldfastException error) =>
        new(FindingSeverity.Fail, subject, error.Message, error.Hint);

    private static void Tell(Session session, List<Finding> all, IReadOnlyList<Finding> found)
    {
        all.AddRange(found);
        foreach (var finding in found)
        {
            var severity = finding.Severity.ToString();
            session.Output.Result(
                new JsonObject
                {
                    ["type"] = "finding",
                    ["severity"] = severity.ToLowerInvariant(),
                    ["subject"] = finding.Subject,
                    ["message"] = finding.Message,
                    ["fix"] = finding.Fix,
                },
                [
                    $"{severity.ToUpperInvariant()}  {finding.Subject}: {finding.Message}",
                    .. finding.Fix is null ? Array.Empty<string>() : [$"      fix: {finding.Fix}"],
                ]
            );
        }
    }
}
