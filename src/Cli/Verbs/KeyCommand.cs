using System.CommandLine;
using System.Text.Json.Nodes;
using Holdfast.Cli.CommandLine;
using Holdfast.Cli.Output;
using Holdfast.Cli.Setup;
using Holdfast.Core.Errors;
using Holdfast.Core.Vault;

namespace Holdfast.Cli.Verbs;

/// <summary><c>holdfast key</c>: who can read a vault.</summary>
internal static class KeyCommand
{
    private const string DefaultName = "recovery kit";

    private static readonly Option<string?> Kit = new("--kit")
    {
        Description = "Write the recovery kit to this file, and do not print it",
        HelpName = "FILE",
    };

    private static readonly Option<string?> KeyName = new("--name")
    {
        Description = "What the key is called (default: recovery kit)",
        HelpName = "NAME",
    };

    private static readonly Option<string?> PublicKeyText = new("--public-key")
    {
        Description = "Add this public key, in base64; its private key stays where it is",
        HelpName = "KEY",
    };

    private static readonly Option<string?> NewPassphrase = new("--passphrase-file")
    {
        Description = "Let the vault keep the new key under the passphrase in this file",
        HelpName = "FILE",
    };

    private static readonly Argument<string> Recipient = new("key")
    {
        Description = "The id of the key, the beginning of it, or its name",
    };

    private static readonly Argument<string> Database = new("database")
    {
        Description = "The name of the database, as the vault has it",
    };

    public static Command Create() =>
        new Command("key", "Say who can read a vault").With(
            CommandExtensions
                .Describe("list", "Show for whom a vault is encrypted", "holdfast key list --from ./vault")
                .With(DatabaseOptions.From)
                .Does(ListAsync),
            CommandExtensions
                .Describe(
                    "add",
                    "Add a key to a vault",
                    "holdfast key add --to ./vault --name laptop --kit laptop.txt --key-file kit.txt"
                )
                .With(DatabaseOptions.To, KeyName, Kit, PublicKeyText, NewPassphrase, KeyOptions.KeyFile)
                .Does(AddAsync),
            CommandExtensions
                .Describe(
                    "remove",
                    "Seal nothing more for a key, from the next start of an agent on",
                    "holdfast key remove old --to ./vault"
                )
                .With(Recipient, DatabaseOptions.To)
                .Does(RemoveAsync),
            CommandExtensions
                .Describe("kit", "Make the recovery kit again", "holdfast key kit --from ./vault --key-file kit.txt")
                .With(DatabaseOptions.From, Kit)
                .With(KeyOptions.All)
                .Does(KitAsync),
            CommandExtensions
                .Describe(
                    "trust",
                    "Take the keys that a vault has now for right, on this machine",
                    "holdfast key trust --to ./vault"
                )
                .With(DatabaseOptions.To)
                .Does(TrustAsync),
            CommandExtensions
                .Describe(
                    "shred",
                    "Make what a vault holds of a database unreadable for ever",
                    "holdfast key shred app --to ./vault --yes"
                )
                .With(Database, DatabaseOptions.To)
                .Does(ShredAsync)
        );

    private static Task<int> ListAsync(Session session, CancellationToken token) =>
        session.ForEachAsync(
            session.Workspace.Targets(DatabaseOptions.From),
            "target",
            async target =>
            {
                var vault = await session.Keys.RequireAsync(target.Store, token);
                var known = session.Keys.Pins.Find(target.Store.Address);
                foreach (var recipient in vault.AllRecipients)
                {
                    session.Output.Result(
                        new JsonObject
                        {
                            ["type"] = "key",
                            ["target"] = target.Name,
                            ["vault"] = vault.Id.ToString(),
                            ["id"] = recipient.Id.ToString(),
                            ["name"] = recipient.Name,
                            ["publicKey"] = Convert.ToBase64String(recipient.PublicKey.Bytes),
                            ["created"] = recipient.Created,
                            ["passphrase"] = recipient.HasPassphrase,
                            ["removed"] = recipient.IsRemoved,
                            ["trusted"] = known?.Recipients.Contains(recipient.PublicKey) ?? false,
                        },
                        $"{recipient.Id}  {recipient.Created:yyyy-MM-dd}  {recipient.Name}{Remarks(recipient)}"
                    );
                }

                if (vault.Encryption == VaultEncryption.None)
                {
                    session.Output.Note($"the vault {target.Store.Address} is not encrypted");
                }
            }
        );

    private static string Remarks(Recipient recipient) =>
        (recipient.HasPassphrase ? "  (kept under a passphrase)" : "") + (recipient.IsRemoved ? "  (removed)" : "");

    private static async Task<int> AddAsync(Session session, CancellationToken token)
    {
        var target = session.Workspace.OneTarget(DatabaseOptions.To);
        var file = session.Parsed.GetValue(Kit);
        var name = session.Parsed.GetValue(KeyName) ?? DefaultName;
        if (!Core.Vault.Recipient.IsName(name))
        {
            throw new HoldfastException(ErrorCode.Usage, "a key's name has 1 to 100 characters", "--name NAME");
        }

        var publicKey = session.Parsed.GetValue(PublicKeyText) is { } text ? Parse(text) : null;
        var passphrase = session.Parsed.GetValue(NewPassphrase) is { } path ? SecretFile.ReadPassphrase(path) : null;
        var showsKit = publicKey == null && (file != null || passphrase == null);
        if (publicKey != null && (file != null || passphrase != null))
        {
            throw new HoldfastException(
                ErrorCode.Usage,
                "of a public key there is neither a kit nor anything to be kept under a passphrase",
                "leave --kit and --passphrase-file away, or --public-key"
            );
        }

        if (showsKit)
        {
            KitPage.Require(session, file);
        }

        var vault = await session.Keys.RequireAsync(target.Store, token);
        var mine = session.Keys.IsGiven ? await session.Keys.KeyAsync(vault, token) : null;
        using var made = publicKey == null ? PrivateKey.New() : null;
        if (showsKit)
        {
            var databases = await vault.DatabasesAsync(token);
            KitPage.Give(session, file, made!, vault.Id, target.Store.Address, name, databases);
        }

        var now = session.Time.GetUtcNow();
        var recipient = await vault.AddAsync(made?.PublicKey ?? publicKey!, made, name, passphrase, now, token);
        var (wrapped, closed) = (0, 0);
        foreach (var database in mine == null ? [] : await vault.DatabasesAsync(token))
        {
            var done = await vault.WrapLaterAsync(database, mine!, recipient, now, token);
            (wrapped, closed) = (wrapped + done.Wrapped, closed + done.Closed);
        }

        Save(session, (await session.Keys.RequireAsync(target.Store, token)));
        session.Output.Result(
            new JsonObject
            {
                ["type"] = "keyAdded",
                ["target"] = target.Name,
                ["id"] = recipient.Id.ToString(),
                ["name"] = name,
                ["kit"] = file,
                ["wrapped"] = wrapped,
                ["closed"] = closed,
            },
            $"added {recipient.Id} ({name}) to the vault {target.Store.Address}"
        );
        session.Output.Note(
            mine == null
                ? "it reads what agents store after their next start; for what is there already, add with --key-file KIT of another key"
                : $"it reads what is there already, too ({Plural.Of(wrapped, "session")})"
        );
        session.Output.Note(
            "agents on other machines refuse to write until there, too: holdfast key trust; and where the configuration has recipients: until the key is added to them"
        );
        return 0;
    }

    private static async Task<int> RemoveAsync(Session session, CancellationToken token)
    {
        var target = session.Workspace.OneTarget(DatabaseOptions.To);
        var vault = await session.Keys.RequireAsync(target.Store, token);
        var recipient = Find(vault, session.Parsed.GetValue(Recipient)!);
        await vault.RemoveAsync(recipient, session.Time.GetUtcNow(), token);
        Save(session, await session.Keys.RequireAsync(target.Store, token));
        session.Output.Result(
            new JsonObject
            {
                ["type"] = "keyRemoved",
                ["target"] = target.Name,
                ["id"] = recipient.Id.ToString(),
                ["name"] = recipient.Name,
            },
            $"removed {recipient.Id} ({recipient.Name}) from the vault {target.Store.Address}"
        );
        session.Output.Note(
            "who has this key still reads everything that was stored until now, and what running agents store"
        );
        session.Output.Note(
            "start the agents again; on other machines first: holdfast key trust. What must never be read: holdfast key shred DATABASE"
        );
        return 0;
    }

    private static async Task<int> KitAsync(Session session, CancellationToken token)
    {
        var target = session.Workspace.OneTarget(DatabaseOptions.From);
        var file = session.Parsed.GetValue(Kit);
        KitPage.Require(session, file);
        var vault = await session.Keys.RequireAsync(target.Store, token);
        var key = await session.Keys.KeyAsync(vault, token);
        var recipient = vault.RecipientOf(key);
        var databases = await vault.DatabasesAsync(token);
        KitPage.Give(session, file, key, vault.Id, target.Store.Address, recipient.Name, databases);
        if (file != null)
        {
            session.Output.Result(
                new JsonObject
                {
                    ["type"] = "kit",
                    ["file"] = file,
                    ["id"] = recipient.Id.ToString(),
                },
                $"wrote the recovery kit of {recipient.Id} ({recipient.Name}) to {file}"
            );
        }

        return 0;
    }

    private static Task<int> TrustAsync(Session session, CancellationToken token) =>
        session.ForEachAsync(
            session.Workspace.Targets(DatabaseOptions.To),
            "target",
            async target =>
            {
                // Not by way of what is known: that is what may be wrong.
                var vault = await TargetVault.FindAsync(target.Store, token);
                var pin = VaultPin.Of(vault);
                session.Keys.Pins.Save(target.Store.Address, pin);
                session.Output.Result(
                    new JsonObject
                    {
                        ["type"] = "trusted",
                        ["target"] = target.Name,
                        ["vault"] = pin.Vault?.ToString(),
                        ["keys"] = new JsonArray([
                            .. pin.Recipients.Select(key => (JsonNode)key.Fingerprint.ToString()),
                        ]),
                    },
                    pin.IsEncrypted
                        ? $"this machine writes to {target.Store.Address} for {string.Join(", ", vault!.Recipients.Select(r => $"{r.Name} ({r.Id})"))}"
                        : $"this machine writes to {target.Store.Address} without encryption"
                );
            }
        );

    private static async Task<int> ShredAsync(Session session, CancellationToken token)
    {
        var target = session.Workspace.OneTarget(DatabaseOptions.To);
        var database = session.Parsed.GetValue(Database)!;
        var vault = await session.Keys.RequireAsync(target.Store, token);
        var there = await vault.DatabasesAsync(token);
        if (!there.Contains(database, StringComparer.Ordinal))
        {
            throw new HoldfastException(
                ErrorCode.NothingSatisfies,
                $"the vault {target.Store.Address} has no keys of '{database}'",
                there.Count > 0 ? $"it has those of {string.Join(", ", there)}" : null
            );
        }

        if (!session.Yes)
        {
            throw new HoldfastException(
                ErrorCode.Refused,
                $"what is stored of {database} at {target.Store.Address} would be unreadable for ever, for everybody",
                $"end its agent first, then: holdfast key shred {database} --to {target.Store.Address} --yes"
            );
        }

        var kept = await new TimelineRequests(session).KeptAsync(token);
        if (
            kept.Any(t =>
                t.Status.Database == database && t.Status.Targets.Any(at => at.Address == target.Store.Address)
            )
        )
        {
            throw new HoldfastException(
                ErrorCode.Refused,
                $"an agent keeps {database} at {target.Store.Address} now, and would go on under a key that is gone; nothing was deleted",
                "end it first; started again, it begins a new lineage under a new key"
            );
        }

        var sessions = await vault.ShredAsync(database, token);
        session.Output.Result(
            new JsonObject
            {
                ["type"] = "shredded",
                ["target"] = target.Name,
                ["database"] = database,
                ["sessions"] = sessions,
            },
            $"deleted the keys of {database} at {target.Store.Address} ({Plural.Of(sessions, "session")})"
        );
        session.Output.Note(
            "what remains: sealed objects without a key, their names and sizes; copies at other targets; older versions of the keys where the store keeps versions; and whatever was restored before"
        );
        return 0;
    }

    private static void Save(Session session, TargetVault vault) =>
        session.Keys.Pins.Save(vault.Store.Address, VaultPin.Of(vault));

    private static Recipient Find(TargetVault vault, string text)
    {
        List<Recipient> found =
        [
            .. vault.Recipients.Where(r =>
                r.Name == text
                || (text.Length >= 4 && r.Id.ToString().StartsWith(text, StringComparison.OrdinalIgnoreCase))
            ),
        ];
        return found.Count == 1
            ? found[0]
            : throw new HoldfastException(
                ErrorCode.NothingSatisfies,
                found.Count == 0
                    ? $"the vault {vault.Store.Address} has no key '{text}'"
                    : $"the vault {vault.Store.Address} has several keys '{text}'",
                $"holdfast key list --from {vault.Store.Address}"
            );
    }

    private static PublicKey Parse(string text)
    {
        try
        {
            return PublicKey.Parse(Convert.FromBase64String(text));
        }
        catch (FormatException error)
        {
            throw new HoldfastException(
                ErrorCode.Usage,
                "that is no public key: it is 65 bytes in base64, a point of the curve P-256",
                "holdfast key list --json shows public keys",
                error
            );
        }
    }
}
