namespace Holdfast.Agent;

/// <summary>What is done about a timeline.</summary>
public enum TimelineState
{
    /// <summary>Its capture is about to begin.</summary>
    Starting,

    /// <summary>Its commits are captured.</summary>
    Capturing,

    /// <summary>It cannot be captured at the moment, and is tried again.</summary>
    Waiting,

    /// <summary>There is no database at its place; what was captured is kept.</summary>
    Gone,

    /// <summary>Somebody else writes it: it is not kept here any more.</summary>
    Fenced,

    /// <summary>It is not kept any more, as was asked for.</summary>
    Ended,
}

/// <summary>What is done about a timeline, and how well. It is also what the control socket tells.</summary>
public sealed record TimelineStatus
{
    /// <summary>The name of the database.</summary>
    public required string Database { get; init; }

    /// <summary>Where the database is.</summary>
    public required string Address { get; init; }

    /// <summary>What tells the database from every other of this machine.</summary>
    public required string Identity { get; init; }

    /// <summary>What the timeline is called in requests.</summary>
    public required string Key { get; init; }

    /// <summary>What is done about it.</summary>
    public required TimelineState State { get; init; }

    /// <summary>Why it is not captured; null while it is.</summary>
    public string? Problem { get; init; }

    /// <summary>The lineage; null before the first.</summary>
    public string? Lineage { get; init; }

    /// <summary>The newest commit; 0 when nothing was captured.</summary>
    public long Commit { get; init; }

    /// <summary>When the newest commit was seen; null when nothing was captured.</summary>
    public DateTimeOffset? CommitTime { get; init; }

    /// <summary>The bytes that commits take on local disk.</summary>
    public long SpoolBytes { get; init; }

    /// <summary>Commits whose detail was given up, as gaps: how often, at most the last hundred.</summary>
    public int Gaps { get; init; }

    /// <summary>The targets.</summary>
    public required IReadOnlyList<TimelineTargetStatus> Targets { get; init; }

    /// <summary>What the capture does; null while there is none.</summary>
    public TimelineCaptureStatus? Capture { get; init; }
}

/// <summary>How far a timeline is at one target.</summary>
public sealed record TimelineTargetStatus
{
    /// <summary>The name of the target.</summary>
    public required string Target { get; init; }

    /// <summary>Its address.</summary>
    public required string Address { get; init; }

    /// <summary>starting, shipping, retrying or fenced.</summary>
    public required string State { get; init; }

    /// <summary>The lineage that is shipped; null before the first.</summary>
    public string? Lineage { get; init; }

    /// <summary>The newest commit of that lineage that is stored; 0 for none.</summary>
    public long Stored { get; init; }

    /// <summary>The commit from which on the newest base can be used; 0 while there is none.</summary>
    public long Base { get; init; }

    /// <summary>The age of the oldest commit that is not stored, in seconds; 0 when all are.</summary>
    public double LagSeconds { get; init; }

    /// <summary>What the target said last that was not good; null when never.</summary>
    public string? LastError { get; init; }

    /// <summary>When it said so.</summary>
    public DateTimeOffset? LastErrorAt { get; init; }

    /// <summary>Whether the target refuses to delete: nothing is ever removed there.</summary>
    public bool DeletionRefused { get; init; }

    /// <summary>Why restore points that are due are not deleted without a person's word; null when none is held back.</summary>
    public string? PruningRefused { get; init; }
}

/// <summary>What a capture does and how well.</summary>
public sealed record TimelineCaptureStatus
{
    /// <summary>Commits captured since its start.</summary>
    public long Commits { get; init; }

    /// <summary>How often it had to read the whole database.</summary>
    public long Resynchronisations { get; init; }

    /// <summary>Why the last time; null when never.</summary>
    public string? LastResynchronisation { get; init; }

    /// <summary>How often it held the write lock.</summary>
    public long WriteLockHolds { get; init; }

    /// <summary>The longest it held the write lock, in milliseconds.</summary>
    public double LongestWriteLockMilliseconds { get; init; }

    /// <summary>The size of the write-ahead log in bytes.</summary>
    public long WalBytes { get; init; }
}
