namespace Holdfast.Core.Time;

/// <summary>The questions about a time zone that <see cref="TimeZoneInfo"/> answers only in pieces.</summary>
internal static class ZoneExtensions
{
    /// <summary>The day on the calendar of the zone.</summary>
    public static DateOnly DayOf(this TimeZoneInfo zone, DateTimeOffset time) =>
        DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(time, zone).DateTime);

    /// <summary>
    /// The first moment of a day. Midnight may be skipped when clocks go forward, or happen twice when they go back.
    /// </summary>
    public static DateTimeOffset StartOfDay(this TimeZoneInfo zone, DateOnly day)
    {
        var wall = day.ToDateTime(TimeOnly.MinValue);
        while (zone.IsInvalidTime(wall))
        {
            wall = wall.AddMinutes(1);
        }

        var offset = zone.IsAmbiguousTime(wall) ? zone.GetAmbiguousTimeOffsets(wall).Max() : zone.GetUtcOffset(wall);
        return new DateTimeOffset(wall, offset);
    }
}
