using System.CommandLine;
using System.Text.Json.Nodes;
using Holdfast.Cli.CommandLine;
using Holdfast.Cli.Output;
using Holdfast.Cli.Setup;
using Holdfast.Core;
using Holdfast.Core.Copying;
using Holdfast.Core.Errors;
using Holdfast.Core.Snapshots;
using Holdfast.Core.Vault;

namespace Holdfast.Cli.Verbs;

/// <summary><c>holdfast copy</c>: what one target holds, at another one as well.</summary>
internal static class CopyCommand
{
    private static readonly Argument<string?> Database = new("database")
    {
        Description = "A configured name, or a path (default: all)",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public static Command Create() =>
        CommandExtensions
            .Describe(
                "copy",
                "Copy what one target holds and another does not: copies, timelines, keys of an encrypted vault",
                "holdfast copy app --from ./backups --to ./offsite"
            )
            .With(Database, DatabaseOptions.From, DatabaseOptions.To, DatabaseOptions.Name)
            .With(KeyOptions.All)
            .Does(RunAsync);

    private static async Task<int> RunAsync(Session session, CancellationToken token)
    {
        if (session.Parsed.GetValue(DatabaseOptions.From) is not { Length: 1 })
        {
            throw new HoldfastException(ErrorCode.Usage, "where is it to be copied from?", "--from TARGET, once");
        }

        if (session.Parsed.GetValue(DatabaseOptions.To) is not { Length: 1 })
        {
            throw new HoldfastException(ErrorCode.Usage, "where is it to be copied to?", "--to TARGET, once");
        }

        var to = session.Workspace.OneTarget(DatabaseOptions.To);
        var place = session.Workspace.Places(session.Parsed.GetValue(Database), DatabaseOptions.From);
        var from = place.Count > 0 ? place[0].Target : session.Workspace.OneTarget(DatabaseOptions.From);
        if (from.Store.Address == to.Store.Address)
        {
            throw new HoldfastException(
                ErrorCode.Usage,
                $"{to.Store.Address} is where it is to be copied from and to",
                "name another target: --to TARGET"
            );
        }

        var places = new List<(string Database, CataloguePlace Place)>();
        foreach (var one in place)
        {
            IReadOnlyList<string> names = one.Database is { } name
                ? [name]
                : await session.Workspace.DatabasesInAsync(one.Target, token);
            places.AddRange(names.Select(database => (database, one)));
        }

        if (places.Count == 0)
        {
            throw new HoldfastException(
                ErrorCode.NothingSatisfies,
                $"there is nothing at {from.Store.Address}",
                "holdfast list --from TARGET shows what is where"
            );
        }

        return await session.ForEachAsync(
            places,
            "database",
            one => CopyAsync(session, one.Database, one.Place, to, token)
        );
    }

    private static async Task CopyAsync(
        Session session,
        string database,
        CataloguePlace place,
        TargetSetup to,
        CancellationToken token
    )
    {
        var from = place.Target;
        var keys = await KeysAsync(session, from, to, database, token);
        var snapshots = place.Database is null
            ? new SnapshotCatalogue(from.Store, KnownTemplates.For(database, place.Engine.FileExtension), database)
            : place.Catalogue;
        var copy = new TargetCopy(from.Store, to.Store, keys, session.Paths, session.Time);
        var began = session.Time.GetTimestamp();
        var result = await ProgressDisplay.ShowAsync(
            session.Output,
            database,
            progress => copy.RunAsync(database, snapshots, progress, token)
        );
        var duration = session.Time.GetElapsedTime(began);
        session.Output.Result(
            new JsonObject
            {
                ["type"] = "copy",
                ["database"] = database,
                ["from"] = from.Name,
                ["to"] = to.Name,
                ["objects"] = result.Objects,
                ["size"] = result.Bytes,
                ["there"] = result.There,
                ["different"] = new JsonArray([.. result.Different.Select(key => (JsonNode)key.Value)]),
                ["damaged"] = new JsonArray([.. result.Damaged.Select(problem => (JsonNode)problem)]),
                ["seconds"] = Math.Round(duration.TotalSeconds, 3),
            },
            $"{database}: {Plural.Of(result.Objects, "object")} ({ByteText.Of(result.Bytes)}) copied from {from.Store.Address} to {to.Store.Address}, {result.There} there already, in {Ages.Seconds(duration.TotalSeconds)}"
        );
        if (result.Different.Count > 0)
        {
            session.Output.Warn(
                $"{Plural.Of(result.Different.Count, "object")} at {to.Store.Address} of the same name, such as {result.Different[0]}, have another size and were left; whether they are good is told by: holdfast verify {Shell.Quote(database)} --from {Shell.Quote(to.Address)}"
            );
        }

        foreach (var problem in result.Damaged)
        {
            session.Output.Warn($"not copied: {problem}");
        }

        if (result.Damaged.Count > 0)
        {
            throw new HoldfastException(
                ErrorCode.VerificationFailed,
                $"of {database} at {from.Store.Address} {result.Damaged.Count} could not be copied, as it is damaged there",
                $"holdfast repair {Shell.Quote(database)}"
            );
        }
    }

    /// <summary>What opens the source, when somebody gave a key; and both are what this machine knows them to be.</summary>
    private static async Task<ISessionKeys?> KeysAsync(
        Session session,
        TargetSetup from,
        TargetSetup to,
        string database,
        CancellationToken token
    )
    {
        _ = await session.Keys.FindAsync(to.Store, token);
        var vault = await session.Keys.FindAsync(from.Store, token);
        if (vault is not { Encryption: VaultEncryption.P256Hpke })
        {
            return null;
        }

        if (!session.Keys.IsGiven)
        {
            session.Output.Note(
                $"{from.Store.Address} is encrypted, and no key was given: its timeline is copied as it is stored, and not looked into"
            );
            return null;
        }

        return await session.Keys.RingAsync(from.Store, database, token);
    }
}
