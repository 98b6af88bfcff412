using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Holdfast.Configuration.Definition;

/// <summary>Time zones by their IANA names.</summary>
internal static partial class TimeZones
{
    /// <summary>The name of a time zone that this machine knows.</summary>
    public static ScalarType<TimeZoneInfo> Type { get; } =
        new("a time zone", () => new JsonObject { ["type"] = "string", ["pattern"] = NamePattern }, Parse)
        {
            IsText = true,
        };

    private const string NamePattern = "^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*$";

    private static string? Parse(SettingText text, out TimeZoneInfo zone)
    {
        zone = TimeZoneInfo.Utc;
        var name = text.Reveal();
        if (Name().IsMatch(name) && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var found))
        {
            zone = found;
            return null;
        }

        var known = TimeZoneInfo.GetSystemTimeZones().Select(candidate => candidate.Id).ToArray();
        return known.Length < 2
                ? "is not a time zone that this machine knows; it has no time zone data: install the package tzdata"
            : Nearest.Of(name, known) is { } near ? $"is not a time zone; did you mean {near}?"
            : "is not a time zone; write an IANA name such as Europe/Berlin";
    }

    [GeneratedRegex(NamePattern, RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Name();
}
