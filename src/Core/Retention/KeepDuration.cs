using System.Globalization;
using Holdfast.Core.Time;

namespace Holdfast.Core.Retention;

/// <summary>The unit of a <see cref="KeepDuration"/>.</summary>
public enum KeepUnit
{
    /// <summary>60 minutes of elapsed time, written <c>h</c>.</summary>
    Hours,

    /// <summary>24 hours of elapsed time, whatever the clocks do, written <c>d</c>.</summary>
    Days,

    /// <summary>Seven times 24 hours, written <c>w</c>.</summary>
    Weeks,

    /// <summary>Months of the calendar, written <c>m</c>.</summary>
    Months,

    /// <summary>Years of the calendar, written <c>y</c>.</summary>
    Years,
}

/// <summary>
/// How long a rule keeps a copy: <c>48h</c>, <c>30d</c>, <c>12w</c>, <c>6m</c>, <c>7y</c>; from nothing up to a
/// thousand years. Hours, days and weeks are elapsed time. Months and years count whole days of the calendar of a time
/// zone, because with a time of day they would run backwards: one month before March 29, 23:00 and one month before
/// March 30, 01:00 are both February 28, the later one earlier in the day, and a copy already deleted would be wanted
/// again.
/// </summary>
public readonly record struct KeepDuration
{
    private const string Letters = "hdwmy";

    // A thousand years in each unit.
    private static readonly int[] Largest = [8_766_000, 365_250, 52_178, 12_000, 1_000];

    /// <summary>Creates a duration.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The amount is negative or more than a thousand years.</exception>
    public KeepDuration(int amount, KeepUnit unit)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(amount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(amount, Largest[(int)unit]);
        Amount = amount;
        Unit = unit;
    }

    /// <summary>No time at all.</summary>
    public static KeepDuration Zero => default;

    /// <summary>The number of units, at least 0.</summary>
    public int Amount { get; }

    /// <summary>What is counted.</summary>
    public KeepUnit Unit { get; }

    /// <summary>Reads <c>30d</c> and the like; false for anything else, also for more than a thousand years.</summary>
    public static bool TryParse(string? text, out KeepDuration duration)
    {
        duration = default;
        var unit = string.IsNullOrEmpty(text) ? -1 : Letters.IndexOf(text[^1], StringComparison.Ordinal);
        if (
            unit < 0
            || !int.TryParse(text.AsSpan()[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var amount)
        )
        {
            return false;
        }

        if (amount > Largest[unit])
        {
            return false;
        }

        duration = new KeepDuration(amount, (KeepUnit)unit);
        return true;
    }

    /// <summary>
    /// The moment from which a copy of <paramref name="start"/> is older than this duration. It never comes earlier for
    /// a later start. With months and years it is the start of a day; a day missing in a shorter month counts as the
    /// last of that month, so that one year after February 29 ends with February 28.
    /// </summary>
    /// <returns>The end, or <see cref="DateTimeOffset.MaxValue"/> when it lies beyond the year 9999.</returns>
    public DateTimeOffset EndFrom(DateTimeOffset start, TimeZoneInfo zone) =>
        Unit switch
        {
            KeepUnit.Hours => Add(start, TimeSpan.FromHours(Amount)),
            KeepUnit.Days => Add(start, TimeSpan.FromDays(Amount)),
            KeepUnit.Weeks => Add(start, TimeSpan.FromDays(7L * Amount)),
            KeepUnit.Months => AddMonths(start, Amount, zone),
            _ => AddMonths(start, 12 * Amount, zone),
        };

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Amount}{Letters[(int)Unit]}");

    private static DateTimeOffset Add(DateTimeOffset start, TimeSpan span) =>
        DateTimeOffset.MaxValue - start < span ? DateTimeOffset.MaxValue : start + span;

    private static DateTimeOffset AddMonths(DateTimeOffset start, int months, TimeZoneInfo zone)
    {
        var day = zone.DayOf(start);
        if (day.Year + (months / 12) >= DateOnly.MaxValue.Year - 1)
        {
            return DateTimeOffset.MaxValue;
        }

        // The days d with "d minus the months" not after the copy's day; March 28 to 31 all reach back to February 28.
        var last = day.AddMonths(months);
        while (last.AddDays(1).AddMonths(-months) <= day)
        {
            last = last.AddDays(1);
        }

        return zone.StartOfDay(last.AddDays(1));
    }
}
