using System.Globalization;
using System.Text.Json.Nodes;
using Holdfast.Core.Restoring;
using Holdfast.Core.Snapshots;
using Holdfast.Core.Timeline.Restore;

namespace Holdfast.Cli.Output;

/// <summary>A moment that can be restored, as people and programs are told of it.</summary>
internal static class MomentText
{
    /// <summary>The beginning of what is told of it: what it is, and where it is taken from.</summary>
    public static JsonObject Json(string type, string target, RestorableMoment moment)
    {
        var entry = (moment as SnapshotMoment)?.Entry;
        var plan = (moment as TimelineMoment)?.Plan;
        return new JsonObject
        {
            ["type"] = type,
            ["target"] = target,
            ["source"] = plan is null ? "snapshot" : "timeline",
            ["name"] = entry?.Key.Value,
            ["id"] = entry?.Name.Id,
            ["lineage"] = plan?.Lineage.Id.ToString(),
            ["commit"] = plan?.Target.Number,
            ["time"] = moment.Time,
        };
    }

    /// <summary>Such as "commit 41" or the name of a copy.</summary>
    public static string What(RestorableMoment moment) =>
        moment is TimelineMoment { Plan: var plan }
            ? string.Create(CultureInfo.InvariantCulture, $"commit {plan.Target.Number}")
            : ((SnapshotMoment)moment).Entry.Key.Value;

    /// <summary>What it is and where it is taken from.</summary>
    public static string From(string address, RestorableMoment moment) =>
        moment is TimelineMoment ? $"{What(moment)} at {address}" : Shell.Place(address, What(moment));
}
