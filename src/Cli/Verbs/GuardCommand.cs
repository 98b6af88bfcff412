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
        Description = "[database] -- the command and its arguments",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<string[]> Databases = new("--database", "-d")
    {
        Description = "The databases to copy first: configured names, or paths (default: all configured)",
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
                "holdfast guard --database app.db --to ./backups --reason migrate -- sqlite3 app.db 'drop table old'"
            )
            .With(Databases, DatabaseOptions.To, DatabaseOptions.Reason, OnFailure)
            .With(DatabaseOptions.Making)
            .With(Words)
            .Does(RunAsync);

    private static async Task<int> RunAsync(Session session, CancellationToken token)
    {
        var words = session.Parsed.GetValue(Words)!;
        var goesOn = session.Parsed.GetValue(OnFailure) == "continue";
        var failed = await CopyAsync(session, goesOn, token);
        if (failed != 0)
        {
            if (!goesOn)
            {
                session.Output.Note(
                    $"{words[0]} was not run: the copy before it failed (--on-failure continue goes on)"
                );
                return failed;
            }

            session.Output.Warn($"{words[0]} runs WITHOUT a copy before it");
        }

        return await ExecuteAsync(words, token);
    }

    private static async Task<int> CopyAsync(Session session, bool goesOn, CancellationToken token)
    {
        try
        {
            var databases = session.Workspace.Databases(session.Parsed.GetValue(Databases) ?? [], DatabaseOptions.To);
            return await session.ForEachAsync(databases, database => CopyAsync(session, database, token));
        }
        catch (HoldfastException error) when (goesOn)
        {
            return session.Output.Fail(error);
        }
    }

    private static async Task<int> CopyAsync(Session session, DatabaseSetup database, CancellationToken token)
    {
        try
        {
            var reason = session.Parsed.GetValue(DatabaseOptions.Reason) ?? session.Parsed.GetValue(Words)![0];
            return await BackupCommand.BackupAsync(session, database, reason, token);
        }
        catch (HoldfastException error)
            when (error.Code == ErrorCode.SourceMissing && !File.Exists(database.Destination))
        {
            session.Output.Note($"nothing to back up: {error.Message}");
            return 0;
        }
    }

    private static async Task<int> ExecuteAsync(string[] words, CancellationToken token)
    {
        var start = new ProcessStartInfo(words[0], words.Skip(1)) { UseShellExecute = false };
        try
        {
            using var process = Process.Start(start)!;

            // The terminal sends Ctrl-C to the command, too; it decides when to end, and how.
            await using var forward = token.Register(() => Forward(process));
            await process.WaitForExitAsync(CancellationToken.None);
            return process.ExitCode;
        }
        catch (Win32Exception error)
        {
            throw new HoldfastException(
                ErrorCode.Failure,
                $"{words[0]} cannot be run: {error.Message}",
                "the copy was made; correct the command behind --",
                error
            );
        }
    }

    private static void Forward(Process process)
    {
        if (!process.HasExited)
        {
            using var kill = Process.Start(
                "kill",
                ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]
            );
        }
    }
}
