using System.Globalization;

namespace Holdfast.Configuration.Units;

/// <summary>Durations as they are written in the configuration: a whole number and a unit.</summary>
public static class DurationText
{
    private static readonly (string Name, TimeSpan Length)[] Units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)),
        ("s", TimeSpan.FromSeconds(1)),
        ("m", TimeSpan.FromMinutes(1)),
        ("h", TimeSpan.FromHours(1)),
        ("d", TimeSpan.FromDays(1)),
        ("w", TimeSpan.FromDays(7)),
    ];

    /// <summary>Reads a whole number and one of ms, s, m, h, d (24 hours), w.</summary>
    /// <returns>False when the text is something else or the number too large.</returns>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        foreach (var (name, length) in Units)
        {
            if (!text.EndsWith(name, StringComparison.Ordinal))
            {
                continue;
            }

            var digits = text.AsSpan(0, text.Length - name.Length).TrimEnd(' ');
            if (
                long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
                && count <= TimeSpan.MaxValue.Ticks / length.Ticks
            )
            {
                duration = new TimeSpan(count * length.Ticks);
                return true;
            }
        }

        return false;
    }
}
