namespace Holdfast.Core.Timeline.History;

/// <summary>Something that a history tells.</summary>
/// <param name="Lineage">The lineage.</param>
public abstract record HistoryEntry(LineageId Lineage);

/// <summary>A commit.</summary>
/// <param name="Lineage">The lineage.</param>
/// <param name="Number">Its number.</param>
/// <param name="First">The first of the commits whose net change it is: <paramref name="Number"/> unless it is condensed.</param>
/// <param name="Time">When it was seen.</param>
/// <param name="PageSize">The bytes of a page.</param>
/// <param name="Pages">How many pages it changed; null when the journal that tells it is not stored.</param>
/// <param name="DatabasePages">The size of the database after it, in pages.</param>
/// <param name="Flags">What is special about it.</param>
/// <param name="IsRestorable">Whether what it builds on is stored, as far as names tell.</param>
public sealed record CommitEntry(
    LineageId Lineage,
    long Number,
    long First,
    DateTimeOffset Time,
    int PageSize,
    int? Pages,
    uint DatabasePages,
    CommitFlags Flags,
    bool IsRestorable
) : HistoryEntry(Lineage);

/// <summary>Commits that are not there, between others or behind them.</summary>
/// <param name="Lineage">The lineage.</param>
/// <param name="First">The first of them.</param>
/// <param name="Last">The last of them; null when nothing tells where they end.</param>
/// <param name="Reason">Why.</param>
/// <param name="Detail">What was found, naming the objects; null when nothing was.</param>
public sealed record GapEntry(LineageId Lineage, long First, long? Last, GapReason Reason, string? Detail)
    : HistoryEntry(Lineage);

/// <summary>Why commits are not there.</summary>
public enum GapReason
{
    /// <summary>They, or what they build on, are in no object: given up while targets were away, or deleted.</summary>
    NotStored,

    /// <summary>An object that was listed cannot be found.</summary>
    Missing,

    /// <summary>An object is not what was written.</summary>
    Damaged,
}

/// <summary>Which part of a history is asked for: all of it when nothing is set.</summary>
public sealed record HistoryRange
{
    /// <summary>The first commit.</summary>
    public long First { get; init; } = 1;

    /// <summary>The last commit.</summary>
    public long Last { get; init; } = long.MaxValue;

    /// <summary>Only commits that were seen at this time or later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Only commits that were seen at this time or earlier.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Whether the newest come first.</summary>
    /// <value>The default is true.</value>
    public bool NewestFirst { get; init; } = true;
}
