using System.Text.RegularExpressions;
using Holdfast.Configuration.Units;

namespace Holdfast.Configuration.Definition;

/// <summary>How the timeline of a database is captured and kept.</summary>
internal static partial class TimelineDefinition
{
    private const string Forever = "forever";
    private static readonly TimeSpan ShortestKept = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestKept = TimeSpan.FromDays(3650);

    public static readonly TargetListSetting To = new("to", "The targets that the timeline goes to.")
    {
        Example = "[local]",
        DefaultDescription = "all targets",
    };

    public static readonly ScalarSetting<TimeSpan> Interval = new(
        "interval",
        "The least time between two stored segments: what is lost with the machine, and what requests cost.",
        ScalarTypes.Duration("50ms", "1h")
    )
    {
        Example = "1s",
        Default = "1s",
    };

    public static readonly ScalarSetting<bool> SwitchToWal = new(
        "switchToWal",
        "Whether a database that is not in WAL mode is switched to it; otherwise it is refused.",
        ScalarTypes.Flag
    )
    {
        Example = "true",
        Default = "false",
    };

    public static readonly ScalarSetting<ByteSize> Spool = new(
        "spool",
        "The most bytes that commits take on local disk while targets are away, at least 1MiB; beyond, the oldest are merged.",
        ScalarTypes.SizeFrom("1MiB")
    )
    {
        Example = "1GiB",
        Default = "1GiB",
    };

    public static readonly ScalarSetting<SettingText> EveryCommit = new(
        "every-commit",
        "Keeps every commit for so long, or for ever.",
        ScalarTypes.Checked("a duration or forever", "^(forever|[0-9]+ ?[hdw])$", CheckEveryCommit)
    )
    {
        Example = "48h",
        Default = "48h",
    };

    /// <summary>All rules of this version.</summary>
    public static GroupSetting Rules { get; } =
        new("timelineRules", "What of a timeline is kept.", [EveryCommit, .. KeepDefinition.PointRules]);

    public static readonly ScalarSetting<TimeZoneInfo> Zone = new(
        "timezone",
        "The time zone in which the days, weeks, months and years of restore points begin.",
        TimeZones.Type
    )
    {
        Example = "Europe/Berlin",
        Default = "UTC",
    };

    public static readonly KeepSetting Keep = new(
        "keep",
        "What is kept: rules for all targets, or the names of targets with the rules of each.",
        Rules
    )
    {
        RuleExample = "every-commit: 48h",
        Example = "{ every-commit: 48h, daily: 30d, monthly: 12 }",
        DefaultDescription = "every commit of 48 hours",
    };

    /// <summary>All of them.</summary>
    public static readonly GroupSetting Group = new(
        "timeline",
        "Every commit is captured and kept for a while, by holdfast run; SQLite in WAL mode.",
        To,
        Interval,
        SwitchToWal,
        Spool,
        Zone,
        Keep
    )
    {
        Optional = true,
    };

    /// <summary>How long a rule that was found right keeps every commit; null for ever.</summary>
    public static TimeSpan? ReadEveryCommit(string text) =>
        text == Forever ? null
        : DurationText.TryParse(text, out var duration) ? duration
        : throw new FormatException($"{text} is not a duration");

    private static string? CheckEveryCommit(string text) =>
        text == Forever ? null
        // "m" would be minutes here, and is months in the rules of snapshots.
        : !InHours().IsMatch(text) || !DurationText.TryParse(text, out var duration)
            ? "is neither forever nor a duration in h, d or w, such as 48h"
        : duration < ShortestKept || duration > LongestKept ? "is not from 1h to 3650d"
        : null;

    [GeneratedRegex(@"\A[0-9]+ ?[hdw]\z", RegexOptions.CultureInvariant)]
    private static partial Regex InHours();
}
