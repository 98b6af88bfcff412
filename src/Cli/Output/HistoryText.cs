using System.Globalization;
using System.Text.Json.Nodes;
using Holdfast.Core;
using Holdfast.Core.Timeline;
using Holdfast.Core.Timeline.Format;
using Holdfast.Core.Timeline.History;
using Holdfast.Core.Timeline.Restore;
using Holdfast.Core.Timeline.Verification;

namespace Holdfast.Cli.Output;

/// <summary>The history of a timeline as people and programs are told of it.</summary>
internal static class HistoryText
{
    /// <summary>The newest verification of a timeline; null when there is none.</summary>
    public static JsonObject? Json(TimelineRecord? verified) =>
        verified is null
            ? null
            : new JsonObject
            {
                ["time"] = verified.Time,
                ["level"] = verified.Level,
                ["outcome"] = verified.Outcome,
                ["left"] = verified.Left,
                ["proven"] = verified.Proven,
            };

    /// <summary>The newest verification, to be told behind something else; nothing when there is none.</summary>
    public static string Verified(TimelineRecord? verified, DateTimeOffset now) =>
        verified is null
            ? "; never verified"
            : $"; {(verified.Outcome == "good" ? "good" : "BAD")} when verified ({verified.Level}) {Ages.Of(now - verified.Time)} ago";

    /// <summary>The columns of what can be restored.</summary>
    public static readonly IReadOnlyList<string> Header =
    [
        "TIMELINE",
        "FROM (UTC)",
        "TO (UTC)",
        "COMMITS",
        "LINEAGE",
        "NOTE",
    ];

    private const int NumberWidth = 7;
    private const int SizeWidth = 9;
    private const string TimeFormat = "yyyy-MM-dd HH:mm:ss.fff";

    /// <summary>The heading of commits, one below the other.</summary>
    public static string CommitHeader(int width) =>
        string.Join(
            "  ",
            "COMMIT".PadLeft(width),
            "TIME (UTC)".PadRight(TimeFormat.Length),
            "PAGES".PadLeft(NumberWidth),
            "BYTES".PadLeft(SizeWidth),
            "DATABASE".PadLeft(SizeWidth),
            "FLAGS"
        );

    /// <summary>A line of a log.</summary>
    public static string Line(HistoryEntry entry, int width) =>
        entry is CommitEntry commit
            ? string.Join(
                    "  ",
                    Number(commit.Number).PadLeft(width),
                    commit.Time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture),
                    (commit.Pages is { } pages ? Number(pages) : "").PadLeft(NumberWidth),
                    (commit.Pages is { } changed ? Bytes(changed, commit) : "").PadLeft(SizeWidth),
                    Bytes(commit.DatabasePages, commit).PadLeft(SizeWidth),
                    Flags(commit)
                )
                .TrimEnd()
            : $"{"-".PadLeft(width)}  {Missing((GapEntry)entry)}";

    /// <summary>A line that tells a range that can be restored.</summary>
    public static IReadOnlyList<string> Row(LineageId lineage, RecoverableWindow window) =>
        [
            "recoverable",
            SnapshotText.Moment(window.From),
            SnapshotText.Moment(window.To),
            Range(window.Commits.First, window.Commits.Last),
            lineage.ToString(),
            "",
        ];

    /// <summary>A line that tells what cannot be restored.</summary>
    public static IReadOnlyList<string> Row(GapEntry gap, DateTimeOffset? from, DateTimeOffset? to) =>
        [
            "gap",
            from is { } start ? SnapshotText.Moment(start) : "",
            to is { } end ? SnapshotText.Moment(end) : "",
            Range(gap.First, gap.Last),
            gap.Lineage.ToString(),
            Reason(gap),
        ];

    /// <summary>A line that tells a named restore point.</summary>
    public static IReadOnlyList<string> Row(LineageId lineage, RestorePoint point, bool isRestorable) =>
        [
            "point",
            SnapshotText.Moment(point.Time),
            "",
            Number(point.Commit),
            lineage.ToString(),
            isRestorable ? point.Reason : $"{point.Reason} (cannot be restored any more)",
        ];

    public static JsonObject Json(string database, string target, CommitEntry commit) =>
        new()
        {
            ["type"] = "commit",
            ["database"] = database,
            ["target"] = target,
            ["lineage"] = commit.Lineage.ToString(),
            ["commit"] = commit.Number,
            ["first"] = commit.First,
            ["time"] = commit.Time,
            ["pages"] = commit.Pages,
            ["bytes"] = commit.Pages is { } pages ? (long)pages * commit.PageSize : null,
            ["databaseBytes"] = commit.DatabasePages * (long)commit.PageSize,
            ["resynchronised"] = commit.Flags.HasFlag(CommitFlags.Resynchronised),
            ["condensed"] = commit.Flags.HasFlag(CommitFlags.Condensed),
            ["restorable"] = commit.IsRestorable,
        };

    public static JsonObject Json(
        string database,
        string target,
        GapEntry gap,
        DateTimeOffset? from,
        DateTimeOffset? to
    ) =>
        new()
        {
            ["type"] = "gap",
            ["database"] = database,
            ["target"] = target,
            ["lineage"] = gap.Lineage.ToString(),
            ["first"] = gap.First,
            ["last"] = gap.Last,
            ["from"] = from,
            ["to"] = to,
            ["reason"] = gap.Reason switch
            {
                GapReason.Missing => "missing",
                GapReason.Damaged => "damaged",
                _ => "notStored",
            },
            ["detail"] = gap.Detail,
        };

    public static JsonObject Json(string database, string target, LineageId lineage, RecoverableWindow window) =>
        new()
        {
            ["type"] = "window",
            ["database"] = database,
            ["target"] = target,
            ["lineage"] = lineage.ToString(),
            ["first"] = window.Commits.First,
            ["last"] = window.Commits.Last,
            ["from"] = window.From,
            ["to"] = window.To,
        };

    public static JsonObject Json(
        string database,
        string target,
        LineageId lineage,
        RestorePoint point,
        bool isRestorable
    ) =>
        new()
        {
            ["type"] = "point",
            ["database"] = database,
            ["target"] = target,
            ["lineage"] = lineage.ToString(),
            ["commit"] = point.Commit,
            ["time"] = point.Time,
            ["reason"] = point.Reason,
            ["restorable"] = isRestorable,
        };

    private static string Missing(GapEntry gap) =>
        $"{Commits(gap)} missing: {Reason(gap)}{(gap.Detail is { } detail ? $" ({detail})" : "")}";

    private static string Commits(GapEntry gap) =>
        gap.Last == gap.First ? $"commit {Number(gap.First)} is"
        : gap.Last is { } last ? $"commits {Number(gap.First)} to {Number(last)} are"
        : $"commits from {Number(gap.First)} on are";

    private static string Reason(GapEntry gap) =>
        gap.Reason switch
        {
            GapReason.Missing => "an object is missing",
            GapReason.Damaged => "an object is damaged",
            _ => "not stored",
        };

    private static string Flags(CommitEntry commit)
    {
        var flags = new List<string>();
        if (commit.Flags.HasFlag(CommitFlags.Resynchronised))
        {
            flags.Add("resynchronised");
        }

        if (commit.Flags.HasFlag(CommitFlags.Condensed))
        {
            flags.Add($"condensed {Range(commit.First, commit.Number)}");
        }

        if (!commit.IsRestorable)
        {
            flags.Add("not restorable");
        }

        return string.Join(", ", flags);
    }

    private static string Bytes(long pages, CommitEntry commit) => ByteText.Of(pages * commit.PageSize);

    private static string Range(long first, long? last) =>
        last == first ? Number(first)
        : last is { } end ? $"{Number(first)}..{Number(end)}"
        : $"{Number(first)}..";

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
