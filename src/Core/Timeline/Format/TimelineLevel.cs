using Holdfast.Core.Retention;

namespace Holdfast.Core.Timeline.Format;

/// <summary>The levels of restore points, the finest first. The values are stored.</summary>
public static class TimelineLevel
{
    /// <summary>The level of a base, which builds on nothing.</summary>
    public const byte Base = 5;

    /// <summary>The coarsest tier that a point of a level counts for.</summary>
    public static RetentionRule ReachOf(byte level) => RetentionRule.Hourly + Math.Min(level, Base) - 1;

    /// <summary>The level of the points of a tier.</summary>
    public static byte Of(RetentionRule tier) => (byte)(tier - RetentionRule.Hourly + 1);

    /// <summary>The level of a base or delta.</summary>
    public static byte Of(TimelineName point) => point.Object == TimelineObject.Base ? Base : point.Level;

    /// <summary>Whether a name is that of a base or delta.</summary>
    public static bool IsPoint(TimelineName name) => name.Object is TimelineObject.Base or TimelineObject.Delta;

    /// <summary>
    /// Whether a delta can stand on a base or delta: that was settled where it begins, and what was torn there is whole in
    /// it, as it was finished no earlier.
    /// </summary>
    public static bool StandsOn(TimelineName delta, TimelineName below) =>
        delta.Object == TimelineObject.Delta
        && IsPoint(below)
        && below.Settled == delta.First
        && below.Settled < delta.Settled
        && below.Last <= delta.Last;
}
