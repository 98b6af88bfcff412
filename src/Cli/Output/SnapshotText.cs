using System.Globalization;
using System.Text.Json.Nodes;
using Holdfast.Core;
using Holdfast.Core.Restoring;
using Holdfast.Core.Retention;
using Holdfast.Core.Snapshots;
using Holdfast.Core.Timeline.Restore;

namespace Holdfast.Cli.Output;

/// <summary>A snapshot as people and programs are told of it.</summary>
internal static class SnapshotText
{
    public static readonly IReadOnlyList<string> Header =
    [
        "ID",
        "TIME (UTC)",
        "AGE",
        "SIZE",
        "STATE",
        "REASON",
        "NAME",
    ];

    public static IReadOnlyList<string> Row(
        SnapshotEntry entry,
        SnapshotManifest? manifest,
        VerificationRecord? verification,
        DateTimeOffset now
    ) =>
        [
            entry.Name.Id,
            Moment(entry.Name.Time),
            Ages.Of(now - entry.Name.Time),
            ByteText.Of(entry.Size),
            State(entry, verification),
            manifest?.Reason ?? entry.Name.Reason ?? "",
            entry.Key.Value,
        ];

    public static JsonObject Json(
        string target,
        SnapshotEntry entry,
        SnapshotManifest? manifest,
        VerificationRecord? verification
    ) =>
        new()
        {
            ["type"] = "snapshot",
            ["database"] = manifest?.Database ?? entry.Name.Database,
            ["target"] = target,
            ["name"] = entry.Key.Value,
            ["id"] = entry.Name.Id,
            ["time"] = manifest?.Time ?? entry.Name.Time,
            ["size"] = entry.Size,
            ["contentSize"] = manifest?.ContentSize,
            ["compression"] = manifest?.Compression ?? Core.Codecs.CompressionCodec.Name(entry.Name.Compression),
            ["reason"] = manifest?.Reason ?? entry.Name.Reason,
            ["state"] = entry.State.ToString().ToLowerInvariant(),
            ["missing"] = entry.IsMissing,
            ["pinned"] = entry.IsPinned,
            ["marked"] = entry.IsMarked,
            ["verified"] = verification is { Outcome: "good" } ? verification.Time : null,
            ["verifiedLevel"] = verification is { Outcome: "good" } ? verification.Level : null,
            ["proven"] = verification?.Proven?.Time,
        };

    /// <summary>What the checks of a copy come to, without those that all copies pass.</summary>
    public static string Checked(IEnumerable<string> checks) =>
        string.Join(
            ", ",
            checks.Where(c => c is "sha256" or TimelineMoment.Check || c.EndsWith("_check", StringComparison.Ordinal))
        ) + " ok";

    /// <summary>What was done to verify a copy.</summary>
    public static string Verified(VerifyLevel level) =>
        level switch
        {
            VerifyLevel.Stored => "looked at",
            VerifyLevel.Content => "read and compared",
            _ => "restored and checked",
        };

    public static string Moment(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private static string State(SnapshotEntry entry, VerificationRecord? verification)
    {
        var state =
            entry.IsMissing ? "MISSING"
            : entry.State == CopyState.Bad ? "DAMAGED"
            : verification?.Proven is { } proven ? $"restored {proven.Time.UtcDateTime:yyyy-MM-dd}"
            : verification is not null ? $"verified {verification.Time.UtcDateTime:yyyy-MM-dd}"
            : entry.State == CopyState.Unverified ? "unverified"
            : "checked";
        return state + (entry.IsPinned ? ", pinned" : "") + (entry.IsMarked ? ", to be deleted" : "");
    }
}
