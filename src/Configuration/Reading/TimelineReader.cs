using Holdfast.Configuration.Definition;
using Holdfast.Configuration.Settings;
using Holdfast.Core.Retention;

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
            TimeZone = group.Read(TimelineDefinition.Zone),
            Keep = [.. KeepReader.Read(group, TimelineDefinition.Keep, targets, to).Select(Kept)],
        };
    }

    private static TimelineKeep Kept(TargetKeep keep)
    {
        var written = keep.Rules.FirstOrDefault(rule => rule.Key == TimelineDefinition.EveryCommit.Key)?.Value.Reveal();
        var others = keep
            .Rules.Where(rule => rule.Key != TimelineDefinition.EveryCommit.Key)
            .Select(rule => KeyValuePair.Create(rule.Key, (string?)rule.Value.Reveal()))
            .Append(KeyValuePair.Create("min", (string?)"1"));
        return new TimelineKeep(
            keep.Target,
            TimelineDefinition.ReadEveryCommit(written ?? TimelineDefinition.EveryCommit.Default!),
            RetentionRules.TryParse(others, out var rules, out var errors)
                ? rules
                : throw new FormatException(string.Join("; ", errors))
        );
    }
}
