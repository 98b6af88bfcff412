namespace Holdfast.Core.Retention;

/// <summary>What rules keep after years of copies on a schedule.</summary>
/// <param name="Made">The number of copies that were made.</param>
/// <param name="Kept">The copies that are kept at the end, newest first, each with its reasons.</param>
/// <param name="KeptByRule">How many of them each rule keeps; a copy counts for the finest rule that keeps it.</param>
/// <param name="Growth">The number of copies kept at the end of each month.</param>
public sealed record RetentionForecast(
    int Made,
    IReadOnlyList<RetentionDecision> Kept,
    IReadOnlyDictionary<RetentionRule, int> KeptByRule,
    IReadOnlyList<RetentionGrowth> Growth
)
{
    /// <summary>The time of the oldest copy that is kept; null when no copy was made.</summary>
    public DateTimeOffset? Oldest => Kept.Count == 0 ? null : Kept[^1].Candidate.Time;
}

/// <summary>How many copies are kept at a time, those waiting out their grace period not counted.</summary>
/// <param name="Time">The time.</param>
/// <param name="Kept">The number of copies.</param>
public readonly record struct RetentionGrowth(DateTimeOffset Time, int Kept);
