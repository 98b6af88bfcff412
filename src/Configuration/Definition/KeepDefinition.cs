using System.Globalization;
using System.Text.Json.Nodes;
using Holdfast.Core.Retention;

namespace Holdfast.Configuration.Definition;

/// <summary>The rules of what is kept. They are checked for their shape here; the retention reads them.</summary>
internal static class KeepDefinition
{
    private const string DurationPattern = "^0*[1-9][0-9]{0,6}[hdwmy]$";
    private const string GracePattern = "^(none|0*[1-9][0-9]{0,6}[hdwmy])$";

    private static readonly ScalarType<SettingText> Copies = new(
        "a number of copies",
        WholeNumber,
        (SettingText text, out SettingText value) =>
            Check(text, out value, IsWholeNumber, "is not a whole number from 1 on, such as 3")
    )
    {
        IsText = false,
    };

    private static readonly ScalarType<SettingText> Tier = new(
        "a number of copies or a duration",
        () => new JsonObject { ["anyOf"] = new JsonArray(WholeNumber(), Pattern(DurationPattern)) },
        (SettingText text, out SettingText value) =>
            Check(
                text,
                out value,
                written => TierLimit.TryParse(written, out _),
                "is neither a whole number such as 7 nor a duration such as 48h, 30d, 12w, 6m or 7y"
            )
    )
    {
        IsText = false,
    };

    private static readonly ScalarType<SettingText> Truth = new(
        "true or false",
        () => new JsonObject { ["type"] = "boolean" },
        (SettingText text, out SettingText value) =>
            Check(text, out value, written => bool.TryParse(written, out _), "is neither true nor false")
    )
    {
        IsText = false,
    };

    /// <summary>All rules.</summary>
    public static GroupSetting Rules { get; } =
        new(
            "rules",
            "What is kept: whatever one of the rules keeps. Without rules everything is kept.",
            Rule("last", "Keeps this many of the newest copies.", Copies, "3"),
            Rule(
                "within",
                "Keeps every copy that is not older.",
                Text("a duration", DurationPattern, IsDuration, "is not a duration such as 48h, 30d, 12w, 6m or 7y"),
                "30d"
            ),
            Rule("hourly", "Keeps the newest copy of each hour: of so many that have one, or for so long.", Tier, "24"),
            Rule("daily", "Keeps the newest copy of each day: of so many that have one, or for so long.", Tier, "7"),
            Rule(
                "weekly",
                "Keeps the newest copy of each ISO week: of so many that have one, or for so long.",
                Tier,
                "4"
            ),
            Rule(
                "monthly",
                "Keeps the newest copy of each month: of so many that have one, or for so long.",
                Tier,
                "12"
            ),
            Rule("yearly", "Keeps the newest copy of each year: of so many that have one, or for so long.", Tier, "7"),
            Rule("forever", "Keeps every copy.", Truth, "true"),
            Rule("min", "Never leaves fewer copies than this.", Copies, "3", "3"),
            Rule(
                "grace",
                "Deletes a copy only when no rule has kept it for so long.",
                Text(
                    "a duration or none",
                    GracePattern,
                    written => written == "none" || IsDuration(written),
                    "is neither none nor a duration such as 48h or 7d"
                ),
                "7d",
                "7d with hourly, daily, weekly, monthly or yearly, otherwise none"
            )
        );

    /// <summary>The rules for the restore points of a timeline.</summary>
    public static ScalarSetting<SettingText>[] PointRules { get; } =
    [
        Point("hourly", "hour", "7d"),
        Point("daily", "day", "30d"),
        Point("weekly", "ISO week", "12w"),
        Point("monthly", "month", "12"),
        Point("yearly", "year", "7"),
        Rule(
            "grace",
            "Deletes a restore point only when no rule has kept it for so long.",
            Text(
                "a duration or none",
                GracePattern,
                written => written == "none" || IsDuration(written),
                "is neither none nor a duration such as 48h or 7d"
            ),
            "7d",
            "7d with hourly, daily, weekly, monthly or yearly, otherwise none"
        ),
    ];

    private static ScalarSetting<SettingText> Point(string key, string period, string example) =>
        Rule(
            key,
            $"Makes a restore point at the beginning of each {period} with commits, and keeps so many, or each for so long.",
            Tier,
            example
        );

    private static ScalarSetting<SettingText> Rule(
        string key,
        string description,
        ScalarType<SettingText> type,
        string example,
        string? standard = null
    ) => new(key, description, type) { Example = example, DefaultDescription = standard };

    private static ScalarType<SettingText> Text(string name, string pattern, Predicate<string> isRight, string wrong) =>
        ScalarTypes.Checked(name, pattern, text => isRight(text) ? null : wrong);

    private static string? Check(SettingText text, out SettingText value, Predicate<string> isRight, string wrong)
    {
        value = text;
        return isRight(text.Reveal()) ? null : wrong;
    }

    private static bool IsWholeNumber(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0;

    private static bool IsDuration(string text) => KeepDuration.TryParse(text, out var duration) && duration.Amount > 0;

    private static JsonObject WholeNumber() => new() { ["type"] = "integer", ["minimum"] = 1 };

    private static JsonObject Pattern(string pattern) => new() { ["type"] = "string", ["pattern"] = pattern };
}
