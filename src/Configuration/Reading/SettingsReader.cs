using Holdfast.Configuration.Definition;
using Holdfast.Configuration.Settings;

namespace Holdfast.Configuration.Reading;

/// <summary>Reads a whole configuration into records.</summary>
internal static class SettingsReader
{
    /// <summary>Reads all settings; the result is only good when nothing was reported.</summary>
    public static HoldfastSettings Read(SettingNode root, ReadingContext context)
    {
        var group = new GroupReader(context, RootDefinition.Group, root, "", root.Location);
        var targets = Entries(group, RootDefinition.Targets).Select(TargetReader.Read).ToArray();
        var databases = Entries(group, RootDefinition.Databases)
            .Select(entry => ReadDatabase(entry.Name, entry.Group, targets))
            .ToArray();
        SharedPlaces.Check(databases, context);
        return new HoldfastSettings
        {
            Targets = targets,
            Databases = databases,
            Scratch = group.Read(RootDefinition.Scratch),
        };
    }

    private static IEnumerable<(string Name, GroupReader Group)> Entries(GroupReader group, MapSetting map)
    {
        var node = group.NodeOf(map);
        if (node is null)
        {
            yield break;
        }

        if (node.IsSequence || node.Value is not null)
        {
            var given = node.IsSequence ? "a list" : "a text";
            group.Report(
                node.ValueLocation,
                $"{map.Key} is {given}, but takes the name of each {map.ElementName} below it"
            );
            yield break;
        }

        foreach (var child in node.Children)
        {
            var path = $"{map.Key}.{Printable.Text(child.Key)}";
            if (NameRule.Check(child.Key, map.ElementName) is { } wrong)
            {
                group.Report(child.Location, $"{path} {wrong}");
            }
            else
            {
                yield return (child.Key, group.Group(map.Element, child, path));
            }
        }
    }

    private static DatabaseSettings ReadDatabase(string name, GroupReader group, TargetSettings[] targets)
    {
        var objectives = group.Group(DatabaseDefinition.Objectives);
        var hasTimeline = group.NodeOf(TimelineDefinition.Group) is not null;
        var timeline = hasTimeline ? TimelineReader.Read(group.Group(TimelineDefinition.Group), targets) : null;
        var takesSnapshots = !hasTimeline || group.NodeOf(SnapshotDefinition.Group) is not null;
        if (targets.Length == 0)
        {
            group.Report(
                group.Location,
                $"{group.Path} has nowhere to go: there are no targets; add one below targets"
            );
        }

        return new DatabaseSettings
        {
            Name = name,
            Location = group.Location,
            Source = group.Read(DatabaseDefinition.Source),
            // A snapshot that is asked for goes where the timeline goes, unless more is said.
            Snapshots = SnapshotReader.Read(
                group.Group(SnapshotDefinition.Group),
                name,
                takesSnapshots ? targets : timeline!.To
            ),
            TakesSnapshots = takesSnapshots,
            Timeline = timeline,
            Rpo = objectives.ReadOptional(DatabaseDefinition.Rpo),
            Rto = objectives.ReadOptional(DatabaseDefinition.Rto),
        };
    }
}
