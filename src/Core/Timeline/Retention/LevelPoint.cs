using Holdfast.Core.Stores;
using Holdfast.Core.Timeline.Format;

namespace Holdfast.Core.Timeline.Retention;

/// <summary>A base or delta with its closing, as a listing tells it.</summary>
public sealed class LevelPoint
{
    private LevelPoint(LineageId lineage, ObjectKey key, TimelineName name)
    {
        Lineage = lineage;
        Key = key;
        Name = name;
    }

    /// <summary>Its lineage.</summary>
    public LineageId Lineage { get; }

    /// <summary>The object with its index.</summary>
    public ObjectKey Key { get; }

    /// <summary>What its name tells.</summary>
    public TimelineName Name { get; }

    /// <summary>Its level.</summary>
    public byte Level => TimelineLevel.Of(Name);

    /// <summary>Whether it is its commit exactly without any journal.</summary>
    public bool IsExact { get; private init; }

    /// <summary>Whether everything that it builds on is there.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>What it can stand on.</summary>
    public IReadOnlyList<LevelPoint> Below { get; private set; } = [];

    /// <summary>Its objects in the order in which they are deleted: without the first, the others mean nothing.</summary>
    public required IReadOnlyList<ObjectKey> Objects { get; init; }

    /// <summary>The stored bytes of its objects.</summary>
    public required long Bytes { get; init; }

    /// <summary>The point that the next delta of a level stands on; null when there is none.</summary>
    public static LevelPoint? NewestOf(IReadOnlyList<LevelPoint> points, byte level) =>
        points.Where(point => point.IsWhole && point.Level >= level).MaxBy(point => point.Name.Last);

    /// <summary>Points with all that they may stand on.</summary>
    public static IReadOnlySet<LevelPoint> NeededBy(IEnumerable<LevelPoint> points)
    {
        var needed = new HashSet<LevelPoint>();
        var open = new Stack<LevelPoint>(points);
        while (open.TryPop(out var point))
        {
            if (needed.Add(point))
            {
                foreach (var below in point.Below)
                {
                    open.Push(below);
                }
            }
        }

        return needed;
    }

    /// <summary>The points of a lineage, those that others stand on before these.</summary>
    public static IReadOnlyList<LevelPoint> Of(
        LineageId lineage,
        IReadOnlyList<(ObjectInfo Info, TimelineName Name)> found
    )
    {
        var parts = found
            .Where(item => item.Name.Object == TimelineObject.Part)
            .ToLookup(item => item.Name.Stem, item => item.Info, StringComparer.Ordinal);
        var closings = found
            .Where(item => item.Name.Object == TimelineObject.Closing)
            .ToLookup(item => (item.Name.Settled, item.Name.Last), item => item.Info);
        var points = found
            .Where(item => TimelineLevel.IsPoint(item.Name))
            .OrderBy(item => item.Name.Settled)
            .ThenBy(item => item.Name.Last)
            .Select(item =>
            {
                var closing = closings[(item.Name.Settled, item.Name.Last)].ToList();
                List<ObjectInfo> objects =
                [
                    item.Info,
                    .. closing,
                    .. closing.Append(item.Info).SelectMany(info => parts[TimelineNames.StemOf(info.Key)]),
                ];
                return new LevelPoint(lineage, item.Info.Key, item.Name)
                {
                    IsExact = closing.Count > 0 || item.Name.Settled == item.Name.Last,
                    Objects = [.. objects.Select(info => info.Key)],
                    Bytes = objects.Sum(info => info.Size),
                };
            })
            .ToList();
        var settled = points.ToLookup(point => point.Name.Settled);
        foreach (var point in points)
        {
            point.Below = [.. settled[point.Name.First].Where(below => TimelineLevel.StandsOn(point.Name, below.Name))];
            point.IsWhole = point.Name.Object == TimelineObject.Base || point.Below.Any(below => below.IsWhole);
        }

        return points;
    }
}
