namespace Holdfast.Core.Timeline.Restore;

/// <summary>How one commit will be restored.</summary>
/// <param name="Lineage">Its lineage.</param>
/// <param name="Target">The commit.</param>
/// <param name="PageSize">The size of a page in bytes.</param>
/// <param name="Base">Where it begins; null when the journal reaches back to the first commit.</param>
/// <param name="Journals">The roll-ups and journals on top of it, in order.</param>
public sealed record TimelinePlan(
    TimelineLineage Lineage,
    CommitInfo Target,
    int PageSize,
    TimelineSegment? Base,
    IReadOnlyList<TimelineSegment> Journals
)
{
    /// <summary>The commit after which the journal is needed.</summary>
    internal long Settled => Base?.Name.First ?? 0;

    /// <summary>The size of the restored file in bytes.</summary>
    public long DatabaseBytes => (long)Target.DatabasePages * PageSize;

    /// <summary>The objects that may be read.</summary>
    public int Objects => Segments.Sum(s => 1 + s.Parts);

    /// <summary>The most bytes that may be read.</summary>
    public long Bytes => Segments.Sum(s => s.Size + s.PartBytes);

    private IEnumerable<TimelineSegment> Segments => Base == null ? Journals : Journals.Append(Base);
}
