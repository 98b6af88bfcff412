namespace Holdfast.Core.Timeline.Format;

/// <summary>What an object of a timeline is.</summary>
public enum TimelineObject
{
    /// <summary>A journal as it was shipped: <c>j-FIRST</c>.</summary>
    Journal,

    /// <summary>Several journals in one: <c>r-FIRST-LAST-TIME</c>.</summary>
    RollUp,

    /// <summary>The pages that changed since an earlier restore point: <c>dLEVEL-FROM-SETTLED-FINISHED-TIME</c>.</summary>
    Delta,

    /// <summary>The net change while a base or delta was read: <c>c-SETTLED-FINISHED-TIME</c>.</summary>
    Closing,

    /// <summary>All pages: <c>b-SETTLED-FINISHED-TIME</c>.</summary>
    Base,

    /// <summary>A restore point with a reason: <c>point-COMMIT-TIME-SLUG</c>.</summary>
    Point,

    /// <summary>A restore point that retention keeps: <c>pin-COMMIT</c>.</summary>
    Pin,

    /// <summary>What is to be deleted, and when: <c>mark-DUE-SALT</c>.</summary>
    Mark,

    /// <summary>A part of a large segment: <c>STEM.SALT.pNUMBER</c>.</summary>
    Part,
}

/// <summary>What the name of an object tells. Commit numbers that do not apply are 0.</summary>
public sealed record TimelineName
{
    /// <summary>What it is.</summary>
    public required TimelineObject Object { get; init; }

    /// <summary>
    /// The first commit of a journal or roll-up; the commit that a delta or closing builds on, or at which a base's file
    /// was settled.
    /// </summary>
    public long First { get; init; }

    /// <summary>
    /// The last commit of a roll-up; the commit at which a base or delta was finished, from which on it is usable; the
    /// commit of a restore point or pin.
    /// </summary>
    public long Last { get; init; }

    /// <summary>The commit at which the file was settled for a base, delta or closing.</summary>
    public long Settled { get; init; }

    /// <summary>
    /// When the last commit was seen; of a base, delta or closing, when it was found to be the newest. To the millisecond,
    /// rounded down; when a mark is due; null for journals and pins.
    /// </summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>The retention level of a delta.</summary>
    public byte Level { get; init; }

    /// <summary>The reason of a restore point as its name holds it.</summary>
    public string Slug { get; init; } = "";

    /// <summary>The beginning of the name of the segment that a part belongs to.</summary>
    public string Stem { get; init; } = "";

    /// <summary>The salt of the segment that a part belongs to, or of a mark.</summary>
    public ulong Salt { get; init; }

    /// <summary>The number of a part.</summary>
    public int Number { get; init; }

    /// <summary>Whether it is an object with an index.</summary>
    public bool IsSegment =>
        Object
            is TimelineObject.Journal
                or TimelineObject.RollUp
                or TimelineObject.Delta
                or TimelineObject.Closing
                or TimelineObject.Base;
}
