using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using Holdfast.Cli.CommandLine;
using Holdfast.Cli.Setup;
using Holdfast.Core.Errors;

namespace Holdfast.Cli.Verbs;

/// <summary><c>holdfast guard</c>: a copy first, then a command.</summary>
internal static class GuardCommand
{
    private static readonly Argument<string[]> Words = new("command")
    {
        Description = "The command and its arguments",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<string[]> Databases = new("--database", "-d")
    {
        Description =
            "The database to copy first: a configured name, or a path; may be repeated (default: all configured)",
        HelpName = "DATABASE",
    };

    private static readonly Option<string?> OnFailure = DatabaseOptions.Choice(
        "--on-failure",
        "When the copy fails: end without running the command (the default), or go on",
        "abort",
        "continue"
    );

    public static Command Create() =>
        CommandExtensions
            .Describe(
                "guard",
                "Copy a database, then run a command that may harm it",
                "holdfast guard --database app.db --to ./backups --reason migrate -- ./migrate.sh"
            )
            .With(Databases, DatabaseOptions.To, DatabaseOptions.Reason, OnFailure)
            .With(DatabaseOptions.Making)
            .With(Words)
            .Does(RunAsync);

    private static async Task<int> RunAsync(Session session, CancellationToken token)
    {
        var words = session.Parsed.GetValue(Words)!;
        session.Output.LeaveStandardOutput();
        var goesOn = session.Parsed.GetValue(OnFailure) == "continue";
        try
        {
            var databases = session.Workspace.Databases(session.Parsed.GetValue(Databases) ?? [], DatabaseOptions.To);
            var points = new TimelinePoints(session);
            await session.ForEachAsync(databases, "database", database => CopyAsync(session, points, database, token));
        }
        catch (HoldfastException error) when (goesOn)
        {
            _ = session.Output.Fail(error);
            session.Output.Warn($"{words[0]} runs WITHOUT a copy before it");
        }
        catch (HoldfastException)
        {
            session.Output.Note($"{words[0]} was not run: the copy before it failed (--on-failure continue goes on)");
            throw;
        }

        return await ExecuteAsync(words, token);
    }

    private static async Task CopyAsync(
        Session session,
        TimelinePoints points,
        DatabaseSetup database,
        CancellationToken token
    )
    {
        try
        {
            var reason =
                session.Parsed.GetValue(DatabaseOptions.Reason) ?? Path.GetFileName(session.Parsed.GetValue(Words)![0]);
            await BackupCommand.BackupAsync(session, points, database, reason, token);
        }
        catch (HoldfastException error) when (error.Code == ErrorCode.SourceMissing && database.IsMissing)
        {
            session.Output.Note($"nothing to back up: {error.Message}");
        }
    }

    private static async Task<int> ExecuteAsync(string[] words, CancellationToken token)
    {
        try
        {
            // Before the command begins: what comes while it does must reach it, too.
            using var signals = new ForwardedSignals();
            token.ThrowIfCancellationRequested();
            using var process = Process.Start(
                new ProcessStartInfo(words[0], words.Skip(1)) { UseShellExecute = false }
            )!;
            signals.To(process);
            await process.WaitForExitAsync(CancellationToken.None);
            return process.ExitCode;
        }
        catch (Win32Exception error)
        {
            throw new HoldfastException(
                ErrorCode.Failure,
                $"{words[0]} cannot be run: {error.Message}",
                "correct the command behind --; the copy before it was made",
                error
            );
        }
    }
}
