namespace Holdfast.Agent;

/// <summary>What has happened to a timeline.</summary>
public enum TimelineEventKind
{
    /// <summary>The capture of a database runs.</summary>
    Capturing,

    /// <summary>A target has a base of a new lineage: from now on it can be restored.</summary>
    Restorable,

    /// <summary>A new lineage had to begin.</summary>
    Lineage,

    /// <summary>The whole database was read, because continuity was lost.</summary>
    Resynchronised,

    /// <summary>A target is not well; what is to be stored waits on disk.</summary>
    Away,

    /// <summary>A target is well again.</summary>
    Back,

    /// <summary>The detail of commits was given up, because targets were away for too long.</summary>
    Gap,

    /// <summary>There is no database at its place.</summary>
    Gone,

    /// <summary>A database cannot be captured at the moment; it is tried again.</summary>
    Waiting,

    /// <summary>Somebody else writes this timeline: it is not kept here any more.</summary>
    Fenced,

    /// <summary>The timeline is not kept any more, as was asked for.</summary>
    Ended,
}

/// <summary>Something that people are told of a timeline.</summary>
/// <param name="Time">When.</param>
/// <param name="Database">The name of the database.</param>
/// <param name="Kind">What.</param>
/// <param name="Message">The same for people, without the name of the database.</param>
public sealed record TimelineEvent(DateTimeOffset Time, string Database, TimelineEventKind Kind, string Message)
{
    /// <summary>The target that it is about; null when it is about none.</summary>
    public string? Target { get; init; }

    /// <summary>The commit that it is about; null when it is about none.</summary>
    public long? Commit { get; init; }

    /// <summary>What to do about it; null when there is nothing to say.</summary>
    public string? Hint { get; init; }
}
