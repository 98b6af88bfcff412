using Holdfast.Core.Stores;
using Holdfast.Core.Timeline.Format;
using Holdfast.Core.Vault;

namespace Holdfast.Core.Timeline.Restore;

/// <summary>The timelines of one database at one target, from one listing, or at several of them. Not thread-safe.</summary>
public sealed class TimelineCatalogue
{
    private readonly IReadOnlyList<TimelineCatalogue> origins;

    private TimelineCatalogue(
        IObjectStore store,
        string database,
        ISessionKeys? keys,
        IReadOnlyList<TimelineLineage> lineages,
        IReadOnlyList<TimelineCatalogue>? origins = null
    )
    {
        this.origins = origins ?? [this];
        Store = store;
        Keys = keys;
        Database = database;
        Lineages = lineages;
    }

    /// <summary>Where they are; of several places the first.</summary>
    public IObjectStore Store { get; }

    /// <summary>Opens what is sealed; with it nothing plain is believed. Null for a target without encryption.</summary>
    public ISessionKeys? Keys { get; }

    /// <summary>The database.</summary>
    public string Database { get; }

    /// <summary>The lineages that hold a segment, the oldest first.</summary>
    public IReadOnlyList<TimelineLineage> Lineages { get; }

    /// <summary>
    /// What several targets hold together: a segment that is lost at one of them is gone around by what another holds of the
    /// same commits. Names are not compared, as each target has journals of its own; the commits of a lineage are the same
    /// everywhere, each segment is checked against the one that follows it, and the hash of the database proves all.
    /// </summary>
    /// <param name="catalogues">Of one database, each of one target; the first is preferred.</param>
    public static TimelineCatalogue Unite(IReadOnlyList<TimelineCatalogue> catalogues) =>
        catalogues.Count == 1
            ? catalogues[0]
            : new TimelineCatalogue(
                catalogues[0].Store,
                catalogues[0].Database,
                catalogues[0].Keys,
                [
                    .. catalogues
                        .SelectMany((one, origin) => one.Lineages.Select(lineage => (origin, lineage)))
                        .GroupBy(one => one.lineage.Id)
                        .OrderBy(same => same.Key)
                        .Select(same => TimelineLineage.Unite([.. same])),
                ],
                catalogues
            );

    /// <summary>The target that holds a segment.</summary>
    internal TimelineCatalogue OriginOf(TimelineSegment segment) => origins[segment.Origin];

    /// <summary>Lists what is stored.</summary>
    /// <param name="store">Where.</param>
    /// <param name="database">The database.</param>
    /// <param name="keys">Opens what is sealed; null for a target without encryption.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="StoreException">The target cannot be listed.</exception>
    public static async Task<TimelineCatalogue> ListAsync(
        IObjectStore store,
        string database,
        ISessionKeys? keys,
        CancellationToken cancellationToken
    )
    {
        var found = new SortedDictionary<LineageId, List<(ObjectInfo Info, TimelineName Name)>>();
        await foreach (var info in store.ListAsync(TimelineNames.Prefix(database), startAfter: null, cancellationToken))
        {
            if (TimelineNames.TryParse(info.Key, database, out var lineage, out var name))
            {
                if (!found.TryGetValue(lineage, out var objects))
                {
                    found.Add(lineage, objects = []);
                }

                objects.Add((info, name));
            }
        }

        var lineages = found.Select(f => Lineage(f.Key, f.Value)).Where(l => l != null).Select(l => l!);
        return new TimelineCatalogue(store, database, keys, [.. lineages]);
    }

    /// <summary>The names of the databases that have a timeline at a target, sorted; one request for each.</summary>
    /// <param name="store">The target.</param>
    /// <param name="prefix">What the names begin with; empty for all.</param>
    /// <param name="cancellationToken">Ends the listing.</param>
    /// <exception cref="StoreException">The target cannot be listed.</exception>
    public static async Task<IReadOnlyList<string>> DatabasesAsync(
        IObjectStore store,
        string prefix,
        CancellationToken cancellationToken
    )
    {
        var names = new List<string>();
        ObjectKey? behind = null;
        while (await NextDatabaseAsync(store, prefix, behind, cancellationToken) is { } name)
        {
            names.Add(name);

            // The character after '/': behind everything of this database, before everything of the next.
            behind = new ObjectKey($"{TimelineNames.Prefix(name)[..^1]}0");
        }

        names.Sort(StringComparer.Ordinal);
        return names;
    }

    /// <summary>
    /// The windows of a lineage within which each commit can be restored; between them are gaps. Reads the indexes at
    /// their ends, and of the journals that are not rolled up.
    /// </summary>
    public async Task<IReadOnlyList<RecoverableWindow>> WindowsAsync(
        TimelineLineage lineage,
        CancellationToken cancellationToken
    )
    {
        var segments = new LineageReader(this, lineage);
        _ = await segments.LearnEndsAsync(cancellationToken);
        await segments.LearnJournalsAsync(cancellationToken);
        var windows = new List<RecoverableWindow>();
        var ranges = lineage.Ranges();
        foreach (var range in ranges)
        {
            var from = await segments.TimeOfAsync(range.First, cancellationToken);
            var to = await segments.TimeOfAsync(range.Last, cancellationToken);
            if (from is { } first && to is { } last)
            {
                windows.Add(new RecoverableWindow(range, first, last));
            }
        }

        // Reading may have found that a segment is lost or shorter than its name lets expect, and with it a new gap.
        return lineage.Ranges().SequenceEqual(ranges) ? windows : await WindowsAsync(lineage, cancellationToken);
    }

    private static async Task<string?> NextDatabaseAsync(
        IObjectStore store,
        string prefix,
        ObjectKey? behind,
        CancellationToken cancellationToken
    )
    {
        await foreach (var info in store.ListAsync($"{TimelineNames.Root}{prefix}", behind, cancellationToken))
        {
            if (
                info.Key.Value.Split('/') is [_, var database, _, _]
                && TimelineNames.TryParse(info.Key, database, out _, out _)
            )
            {
                return database;
            }
        }

        return null;
    }

    private static TimelineLineage? Lineage(LineageId id, List<(ObjectInfo Info, TimelineName Name)> objects)
    {
        var parts = objects
            .Where(o => o.Name.Object == TimelineObject.Part)
            .GroupBy(o => o.Name.Stem)
            .ToDictionary(g => g.Key, g => (Bytes: g.Sum(o => o.Info.Size), Count: g.Count()));
        var segments = objects
            .Where(o => o.Name.IsSegment)
            .Select(o =>
            {
                var (bytes, count) = parts.GetValueOrDefault(TimelineNames.StemOf(o.Info.Key));
                return new TimelineSegment(o.Info.Key, o.Name, o.Info.Size, bytes, count);
            })
            .ToList();
        var points = objects
            .Where(o => o.Name.Object == TimelineObject.Point)
            .Select(o => new TimelinePoint(o.Name.Last, o.Name.Time!.Value, o.Name.Slug, o.Info.Key))
            .OrderBy(p => p.Commit);
        return segments.Count > 0 ? new TimelineLineage(id, segments, [.. points]) : null;
    }
}
