using Holdfast.Core.Errors;
using Holdfast.Core.Stores;
using Holdfast.Core.Timeline.Format;

namespace Holdfast.Core.Timeline.Restore;

/// <summary>A segment of the plan is missing or damaged: there may be another way to the same commit.</summary>
internal sealed class SegmentLostException(TimelineSegment segment, Exception reason)
    : HoldfastException(((HoldfastException)reason).Code, reason.Message, ((HoldfastException)reason).Hint, reason)
{
    public TimelineSegment Segment => segment;

    public HoldfastException Reason { get; } = (HoldfastException)reason;

    /// <summary>Whether a failure is one of what is stored, and not one of reaching it or of this program.</summary>
    public static bool IsLoss(Exception error) =>
        error
            is SegmentException { Fault: SegmentFault.Damaged or SegmentFault.Truncated }
                or StoreException { Fault: StoreFault.NotFound or StoreFault.Damaged };
}

/// <summary>A journal ends earlier than its successor begins: commits are missing between them.</summary>
internal sealed class JournalEndException(TimelineSegment segment, long last)
    : HoldfastException(ErrorCode.NothingSatisfies, $"{segment.Key} ends at commit {last}")
{
    public TimelineSegment Segment => segment;

    public long Last => last;
}
