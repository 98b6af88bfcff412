namespace Holdfast.Core.Timeline.Restore;

/// <summary>Which moment is asked for: the newest commit when nothing is set. At most one of the two is set.</summary>
public sealed record TimelineRequest
{
    /// <summary>A commit by its number.</summary>
    public long? Commit { get; init; }

    /// <summary>The last commit that was seen at or before this time.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>
    /// Since when every commit should be there: what is missing later is lost. Null when that is not known; then the names of
    /// what is stored must tell.
    /// </summary>
    public DateTimeOffset? EveryCommitSince { get; init; }

    /// <summary>The lineage; null for the newest, or for the one that the time falls into.</summary>
    public LineageId? Lineage { get; init; }
}
