using Holdfast.Configuration.Definition;
using Holdfast.Configuration.Settings;
using Holdfast.Core.Retention;
using Holdfast.Core.Timeline.Retention;
using TimelineKeep = Holdfast.Configuration.Settings.TimelineKeep;

namespace Holdfast.Configuration.Reading;

/// <summary>Reads how a timeline is captured and kept.</summary>
internal static class TimelineReader
{
    /// <summary>Reads the timeline of a database.</summary>
    public static TimelineSettings Read(GroupReader group, IReadOnlyList<TargetSettings> targets)
    {
        var to = TargetListReader.Read(group, TimelineDefinition.To, targets);
        var zone = group.Read(TimelineDefinition.Zone);
        IReadOnlyList<TimelineKeep> kept =
        [
            .. KeepReader.Read(group, TimelineDefinition.Keep, targets, to).Select(Kept),
        ];
        foreach (var keep in kept.Where(keep => keep.Target.EnforcedBy == EnforcedBy.Bucket))
        {
            RequireLifetime(group, keep);
        }

        return new TimelineSettings
        {
            To = to,
            Interval = group.Read(TimelineDefinition.Interval),
            SwitchToWal = group.Read(TimelineDefinition.SwitchToWal),
            Spool = group.Read(TimelineDefinition.Spool),
            TimeZone = zone,
            Keep = kept,
        };
    }

    /// <summary>Where the bucket deletes, it must leave everything for as long as something wanted builds on it.</summary>
    private static void RequireLifetime(GroupReader group, TimelineKeep keep)
    {
        var location = group.LocationOf(TimelineDefinition.Keep) ?? group.Location;
        if (keep.Target.DeletesAfter is not { } live)
        {
            group.Report(
                location,
                $"{group.Path}: at {keep.Target.Name} the bucket deletes; say after which age, for example {TargetDefinition.DeletesAfter.Key}: {TargetDefinition.DeletesAfter.Example} there"
            );
            return;
        }

        var wanted = new Holdfast.Core.Timeline.Retention.TimelineKeep
        {
            EveryCommit = keep.EveryCommit,
            Points = keep.Points,
        };
        if (BucketLifetime.Of(wanted, live).Problem is { } problem)
        {
            group.Report(location, $"{group.Path}: at {keep.Target.Name} {problem}");
        }
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
