using Holdfast.Configuration.Definition;
using Holdfast.Configuration.Settings;

namespace Holdfast.Configuration.Reading;

/// <summary>Reads how a timeline is captured and kept.</summary>
internal static class TimelineReader
{
    /// <summary>Reads the timeline of a database.</summary>
    public static TimelineSettings Read(GroupReader group, IReadOnlyList<TargetSettings> targets)
    {
        var to = TargetListReader.Read(group, TimelineDefinition.To, targets);
        return new TimelineSettings
        {
            To = to,
            Interval = group.Read(TimelineDefinition.Interval),
            SwitchToWal = group.Read(TimelineDefinition.SwitchToWal),
            Spool = group.Read(TimelineDefinition.Spool),
            Keep = [.. KeepReader.Read(group, TimelineDefinition.Keep, targets, to).Select(Kept)],
        };
    }

    private static TimelineKeep Kept(TargetKeep keep)
    {
        var written = keep.Rules.FirstOrDefault(rule => rule.Key == TimelineDefinition.EveryCommit.Key)?.Value.Reveal();
        return new TimelineKeep(
            keep.Target,
            TimelineDefinition.ReadEveryCommit(written ?? TimelineDefinition.EveryCommit.Default!)
        );
    }
}
