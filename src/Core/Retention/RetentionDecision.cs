namespace Holdfast.Core.Retention;

/// <summary>What is to be done with a copy.</summary>
public enum RetentionVerdict
{
    /// <summary>It stays.</summary>
    Keep,

    /// <summary>It stays, and its mark is to be removed.</summary>
    Unmark,

    /// <summary>No rule keeps it: mark it now, delete it later.</summary>
    Mark,

    /// <summary>It is marked, and its grace period is not over.</summary>
    Wait,

    /// <summary>Delete it now.</summary>
    Sweep,
}

/// <summary>The rules in the order in which they choose, the finest first.</summary>
public enum RetentionRule
{
    /// <summary>Keeps every copy.</summary>
    Forever,

    /// <summary>Keeps the newest copies.</summary>
    Last,

    /// <summary>Keeps copies up to an age.</summary>
    Within,

    /// <summary>Keeps the newest copy of an hour.</summary>
    Hourly,

    /// <summary>Keeps the newest copy of a day.</summary>
    Daily,

    /// <summary>Keeps the newest copy of an ISO week.</summary>
    Weekly,

    /// <summary>Keeps the newest copy of a month.</summary>
    Monthly,

    /// <summary>Keeps the newest copy of a year.</summary>
    Yearly,
}

/// <summary>What retention decided about one copy, and why.</summary>
/// <param name="Candidate">The copy.</param>
/// <param name="Verdict">What is to be done.</param>
/// <param name="Reasons">Why, in words, at least one, such as <c>daily 3 of 7 (2026-11-17)</c>.</param>
/// <param name="Rule">The finest rule that keeps it; null when only a safeguard keeps it, or nothing.</param>
/// <param name="KeptUntil">
/// The time until which the rules surely keep it, whatever is copied later; null when that depends on later copies, or
/// has no end, or when it is not kept.
/// </param>
/// <param name="SweepAt">When it is deleted if nothing changes; null when it is kept.</param>
public sealed record RetentionDecision(
    RetentionCandidate Candidate,
    RetentionVerdict Verdict,
    IReadOnlyList<string> Reasons,
    RetentionRule? Rule,
    DateTimeOffset? KeptUntil,
    DateTimeOffset? SweepAt
)
{
    /// <summary>The identity of the copy.</summary>
    public string Id => Candidate.Id;

    /// <summary>Whether the copy stays.</summary>
    public bool IsKept => Verdict is RetentionVerdict.Keep or RetentionVerdict.Unmark;
}
