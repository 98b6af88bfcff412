namespace Holdfast.Core.Retention;

/// <summary>What is known about a copy, the best first: a copy never displaces a better one.</summary>
public enum CopyState
{
    /// <summary>Checked, and restorable as far as is known.</summary>
    Good,

    /// <summary>Not checked, for example made by another tool.</summary>
    Unverified,

    /// <summary>A check failed.</summary>
    Bad,
}

/// <summary>A copy about which retention decides.</summary>
/// <param name="Id">Its identity, unique among the candidates.</param>
/// <param name="Time">The time it was made; rules go by this and by nothing else.</param>
/// <param name="State">Whether it can be relied on.</param>
/// <param name="Pinned">Whether a person said that it must stay.</param>
/// <param name="MarkedAt">When an earlier decision marked it for deletion; null when it is not marked.</param>
/// <param name="Needs">The ids of the copies without which it cannot be restored; unknown ids are ignored.</param>
/// <param name="Reach">The coarsest rule that may choose it: a copy for each hour is none for a month.</param>
/// <param name="Held">Why it stays before any rule chooses, counted as chosen by the finest; null when it does not.</param>
/// <param name="Wanted">Why it stays beside what the rules choose, changing nothing of that; null when it does not.</param>
public sealed record RetentionCandidate(
    string Id,
    DateTimeOffset Time,
    CopyState State = CopyState.Good,
    bool Pinned = false,
    DateTimeOffset? MarkedAt = null,
    IReadOnlyList<string>? Needs = null,
    RetentionRule Reach = RetentionRule.Yearly,
    string? Held = null,
    string? Wanted = null
);
