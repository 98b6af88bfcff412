using System.Globalization;

namespace Holdfast.Core.Retention;

/// <summary>The hours, days, ISO weeks, months and years of a local time.</summary>
internal static class Period
{
    /// <summary>A number that is the same within a period and larger in each later one.</summary>
    public static long Of(RetentionRule tier, DateTimeOffset local) =>
        tier switch
        {
            // By the moment at which the hour began: the hour that clocks repeat is two hours.
            RetentionRule.Hourly => local.Ticks - (local.Ticks % TimeSpan.TicksPerHour) - local.Offset.Ticks,
            RetentionRule.Daily => DayNumber(local),
            // By its Monday: a week has one, also when it lies in two years.
            RetentionRule.Weekly => DayNumber(local) - (((int)local.DayOfWeek + 6) % 7),
            RetentionRule.Monthly => (local.Year * 12L) + local.Month,
            RetentionRule.Yearly => local.Year,
            _ => throw new ArgumentOutOfRangeException(nameof(tier), tier, "not a tier"),
        };

    /// <summary>The name of the period, as people write it.</summary>
    public static string Name(RetentionRule tier, DateTimeOffset local) =>
        tier switch
        {
            RetentionRule.Hourly => local.ToString("yyyy-MM-dd HH:00zzz", CultureInfo.InvariantCulture),
            RetentionRule.Daily => local.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            RetentionRule.Weekly => string.Create(
                CultureInfo.InvariantCulture,
                $"{ISOWeek.GetYear(local.DateTime):0000}-W{ISOWeek.GetWeekOfYear(local.DateTime):00}"
            ),
            RetentionRule.Monthly => local.ToString("yyyy-MM", CultureInfo.InvariantCulture),
            _ => local.ToString("yyyy", CultureInfo.InvariantCulture),
        };

    private static long DayNumber(DateTimeOffset local) => local.Ticks / TimeSpan.TicksPerDay;
}
