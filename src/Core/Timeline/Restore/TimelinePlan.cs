using Holdfast.Core.Timeline.Format;

namespace Holdfast.Core.Timeline.Restore;

/// <summary>Commits that are not kept any more, as retention decided.</summary>
/// <param name="After">The time of the restore point before them.</param>
/// <param name="Before">The time of what is kept next, or when the next lineage began.</param>
public sealed record ExpiredCommits(DateTimeOffset After, DateTimeOffset Before);

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
    /// <summary>The deltas on top of the base, in order; the last may be a closing. The journals are on top of these.</summary>
    public IReadOnlyList<TimelineSegment> Deltas { get; init; } = [];

    /// <summary>Set when the commits behind it were let go: it is the newest restore point before the time asked for.</summary>
    public ExpiredCommits? Expired { get; init; }

    /// <summary>The commit after which the journal is needed.</summary>
    internal long Settled =>
        Deltas.Count == 0 ? Base?.Name.Settled ?? 0
        : Deltas[^1].Name.Object == TimelineObject.Closing ? Deltas[^1].Name.Last
        : Deltas[^1].Name.Settled;

    /// <summary>All that is read, the newest first.</summary>
    internal IEnumerable<TimelineSegment> NewestFirst =>
        [.. Journals.Reverse(), .. Deltas.Reverse(), .. Base is { } start ? [start] : Array.Empty<TimelineSegment>()];

    /// <summary>The size of the restored file in bytes.</summary>
    public long DatabaseBytes => (long)Target.DatabasePages * PageSize;

    /// <summary>The objects that may be read.</summary>
    public int Objects => NewestFirst.Sum(s => 1 + s.Parts);

    /// <summary>The most bytes that may be read.</summary>
    public long Bytes => NewestFirst.Sum(s => s.Size + s.PartBytes);
}
