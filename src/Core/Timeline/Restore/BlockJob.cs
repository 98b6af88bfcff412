using Holdfast.Core.Timeline.Format;

namespace Holdfast.Core.Timeline.Restore;

/// <summary>Pages of a segment that a restore takes from it.</summary>
/// <param name="Ordinal">The first of them, counted through the pages of the segment.</param>
/// <param name="First">Its page number.</param>
/// <param name="Count">How many follow each other, in the segment and in the database.</param>
internal readonly record struct WantedPages(long Ordinal, uint First, int Count);

/// <summary>Blocks that lie next to each other, with the pages wanted of each.</summary>
/// <param name="Segment">What the name tells of the segment.</param>
/// <param name="Reader">The segment.</param>
/// <param name="Blocks">The blocks, in order, all of one part.</param>
internal sealed record BlockJob(
    TimelineSegment Segment,
    SegmentReader Reader,
    IReadOnlyList<(SegmentBlock Block, IReadOnlyList<WantedPages> Pages)> Blocks
);
