using System.CommandLine;
using System.Text.Json.Nodes;
using Holdfast.Cli.CommandLine;
using Holdfast.Cli.Setup;
using Holdfast.Core.Snapshots;

namespace Holdfast.Cli.Verbs;

/// <summary><c>holdfast pin</c> and <c>unpin</c>: copies that retention never deletes.</summary>
internal static class PinCommand
{
    private static readonly Argument<string> Database = new("database")
    {
        Description = "A configured name, a path, or the name that the copies carry",
    };

    private static readonly Option<string?> Id = new("--id")
    {
        Description = "The copy with this id or name (default: the newest)",
        HelpName = "ID",
    };

    private static readonly Option<long?> Required = new("--commit")
    {
        Description = "The commit of the restore point",
        HelpName = "N",
        Required = true,
    };

    private static readonly Option<long?> Commit = new("--commit")
    {
        Description = "The restore point of a timeline at this commit",
        HelpName = "N",
    };

    public static Command Create() =>
        CommandExtensions
            .Describe("pin", "Keep a copy for ever", "holdfast pin app --from ./backups --reason 'before the audit'")
            .With(Database, Id, Commit, DatabaseOptions.From, DatabaseOptions.Name, DatabaseOptions.Reason)
            .Does(
                (session, token) =>
                    RunAsync(
                        session,
                        "pinned",
                        (retention, entry) =>
                            retention.PinAsync(entry, session.Parsed.GetValue(DatabaseOptions.Reason), token),
                        token
                    )
            );

    public static Command CreateUnpin() =>
        CommandExtensions
            .Describe("unpin", "Give a pinned copy back to retention", "holdfast unpin app --from ./backups")
            .With(Database, Id, Commit, DatabaseOptions.From, DatabaseOptions.Name)
            .Does(
                (session, token) =>
                    RunAsync(session, "unpinned", (retention, entry) => retention.UnpinAsync(entry, token), token)
            );

    public static Command CreateUndelete() =>
        CommandExtensions
            .Describe(
                "undelete",
                "Keep a restore point that is marked for deletion",
                "holdfast undelete app --commit 1 --from ./vault"
            )
            .With(Database, Required, DatabaseOptions.From, DatabaseOptions.Name, DatabaseOptions.Reason)
            .Does(
                (session, token) => PinAsync(session, session.Parsed.GetValue(Required)!.Value, isPinned: true, token)
            );

    private static async Task<int> PinAsync(Session session, long commit, bool isPinned, CancellationToken token)
    {
        var databases = session.Workspace.ReadDatabases(session.Parsed.GetValue(Database), DatabaseOptions.From);
        var reason = isPinned ? session.Parsed.GetValue(DatabaseOptions.Reason) : null;
        var places = databases.SelectMany(d => TimelineKeeping.PlacesOf(d).Select(place => (d.Name, place.Target)));
        return await session.ForEachAsync(
            [.. places],
            "target",
            place => TimelineKeeping.PinAsync(session, place.Name, place.Target, commit, reason, isPinned, token)
        );
    }

    private static Task<int> RunAsync(
        Session session,
        string done,
        Func<SnapshotRetention, SnapshotEntry, Task> act,
        CancellationToken token
    )
    {
        if (session.Parsed.GetValue(Commit) is { } commit)
        {
            return PinAsync(session, commit, done == "pinned", token);
        }

        var places = session.Workspace.Places(session.Parsed.GetValue(Database), DatabaseOptions.From);
        return session.ForEachAsync(places, "target", ActAsync);

        async Task ActAsync(CataloguePlace place)
        {
            var selection = new SnapshotSelection(session.Parsed.GetValue(Id));
            var entry = selection.Choose(await place.Catalogue.ListAsync(token), place.Target.Store.Address)[0];
            await act(new SnapshotRetention(place.Target.Store, place.Catalogue, session.Time), entry);
            session.Output.Result(
                new JsonObject
                {
                    ["type"] = done,
                    ["target"] = place.Target.Name,
                    ["name"] = entry.Key.Value,
                    ["id"] = entry.Name.Id,
                },
                $"{done} {entry.Key} at {place.Target.Store.Address}"
            );
        }
    }
}
