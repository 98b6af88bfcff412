using Holdfast.Core.Retention;

namespace Holdfast.Core.Timeline.Retention;

/// <summary>
/// The arithmetic of a bucket that deletes objects by their age, where nothing else does: what a restore point builds on
/// must live as long as the point is wanted.
/// </summary>
/// <param name="Wanted">How long the rules want the oldest restore point.</param>
/// <param name="BaseAge">The age at which a base is replaced, so that no chain is cut; null when there is none.</param>
/// <param name="Problem">What is wrong with the two, for people; null when all is well.</param>
public sealed record BucketLifetime(TimeSpan Wanted, TimeSpan? BaseAge, string? Problem)
{
    private static readonly TimeSpan LongestBaseAge = TimeSpan.FromDays(35);
    private static readonly TimeSpan ShortestBaseAge = TimeSpan.FromHours(1);

    /// <summary>Does it.</summary>
    /// <param name="keep">What is to stay.</param>
    /// <param name="live">The age at which the bucket deletes.</param>
    public static BucketLifetime Of(TimelineKeep keep, TimeSpan live)
    {
        var tiers = keep.Points.Tiers.Select(tier => LengthOf(tier.Rule, tier.Limit)).ToList();
        if (keep.EveryCommit is not { } window || keep.Points.Forever)
        {
            return new BucketLifetime(
                TimeSpan.MaxValue,
                null,
                $"the rules keep restore points for ever, and the bucket deletes objects after {Days(live)}"
            );
        }

        // A point is made in a period, and is wanted until that many periods later are over.
        var wanted = tiers.Append(window + keep.Grace).Max();
        var left = live - wanted;
        if (left < ShortestBaseAge)
        {
            return new BucketLifetime(
                wanted,
                null,
                $"the rules keep restore points for {Days(wanted)}, and the bucket deletes objects after {Days(live)}: "
                    + $"it must keep them for {Days(wanted + TimeSpan.FromDays(1))} at least, better a month longer"
            );
        }

        return new BucketLifetime(wanted, left < LongestBaseAge ? left : LongestBaseAge, null);
    }

    private static TimeSpan LengthOf(RetentionRule tier, TierLimit limit) =>
        limit.Duration is { } duration
            ? duration.Unit switch
            {
                KeepUnit.Hours => TimeSpan.FromHours(duration.Amount),
                KeepUnit.Days => TimeSpan.FromDays(duration.Amount),
                KeepUnit.Weeks => TimeSpan.FromDays(7L * duration.Amount),
                KeepUnit.Months => TimeSpan.FromDays((31L * duration.Amount) + 1),
                _ => TimeSpan.FromDays((366L * duration.Amount) + 1),
            }
            : (limit.Periods!.Value + 1) * PeriodOf(tier);

    private static TimeSpan PeriodOf(RetentionRule tier) =>
        tier switch
        {
            RetentionRule.Hourly => TimeSpan.FromHours(1),
            RetentionRule.Daily => TimeSpan.FromHours(25),
            RetentionRule.Weekly => TimeSpan.FromDays(7.1),
            RetentionRule.Monthly => TimeSpan.FromDays(31),
            _ => TimeSpan.FromDays(366),
        };

    private static string Days(TimeSpan span) =>
        span == TimeSpan.MaxValue
            ? "ever"
            : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{span.TotalDays:0.#} days");
}
