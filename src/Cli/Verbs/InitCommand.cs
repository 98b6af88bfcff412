using System.CommandLine;
using System.Text.Json.Nodes;
using Holdfast.Cli.CommandLine;
using Holdfast.Configuration.Presentation;
using Holdfast.Configuration.Settings;
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

    private static readonly Option<string[]> To = new("--to")
    {
        Description =
            "Where copies go: a directory or s3://bucket/prefix, which becomes an encrypted vault (default: ./backups, as it is)",
        HelpName = "TARGET",
    };

    private static readonly Option<string?> Encryption = DatabaseOptions.Choice(
        "--encryption",
        "Whether timelines at the target are sealed (default: p256-hpke)",
        "p256-hpke",
        "none"
    );

    private static readonly Option<string?> Kit = new("--kit")
    {
        Description = "Write the recovery kit to this file, and do not print it",
        HelpName = "FILE",
    };

    public static Command Create() =>
        CommandExtensions
            .Describe(
                "init",
                "Make a vault and its key, and write a commented holdfast.yaml",
                "holdfast init app.db --to ./backups"
            )
            .With(Databases, To, Encryption, Kit, KeyOptions.PassphraseFile, Force)
            .Does(RunAsync);

    private static async Task<int> RunAsync(Session session, CancellationToken token)
    {
        var file = session.Parsed.GetValue(GlobalOptions.Config) ?? DefaultFile;
        var databases = Find(session.Parsed.GetValue(Databases) ?? []);
        if (File.Exists(file) && !session.Parsed.GetValue(Force))
        {
            throw Exists(file);
        }

        var target = session.Parsed.GetValue(To) is { Length: > 0 } named ? named[0] : null;
        var made = target == null ? null : await NewVault.MakeAsync(session, target, Wish(session), databases, token);
        using var pending = PendingFile.Create(file);
        await pending.Stream.WriteAsync(
            System.Text.Encoding.UTF8.GetBytes(
                ConfigurationTemplate.Write(
                    databases,
                    target ?? "./backups",
                    made is null ? null
                        : made.IsEncrypted ? TargetEncryption.P256Hpke
                        : TargetEncryption.None,
                    made?.Id,
                    made?.Recipients
                )
            ),
            token
        );
        if (!pending.Commit(session.Parsed.GetValue(Force)))
        {
            throw Exists(file);
        }

        session.Output.Result(
            new JsonObject
            {
                ["type"] = "init",
                ["file"] = file,
                ["databases"] = new JsonArray([.. databases.Select(d => (JsonNode)d)]),
                ["target"] = target ?? "./backups",
                ["vault"] = made?.Id,
                ["key"] = made?.Key,
                ["kit"] = made?.Kit,
            },
            $"wrote {file} for {string.Join(", ", databases)}"
        );
        session.Output.Note("next:  holdfast doctor, then holdfast backup");
        return 0;
    }

    private static VaultWish Wish(Session session) =>
        new(
            session.Parsed.GetValue(Encryption) != "none",
            session.Parsed.GetValue(Kit),
            session.Parsed.GetValue(KeyOptions.PassphraseFile)
        );

    private static HoldfastException Exists(string file) =>
        new(
            ErrorCode.Refused,
            $"{file} exists and was left as it is",
            $"holdfast config show, or holdfast init --force to replace it"
        );

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
