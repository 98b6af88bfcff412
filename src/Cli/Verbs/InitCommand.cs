using System.CommandLine;
using System.Text.Json.Nodes;
using Holdfast.Cli.CommandLine;
using Holdfast.Configuration.Presentation;
using Holdfast.Core.Errors;
using Holdfast.Core.Files;

namespace Holdfast.Cli.Verbs;

/// <summary><c>holdfast init</c>: a commented configuration for the databases it finds.</summary>
internal static class InitCommand
{
    private const string DefaultFile = "holdfast.yaml";

    private static readonly Argument<string[]> Databases = new("database")
    {
        Description = "Paths (default: the SQLite databases in this directory)",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<bool> Force = new("--force") { Description = "Replace a configuration that exists" };

    public static Command Create() =>
        CommandExtensions
            .Describe("init", "Write a commented holdfast.yaml", "holdfast init app.db --to ./backups")
            .With(Databases, DatabaseOptions.To, Force)
            .Does((session, _) => Task.FromResult(Run(session)));

    private static int Run(Session session)
    {
        var file = session.Parsed.GetValue(GlobalOptions.Config) ?? DefaultFile;
        var databases = Find(session.Parsed.GetValue(Databases) ?? []);
        var targets = session.Parsed.GetValue(DatabaseOptions.To) is { Length: > 0 } named ? named : ["./backups"];
        using var pending = PendingFile.Create(file);
        pending.Stream.Write(System.Text.Encoding.UTF8.GetBytes(ConfigurationTemplate.Write(databases, targets[0])));
        if (!pending.Commit(session.Parsed.GetValue(Force)))
        {
            throw new HoldfastException(
                ErrorCode.Refused,
                $"{file} exists and was left as it is",
                $"holdfast config show, or holdfast init --force to replace it"
            );
        }

        session.Output.Result(
            new JsonObject
            {
                ["type"] = "init",
                ["file"] = file,
                ["databases"] = new JsonArray([.. databases.Select(d => (JsonNode)d)]),
                ["target"] = targets[0],
            },
            $"wrote {file} for {string.Join(", ", databases)}"
        );
        session.Output.Note("next:  holdfast doctor, then holdfast backup");
        return 0;
    }

    private static string[] Find(string[] named)
    {
        if (named.Length > 0)
        {
            return named;
        }

        string[] found =
        [
            .. Directory
                .EnumerateFiles(".")
                .Where(IsSqlite)
                .Select(p => $"./{Path.GetFileName(p)}")
                .Order(StringComparer.Ordinal),
        ];
        return found.Length > 0
            ? found
            : throw new HoldfastException(
                ErrorCode.SourceMissing,
                "there is no SQLite database in this directory",
                "holdfast init path/to/app.db --to ./backups"
            );
    }

    private static bool IsSqlite(string path)
    {
        Span<byte> head = stackalloc byte[16];
        try
        {
            using var handle = DurableFiles.OpenForReading(path);
            return RandomAccess.Read(handle, head, fileOffset: 0) == head.Length
                && head.SequenceEqual("SQLite format 3\0"u8);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
