using System.Globalization;

namespace Holdfast.Cli.Output;

/// <summary>Spans of time for people.</summary>
internal static class Ages
{
    /// <summary>The largest unit with a whole number, such as "3 d" or "12 min".</summary>
    public static string Of(TimeSpan span) =>
        span < TimeSpan.Zero ? "in the future"
        : span.TotalSeconds < 60 ? Text(span.TotalSeconds, "s")
        : span.TotalMinutes < 60 ? Text(span.TotalMinutes, "min")
        : span.TotalHours < 48 ? Text(span.TotalHours, "h")
        : Text(span.TotalDays, "d");

    /// <summary>Seconds with the precision that matters, such as "0.82 s" or "14 s".</summary>
    public static string Seconds(double seconds) =>
        seconds.ToString(seconds < 10 ? "0.00" : "0", CultureInfo.InvariantCulture) + " s";

    private static string Text(double value, string unit) =>
        Math.Floor(value).ToString("0", CultureInfo.InvariantCulture) + " " + unit;
}
