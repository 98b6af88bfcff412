using System.Globalization;
using System.Text.RegularExpressions;
using Holdfast.Core.Errors;

namespace Holdfast.Core.Time;

/// <summary>
/// A point in time as people write it: ISO 8601 (<c>2026-11-17</c>, <c>2026-11-17T14:00</c>,
/// <c>2026-11-17 14:00:30+01:00</c>), an age (<c>10m</c>, <c>2 hours ago</c>, <c>3d ago</c>), <c>now</c>, or
/// <c>today 09:30</c> and <c>yesterday 14:00</c>. Without an offset it is the local time of the given zone; a date alone
/// is the beginning of that day. An age is elapsed time, so that <c>1d</c> is 24 hours, whatever the clocks did.
/// </summary>
public static partial class WhenExpression
{
    private const int MatchMilliseconds = 1000;

    private const string Forms =
        "write 2026-11-17, '2026-11-17 14:00', 2026-11-17T14:00:00Z, 10m, '2 hours ago', 'yesterday 14:00', "
        + "'today 09:30' or now";

    private static readonly string[] TimesOfDay = ["HH:mm", "HH:mm:ss", "HH:mm:ss.FFFFFFF"];

    /// <summary>Reads a point in time.</summary>
    /// <param name="text">The expression; case and surrounding blanks do not matter.</param>
    /// <param name="clock">The source of the present time.</param>
    /// <param name="zone">The zone of times without an offset, and of <c>today</c> and <c>yesterday</c>.</param>
    /// <returns>The time, with the offset that was written or that of the zone.</returns>
    /// <exception cref="HoldfastException">
    /// <see cref="ErrorCode.Usage"/>: not a time, or a local time that does not exist or exists twice.
    /// </exception>
    public static DateTimeOffset Parse(string text, TimeProvider clock, TimeZoneInfo zone)
    {
        var trimmed = text.Trim();
        var now = TimeZoneInfo.ConvertTime(clock.GetUtcNow(), zone);
        if (trimmed.Equals("now", StringComparison.OrdinalIgnoreCase))
        {
            return now;
        }

        return Age().Match(trimmed) is { Success: true } age ? Before(now, age, trimmed, zone)
            : NamedDay().Match(trimmed) is { Success: true } named ? OnNamedDay(now, named, trimmed, zone)
            : Iso().Match(trimmed) is { Success: true } iso ? FromIso(iso, trimmed, zone)
            : throw Unreadable(trimmed);
    }

    private static DateTimeOffset Before(DateTimeOffset now, Match age, string text, TimeZoneInfo zone)
    {
        var unit = age.Groups["unit"].ValueSpan;
        var ticks = char.ToLowerInvariant(unit[0]) switch
        {
            's' => TimeSpan.TicksPerSecond,
            'm' => TimeSpan.TicksPerMinute,
            'h' => TimeSpan.TicksPerHour,
            'd' => TimeSpan.TicksPerDay,
            _ => 7 * TimeSpan.TicksPerDay,
        };
        if (
            !long.TryParse(
                age.Groups["count"].ValueSpan,
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var count
            )
            || count > now.UtcTicks / ticks
        )
        {
            throw OffTheCalendar(text);
        }

        return TimeZoneInfo.ConvertTime(new DateTimeOffset(now.UtcTicks - (count * ticks), TimeSpan.Zero), zone);
    }

    private static DateTimeOffset OnNamedDay(DateTimeOffset now, Match named, string text, TimeZoneInfo zone)
    {
        var today = DateOnly.FromDateTime(now.DateTime);
        var isToday = named.Groups["day"].ValueSpan.Equals("today", StringComparison.OrdinalIgnoreCase);
        return Local(isToday ? today : today.AddDays(-1), TimeOfDay(named, text), text, zone);
    }

    private static DateTimeOffset FromIso(Match iso, string text, TimeZoneInfo zone)
    {
        if (
            !DateOnly.TryParseExact(
                iso.Groups["date"].ValueSpan,
                "yyyy-MM-dd",
                CultureInfo.InvariantCulture,
                DateTimeStyles.None,
                out var date
            )
        )
        {
            throw OffTheCalendar(text);
        }

        if (!iso.Groups["time"].Success)
        {
            // Midnight may have been skipped, or have happened twice; the day began all the same.
            return date == DateOnly.MinValue || date == DateOnly.MaxValue
                ? throw OffTheCalendar(text)
                : zone.StartOfDay(date);
        }

        var time = TimeOfDay(iso, text);
        return iso.Groups["offset"].Success
            ? AtOffset(date.ToDateTime(time), Offset(iso.Groups["offset"].Value, text), text)
            : Local(date, time, text, zone);
    }

    private static TimeOnly TimeOfDay(Match match, string text) =>
        TimeOnly.TryParseExact(
            match.Groups["time"].ValueSpan,
            TimesOfDay,
            CultureInfo.InvariantCulture,
            DateTimeStyles.None,
            out var time
        )
            ? time
            : throw new HoldfastException(ErrorCode.Usage, $"'{text}' is not on the clock", Forms);

    private static TimeSpan Offset(string offset, string text)
    {
        if (offset is "Z" or "z")
        {
            return TimeSpan.Zero;
        }

        var digits = offset[1..].Replace(":", "", StringComparison.Ordinal);
        var hours = int.Parse(digits[..2], CultureInfo.InvariantCulture);
        var minutes = digits.Length > 2 ? int.Parse(digits[2..], CultureInfo.InvariantCulture) : 0;
        if (hours > 14 || minutes > 59 || (hours == 14 && minutes > 0))
        {
            throw new HoldfastException(ErrorCode.Usage, $"'{text}' has an offset that no place on earth has", Forms);
        }

        var span = new TimeSpan(hours, minutes, 0);
        return offset[0] == '-' ? -span : span;
    }

    private static DateTimeOffset Local(DateOnly date, TimeOnly time, string text, TimeZoneInfo zone)
    {
        var wall = date.ToDateTime(time);
        if (zone.IsInvalidTime(wall))
        {
            throw new HoldfastException(
                ErrorCode.Usage,
                $"'{text}' does not exist in {zone.Id}: the clocks went forward over it",
                $"write a time before or after, or one with an offset, such as {wall:yyyy-MM-ddTHH:mm}Z"
            );
        }

        if (zone.IsAmbiguousTime(wall))
        {
            var choices = zone.GetAmbiguousTimeOffsets(wall)
                .OrderDescending()
                .Select(offset =>
                    new DateTimeOffset(wall, offset).ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture)
                );
            throw new HoldfastException(
                ErrorCode.Usage,
                $"'{text}' happened twice in {zone.Id}: the clocks went back over it",
                $"write {string.Join(" or ", choices)}"
            );
        }

        return AtOffset(wall, zone.GetUtcOffset(wall), text);
    }

    private static DateTimeOffset AtOffset(DateTime wall, TimeSpan offset, string text) =>
        wall.Ticks < offset.Ticks || DateTime.MaxValue.Ticks - wall.Ticks < -offset.Ticks
            ? throw OffTheCalendar(text)
            : new DateTimeOffset(wall, offset);

    private static HoldfastException OffTheCalendar(string text) =>
        new(ErrorCode.Usage, $"'{text}' is not on the calendar", Forms);

    private static HoldfastException Unreadable(string text) =>
        text.ToLowerInvariant() is "today" or "yesterday"
            ? new(ErrorCode.Usage, $"'{text}' has no time of day", $"write '{text} 14:00'")
            : new(ErrorCode.Usage, $"'{text}' is not a point in time", Forms);

    [GeneratedRegex(
        @"^(?<count>[0-9]+)\s*(?<unit>s|sec|secs|seconds?|m|mins?|minutes?|h|hours?|d|days?|w|weeks?)(\s+ago)?$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        MatchMilliseconds
    )]
    private static partial Regex Age();

    [GeneratedRegex(
        @"^(?<day>today|yesterday)\s+(?<time>[0-9:.]+)$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        MatchMilliseconds
    )]
    private static partial Regex NamedDay();

    [GeneratedRegex(
        @"^(?<date>[0-9]{4}-[0-9]{2}-[0-9]{2})((T|\s+)(?<time>[0-9:.]+)\s*(?<offset>Z|[+-][0-9]{2}(:?[0-9]{2})?)?)?$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        MatchMilliseconds
    )]
    private static partial Regex Iso();
}
