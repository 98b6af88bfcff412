using System.CommandLine;
using Holdfast.Cli.CommandLine;
using Holdfast.Cli.Output;
using Holdfast.Cli.Setup;
using Holdfast.Core.Snapshots;
using Holdfast.Core.Stores;
using Holdfast.Core.Timeline.Restore;

namespace Holdfast.Cli.Verbs;

/// <summary><c>holdfast list</c>: the snapshots at each target, and what timelines can give back.</summary>
internal static class ListCommand
{
    private static readonly Argument<string?> Database = new("database")
    {
        Description = "A configured name, or a path (default: all)",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public static Command Create() =>
        CommandExtensions
            .Describe(
                "list",
                "List the copies and timelines at each target, newest first",
                "holdfast list app --from ./backups"
            )
            .With(Database, DatabaseOptions.From, DatabaseOptions.AsOf, DatabaseOptions.Name)
            .With(KeyOptions.All)
            .Does(RunAsync);

    private static async Task<int> RunAsync(Session session, CancellationToken token)
    {
        var name = session.Parsed.GetValue(Database);
        var places = await session.Workspace.StoredPlacesAsync(name, DatabaseOptions.From, token);
        if (places.Count == 0)
        {
            session.Output.Note("there are no databases: no file matches, and nothing is stored");
        }

        var requests = new TimelineRequests(session);
        return await session.ForEachAsync(places, "target", place => ListAsync(session, place, requests, token));
    }

    private static async Task ListAsync(
        Session session,
        CataloguePlace place,
        TimelineRequests requests,
        CancellationToken token
    )
    {
        var entries = await place.Catalogue.ListAsync(token);
        var manifests = await place.Catalogue.ReadManifestsAsync(entries, token);
        var verifications = await place.Catalogue.ReadVerificationsAsync(entries, token);
        if (entries.Count > 0)
        {
            Tell(session, place, entries, manifests, verifications);
        }

        IReadOnlyList<string> databases = place.Database is { } one
            ? [one]
            : await TimelineCatalogue.DatabasesAsync(place.Target.Store, "", token);
        var hasTimeline = false;
        foreach (var database in databases)
        {
            hasTimeline |= await TimelineListing.TellAsync(session, database, place.Target, requests, token);
        }

        if (entries.Count == 0 && !hasTimeline)
        {
            await TellEmptyAsync(session, place, token);
        }
    }

    private static void Tell(
        Session session,
        CataloguePlace place,
        IReadOnlyList<SnapshotEntry> entries,
        IReadOnlyDictionary<ObjectKey, SnapshotManifest> manifests,
        IReadOnlyDictionary<ObjectKey, VerificationRecord> verifications
    )
    {
        session.Output.Note(
            $"{place.Database ?? "all databases"} at {place.Target.Store.Address}: {Plural.Of(entries.Count, "copy")}"
        );
        foreach (var entry in session.Output.IsJson ? entries : [])
        {
            var json = SnapshotText.Json(
                place.Target.Name,
                entry,
                manifests.GetValueOrDefault(entry.Key),
                verifications.GetValueOrDefault(entry.Key)
            );
            session.Output.Result(json);
        }

        if (!session.Output.IsJson)
        {
            var now = session.Time.GetUtcNow();
            var rows = entries.Select(e =>
                SnapshotText.Row(e, manifests.GetValueOrDefault(e.Key), verifications.GetValueOrDefault(e.Key), now)
            );
            session.Output.Result([], Table.Lines(SnapshotText.Header, [.. rows]));
        }
    }

    // An empty answer is often a name that is spelt otherwise: say which ones there are.
    private static async Task TellEmptyAsync(Session session, CataloguePlace place, CancellationToken token)
    {
        session.Output.Note($"no copies of {place.Database ?? "any database"} at {place.Target.Store.Address}");
        var others = place.Database is null ? [] : await session.Workspace.DatabasesInAsync(place.Target, token);
        if (others.Count > 0)
        {
            session.Output.Note($"there are copies of: {Workspace.Some(others)}");
        }
    }
}
