using Holdfast.Core.Retention;
using Holdfast.Core.Stores;

namespace Holdfast.Core.Timeline.Retention;

/// <summary>What retention decided about one restore point, and what it costs.</summary>
/// <param name="Point">The point.</param>
/// <param name="Decision">Whether it stays, and why.</param>
/// <param name="Frees">The bytes that would be free without it, with what only it builds on; 0 when others build on it.</param>
public sealed record PointDecision(LevelPoint Point, RetentionDecision Decision, long Frees);

/// <summary>A mark that is stored.</summary>
/// <param name="Key">Its object.</param>
/// <param name="Content">What it says; null when that cannot be read: then it marks nothing.</param>
public sealed record StoredDeletionMark(ObjectKey Key, DeletionMark? Content);

/// <summary>What is to be done with the timelines of one database at one target.</summary>
public sealed record TimelineRetentionPlan
{
    /// <summary>A decision for each restore point, the newest first.</summary>
    public required IReadOnlyList<PointDecision> Points { get; init; }

    /// <summary>
    /// The objects to be deleted now, in this order: killed anywhere in between, what still looks like a restore point is
    /// one.
    /// </summary>
    public required IReadOnlyList<ObjectKey> Delete { get; init; }

    /// <summary>Marks to be put before anything is deleted, with a lineage each.</summary>
    public required IReadOnlyList<(LineageId Lineage, DeletionMark Mark)> Put { get; init; }

    /// <summary>Marks that are done with; to be deleted last.</summary>
    public required IReadOnlyList<ObjectKey> Done { get; init; }

    /// <summary>Why this plan must not be carried out without a confirmation; null when it may be.</summary>
    public string? Refusal { get; init; }

    /// <summary>When something may be due next, if nothing is added; null for never.</summary>
    public DateTimeOffset? Next { get; init; }

    /// <summary>Nothing is to be done.</summary>
    public static TimelineRetentionPlan Nothing { get; } =
        new()
        {
            Points = [],
            Delete = [],
            Put = [],
            Done = [],
        };
}
