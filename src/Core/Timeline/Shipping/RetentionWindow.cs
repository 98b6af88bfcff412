using Holdfast.Core.Stores;
using Holdfast.Core.Timeline.Format;

namespace Holdfast.Core.Timeline.Shipping;

/// <summary>
/// What may go when every commit since a moment is to stay: all that is older than the newest base at or before that
/// moment and is not needed by it.
/// </summary>
internal static class RetentionWindow
{
    /// <summary>
    /// The objects that may go, in the order in which they are to be deleted: killed anywhere in between, what still
    /// looks like a restore point is one.
    /// </summary>
    public static List<ObjectKey> Choose(IEnumerable<ObjectInfo> objects, string database, DateTimeOffset start)
    {
        var lineages = new SortedDictionary<LineageId, List<(ObjectKey Key, TimelineName Name)>>();
        foreach (var info in objects)
        {
            if (TimelineNames.TryParse(info.Key, database, out var lineage, out var name))
            {
                if (!lineages.TryGetValue(lineage, out var known))
                {
                    lineages.Add(lineage, known = []);
                }

                known.Add((info.Key, name));
            }
        }

        foreach (var (lineage, found) in lineages.Reverse())
        {
            var kept = found
                .Where(item => item.Name.Object == TimelineObject.Base && item.Name.Time <= start)
                .OrderBy(item => item.Name.Last)
                .LastOrDefault();
            if (kept.Name != null)
            {
                var older = lineages.Where(other => other.Key < lineage).SelectMany(other => All(other.Value));
                return [.. older, .. OlderThan(found, kept.Name)];
            }
        }

        return [];
    }

    /// <summary>The time of the oldest base after a moment: once it is before it, there may be more to go.</summary>
    public static DateTimeOffset? NextBase(IEnumerable<ObjectInfo> objects, string database, DateTimeOffset start) =>
        objects
            .Select(info => TimelineNames.TryParse(info.Key, database, out _, out var name) ? name : null)
            .Where(name => name is { Object: TimelineObject.Base } && name.Time > start)
            .Min(name => name?.Time);

    /// <summary>Parts without the object that gives them a meaning: what an interrupted upload left.</summary>
    public static List<ObjectKey> Orphans(IReadOnlyList<(ObjectKey Key, TimelineName Name)> found)
    {
        var stems = found
            .Where(item => item.Name.IsSegment)
            .Select(item => TimelineNames.StemOf(item.Key))
            .ToHashSet(StringComparer.Ordinal);
        return [.. Parts(found, part => !stems.Contains(part.Stem))];
    }

    private static IEnumerable<ObjectKey> All(List<(ObjectKey Key, TimelineName Name)> found) =>
        [
            .. Of(found, TimelineObject.Point).Select(item => item.Key),
            .. Of(found, TimelineObject.Base).Select(item => item.Key),
            .. Journals(found).Select(item => item.Key),
            .. Parts(found, _ => true),
        ];

    private static IEnumerable<ObjectKey> OlderThan(List<(ObjectKey Key, TimelineName Name)> found, TimelineName kept)
    {
        var bases = Of(found, TimelineObject.Base).Where(item => item.Name.Last < kept.Last).ToList();
        var journals = Journals(found);
        var rolledUp = journals.Max(item => (long?)item.Name.Last) ?? 0;

        // The newest stays, by which the log knows its own again; so do journals that wait to be rolled up.
        var gone = journals
            .SkipLast(1)
            .Where(
                (item, at) =>
                    item.Name.Object == TimelineObject.RollUp
                        ? item.Name.Last <= kept.First
                        : item.Name.First <= rolledUp && journals[at + 1].Name.First - 1 <= kept.First
            )
            .ToList();
        var stems = bases
            .Where(item => item.Name.First != kept.First)
            .Concat(gone)
            .Select(item => TimelineNames.StemOf(item.Key))
            .ToHashSet(StringComparer.Ordinal);
        return
        [
            .. Of(found, TimelineObject.Point).Where(item => item.Name.Last < kept.Last).Select(item => item.Key),
            .. bases.Select(item => item.Key),
            .. gone.Select(item => item.Key),
            .. Parts(found, part => stems.Contains(part.Stem)),
        ];
    }

    private static IEnumerable<(ObjectKey Key, TimelineName Name)> Of(
        IEnumerable<(ObjectKey Key, TimelineName Name)> found,
        TimelineObject kind
    ) => found.Where(item => item.Name.Object == kind).OrderBy(item => item.Name.Last);

    private static List<(ObjectKey Key, TimelineName Name)> Journals(List<(ObjectKey Key, TimelineName Name)> found) =>
        [
            .. found
                .Where(item => item.Name.Object is TimelineObject.Journal or TimelineObject.RollUp)
                .OrderBy(item => item.Name.First),
        ];

    private static IEnumerable<ObjectKey> Parts(
        IEnumerable<(ObjectKey Key, TimelineName Name)> found,
        Func<TimelineName, bool> which
    ) => found.Where(item => item.Name.Object == TimelineObject.Part && which(item.Name)).Select(item => item.Key);
}
