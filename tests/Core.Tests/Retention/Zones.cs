namespace Holdfast.Core.Tests.Retention;

internal static class Zones
{
    public static TimeZoneInfo Berlin { get; } = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");

    /// <summary>Goes back from midnight to 23:00, so that an evening happens twice and a day may start at 01:00.</summary>
    public static TimeZoneInfo Santiago { get; } = TimeZoneInfo.FindSystemTimeZoneById("America/Santiago");

    /// <summary>Changes by half an hour.</summary>
    public static TimeZoneInfo LordHowe { get; } = TimeZoneInfo.FindSystemTimeZoneById("Australia/Lord_Howe");

    public static TimeZoneInfo Kolkata { get; } = TimeZoneInfo.FindSystemTimeZoneById("Asia/Kolkata");

    public static TimeZoneInfo[] All { get; } = [TimeZoneInfo.Utc, Berlin, Santiago, LordHowe, Kolkata];
}
