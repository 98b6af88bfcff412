using Holdfast.Core.Stores;
using Holdfast.Core.Timeline.Format;

namespace Holdfast.Core.Timeline.Restore;

/// <summary>A segment as a listing tells it.</summary>
/// <param name="Key">The name of the object with the index.</param>
/// <param name="Name">What the name tells.</param>
/// <param name="Size">The size of that object.</param>
/// <param name="PartBytes">The size of its parts together; those of abandoned attempts at a base count as well.</param>
/// <param name="Parts">The number of its parts.</param>
public sealed record TimelineSegment(ObjectKey Key, TimelineName Name, long Size, long PartBytes, int Parts)
{
    /// <summary>Which of the targets of a united catalogue holds it; 0 for the first, and the only one of any other.</summary>
    public int Origin { get; init; }
}

/// <summary>A commit that somebody named.</summary>
/// <param name="Commit">The commit.</param>
/// <param name="Time">When it was seen, to the millisecond.</param>
/// <param name="Slug">The reason as the name holds it.</param>
/// <param name="Key">The object with the whole reason.</param>
public sealed record TimelinePoint(long Commit, DateTimeOffset Time, string Slug, ObjectKey Key);

/// <summary>Commits of a lineage each of which can be restored, but for those that are condensed into later ones.</summary>
/// <param name="First">The first.</param>
/// <param name="Last">The last.</param>
public readonly record struct CommitRange(long First, long Last)
{
    /// <summary>Whether a commit is in it.</summary>
    public bool Contains(long commit) => commit >= First && commit <= Last;
}

/// <summary>A range of restore points with its times.</summary>
/// <param name="Commits">The commits.</param>
/// <param name="From">When the first was seen.</param>
/// <param name="To">When the last was seen.</param>
public sealed record RecoverableWindow(CommitRange Commits, DateTimeOffset From, DateTimeOffset To);
