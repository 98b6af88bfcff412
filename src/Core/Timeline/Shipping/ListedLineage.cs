using Holdfast.Core.Stores;
using Holdfast.Core.Timeline.Format;
using Holdfast.Core.Timeline.Retention;

namespace Holdfast.Core.Timeline.Shipping;

/// <summary>The objects of one lineage at a target, by their names.</summary>
internal sealed class ListedLineage
{
    private readonly Dictionary<string, (ObjectInfo Info, TimelineName Name)> objects;
    private readonly ILookup<string, ObjectInfo> parts;
    private readonly List<TimelineName> rollUps;

    public ListedLineage(IEnumerable<ObjectInfo> found, string database, LineageId lineage)
    {
        List<(ObjectInfo Info, TimelineName Name)> known = [];
        foreach (var info in found)
        {
            if (TimelineNames.TryParse(info.Key, database, out _, out var name))
            {
                known.Add((info, name));
            }
        }

        objects = known.ToDictionary(item => NameOf(item.Info.Key), StringComparer.Ordinal);
        parts = known
            .Where(item => item.Name.Object == TimelineObject.Part)
            .ToLookup(item => item.Name.Stem, item => item.Info);
        Journals =
        [
            .. known
                .Where(item => item.Name.Object is TimelineObject.Journal or TimelineObject.RollUp)
                .OrderBy(item => item.Name.First),
        ];
        rollUps = [.. Journals.Select(item => item.Name).Where(name => name.Object == TimelineObject.RollUp)];
        Points = LevelPoint.Of(lineage, known);
        Orphans = OrphansAmong(known);
        var newest = known
            .Where(item => item.Name.Object == TimelineObject.Base)
            .OrderBy(item => item.Name.Last)
            .LastOrDefault();
        Base =
            newest.Name == null
                ? null
                : new StoredBase(newest.Name.First, newest.Name.Last, newest.Name.Time!.Value, BytesOf(newest.Info));
    }

    /// <summary>Journals and roll-ups, by their first commit.</summary>
    public IReadOnlyList<(ObjectInfo Info, TimelineName Name)> Journals { get; }

    /// <summary>The newest base.</summary>
    public StoredBase? Base { get; }

    /// <summary>Bases and deltas, those that others stand on before these.</summary>
    public IReadOnlyList<LevelPoint> Points { get; }

    /// <summary>Parts and closings without the object that gives them a meaning: what an interrupted upload left.</summary>
    public IReadOnlyList<ObjectKey> Orphans { get; }

    /// <summary>The newest object whose name tells of a commit behind the given one; null when there is none.</summary>
    public (string Name, long Commit)? Behind(long commit) =>
        objects
            .Where(item => item.Value.Name.IsSegment)
            .Select(item => (Name: item.Key, Commit: Math.Max(item.Value.Name.First, item.Value.Name.Last)))
            .Where(item => item.Commit > commit)
            .OrderBy(item => item.Commit)
            .Select(item => ((string, long)?)item)
            .LastOrDefault();

    /// <summary>An object; null when it is not there.</summary>
    public ObjectInfo? Find(string? name) => name != null && objects.TryGetValue(name, out var item) ? item.Info : null;

    /// <summary>Whether a roll-up holds the commits of a journal, or of a smaller roll-up.</summary>
    public bool IsInARollUp((ObjectInfo Info, TimelineName Name) journal) =>
        rollUps.Exists(rollUp =>
            rollUp != journal.Name
            && rollUp.First <= journal.Name.First
            && (
                journal.Name.Object == TimelineObject.Journal
                    ? journal.Name.First <= rollUp.Last
                    : journal.Name.Last <= rollUp.Last
            )
        );

    /// <summary>The objects of a segment, in the order in which they are deleted.</summary>
    public IEnumerable<ObjectKey> ObjectsOf(ObjectInfo segment) =>
        [segment.Key, .. parts[TimelineNames.StemOf(segment.Key)].Select(part => part.Key)];

    /// <summary>The bytes of all objects of a segment.</summary>
    public long BytesOf(ObjectInfo segment) =>
        segment.Size + parts[TimelineNames.StemOf(segment.Key)].Sum(part => part.Size);

    private List<ObjectKey> OrphansAmong(List<(ObjectInfo Info, TimelineName Name)> known)
    {
        var closed = Points.Select(point => (point.Name.Settled, point.Name.Last)).ToHashSet();
        var closings = known
            .Where(item => item.Name.Object == TimelineObject.Closing)
            .Where(item => !closed.Contains((item.Name.Settled, item.Name.Last)))
            .Select(item => item.Info.Key)
            .ToHashSet();
        var stems = known
            .Where(item => item.Name.IsSegment && !closings.Contains(item.Info.Key))
            .Select(item => TimelineNames.StemOf(item.Info.Key))
            .ToHashSet(StringComparer.Ordinal);
        return
        [
            .. closings,
            .. parts.Where(stem => !stems.Contains(stem.Key)).SelectMany(stem => stem).Select(i => i.Key),
        ];
    }

    public static string NameOf(ObjectKey key) => key.Value[(key.Value.LastIndexOf('/') + 1)..];
}
