using System.Globalization;
using Holdfast.Core.Retention;

namespace Holdfast.Core.Tests.Retention;

/// <summary>
/// The rules of docs/retention.md a second time, without regard to speed and without a line of the product: the kept
/// ids by definition.
/// </summary>
internal static class Oracle
{
    public static HashSet<string> Kept(
        IReadOnlyCollection<RetentionCandidate> copies,
        RetentionRules rules,
        TimeZoneInfo zone,
        DateTimeOffset now
    )
    {
        var present = Newest(copies.Where(copy => copy.Time <= now));
        var kept = copies.Where(copy => copy.Time > now || copy.Pinned || rules.Forever).ToHashSet();
        if (rules with { Min = 3, Grace = null } == RetentionRules.None)
        {
            kept.UnionWith(copies);
        }

        CopyState[][] levels =
        [
            [CopyState.Good],
            [CopyState.Good, CopyState.Unverified],
            [CopyState.Good, CopyState.Unverified, CopyState.Bad],
        ];
        foreach (var level in levels)
        {
            kept.UnionWith(ByRules([.. present.Where(copy => level.Contains(copy.State))], rules, zone, now));
            kept.UnionWith(Best(present, rules.Min));
        }

        while (copies.Any(copy => !kept.Contains(copy) && kept.Any(other => other.Needs?.Contains(copy.Id) == true)))
        {
            kept.UnionWith([.. copies.Where(copy => kept.Any(other => other.Needs?.Contains(copy.Id) == true))]);
        }

        return [.. kept.Select(copy => copy.Id)];
    }

    private static IEnumerable<RetentionCandidate> Best(List<RetentionCandidate> present, int min) =>
        present
            .Where(copy => copy.State is CopyState.Good)
            .Concat(present.Where(copy => copy.State is CopyState.Unverified))
            .Concat(present.Where(copy => copy.State is CopyState.Bad))
            .Take(min);

    private static HashSet<RetentionCandidate> ByRules(
        List<RetentionCandidate> copies,
        RetentionRules rules,
        TimeZoneInfo zone,
        DateTimeOffset now
    )
    {
        var kept = copies.Take(rules.Last ?? 0).Concat(copies.Where(copy => copy.Held != null)).ToHashSet();
        if (rules.Within is { } within)
        {
            kept.UnionWith(copies.Where(copy => copy == copies[0] || IsYoung(copy, within, zone, now)));
        }

        Tier(
            RetentionRule.Hourly,
            rules.Hourly,
            local => local.ToString("yyyy-MM-dd HH zzz", CultureInfo.InvariantCulture)
        );
        Tier(RetentionRule.Daily, rules.Daily, local => local.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        Tier(
            RetentionRule.Weekly,
            rules.Weekly,
            local =>
                FormattableString.Invariant(
                    $"{ISOWeek.GetYear(local.DateTime)} {ISOWeek.GetWeekOfYear(local.DateTime)}"
                )
        );
        Tier(RetentionRule.Monthly, rules.Monthly, local => local.ToString("yyyy-MM", CultureInfo.InvariantCulture));
        Tier(RetentionRule.Yearly, rules.Yearly, local => local.ToString("yyyy", CultureInfo.InvariantCulture));
        return kept;

        void Tier(RetentionRule rule, TierLimit? limit, Func<DateTimeOffset, string> period)
        {
            if (limit is not { } tier)
            {
                return;
            }

            var counting = Newest(copies.Where(copy => copy.Reach >= rule));
            var each = Newest(counting.GroupBy(PeriodOf).Select(group => Newest(group)[0]));
            if (tier.Duration is { } duration)
            {
                kept.UnionWith([.. each.Where(copy => copy == counting[0] || IsYoung(copy, duration, zone, now))]);
                return;
            }

            // Up to the last period that finer rules left to this one, and those between; the one that goes on is theirs.
            var finer = kept.Where(copies.Contains).ToHashSet();
            var goesOn = finer.Count == 0 ? null : PeriodOf(Newest(finer)[0]);
            var left = each.Where(copy => !finer.Contains(copy) && PeriodOf(copy) != goesOn)
                .Take(tier.Periods!.Value)
                .ToList();
            var enough = left.Count == tier.Periods.Value;
            kept.UnionWith([.. enough ? each.Take(each.IndexOf(left[^1]) + 1) : each]);

            string PeriodOf(RetentionCandidate copy) => period(TimeZoneInfo.ConvertTime(copy.Time, zone));
        }
    }

    private static bool IsYoung(RetentionCandidate copy, KeepDuration limit, TimeZoneInfo zone, DateTimeOffset now) =>
        limit.Unit switch
        {
            KeepUnit.Hours => now - copy.Time < TimeSpan.FromHours(limit.Amount),
            KeepUnit.Days => now - copy.Time < TimeSpan.FromDays(limit.Amount),
            KeepUnit.Weeks => now - copy.Time < TimeSpan.FromDays(limit.Amount * 7),
            KeepUnit.Months => Day(copy.Time, zone) >= Day(now, zone).AddMonths(-limit.Amount),
            _ => Day(copy.Time, zone) >= Day(now, zone).AddYears(-limit.Amount),
        };

    private static DateOnly Day(DateTimeOffset time, TimeZoneInfo zone) =>
        DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(time, zone).DateTime);

    private static List<RetentionCandidate> Newest(IEnumerable<RetentionCandidate> copies) =>
        [.. copies.OrderByDescending(copy => copy.Time).ThenByDescending(copy => copy.Id, StringComparer.Ordinal)];
}
