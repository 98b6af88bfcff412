using Holdfast.Core.Retention;

namespace Holdfast.Core.Timeline.Retention;

/// <summary>What is to stay of a timeline.</summary>
public sealed record TimelineKeep
{
    /// <summary>How long every commit is kept; null for ever, and then nothing else goes either.</summary>
    /// <value>The default value is 48 hours.</value>
    public TimeSpan? EveryCommit { get; init; } = TimeSpan.FromHours(48);

    /// <summary>The rules for what is older: restore points of the tiers hourly to yearly.</summary>
    /// <value>The default value has no tier: only what every commit needs stays.</value>
    public RetentionRules Points { get; init; } = new() { Min = 1 };

    /// <summary>The time zone in which days, weeks, months and years begin.</summary>
    /// <value>The default value is UTC.</value>
    public TimeZoneInfo Zone { get; init; } = TimeZoneInfo.Utc;

    /// <summary>How much longer objects stay than they must, for restores that have begun.</summary>
    /// <value>The default value is one hour.</value>
    public TimeSpan Grace { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The levels at which points are made for the rules, the finest first; a base is made in any case.</summary>
    public IReadOnlyList<(byte Level, RetentionRule Tier)> Levels =>
        [.. Points.Tiers.Select(tier => (Format.TimelineLevel.Of(tier.Rule), tier.Rule))];
}
