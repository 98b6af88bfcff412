using Holdfast.Configuration.Definition;
using Holdfast.Configuration.Settings;
using Holdfast.Configuration.Units;
using Holdfast.Core.Codecs;
using Holdfast.Core.Errors;
using Holdfast.Core.Snapshots;

namespace Holdfast.Configuration.Reading;

/// <summary>Reads how snapshots are taken and kept, and checks that it goes together.</summary>
internal static class SnapshotReader
{
    /// <summary>Reads the snapshots of a database.</summary>
    public static SnapshotSettings Read(GroupReader group, string database, IReadOnlyList<TargetSettings> targets)
    {
        var to = ReadTo(group, targets);
        var zone = group.Read(SnapshotDefinition.Zone);
        var compress = group.Read(SnapshotDefinition.Compress);
        return new SnapshotSettings
        {
            To = to,
            TimeZone = zone,
            Method = group.Read(SnapshotDefinition.Method),
            Checkpoint = group.Read(SnapshotDefinition.Checkpoint),
            BusyTimeout = group.Read(SnapshotDefinition.BusyTimeout),
            Check = group.Read(SnapshotDefinition.Check),
            NameTemplate = ReadName(group, database),
            Compress = compress,
            Level = ReadLevel(group, compress),
            CompressAbove = ReadCompressAbove(group, compress),
            Keep = KeepReader.Read(group, targets, to),
        };
    }

    private static SettingText ReadName(GroupReader group, string database)
    {
        if (!group.TryRead(SnapshotDefinition.Name, out var name))
        {
            return name;
        }

        try
        {
            _ = NameTemplate.Parse(name.Reveal(), database, TimeZoneInfo.Utc);
        }
        catch (HoldfastException exception)
        {
            // The message quotes the template, which must not be, where a part of it is hidden.
            var path = group.PathOf(SnapshotDefinition.Name);
            var isOpen = string.Equals(name.Reveal(), name.ToString(), StringComparison.Ordinal);
            group.Report(
                name.Location,
                isOpen ? $"{path}: {exception.Message}" : $"{path}: {name} is not a template of names"
            );
        }

        return name;
    }

    private static int? ReadLevel(GroupReader group, Compression compress)
    {
        if (RefuseWithoutCompression(group, SnapshotDefinition.Level, compress))
        {
            return null;
        }

        var level = group.ReadOptional(SnapshotDefinition.Level);
        var (lowest, highest, _) = compress.Levels();
        if (level < lowest || level > highest)
        {
            group.Report(
                group.NodeOf(SnapshotDefinition.Level)!.ValueLocation,
                $"{group.PathOf(SnapshotDefinition.Level)}: {compress.Name()} has levels from {lowest} to {highest}"
            );
        }

        return level;
    }

    private static ByteSize ReadCompressAbove(GroupReader group, Compression compress) =>
        RefuseWithoutCompression(group, SnapshotDefinition.CompressAbove, compress)
            ? default
            : group.Read(SnapshotDefinition.CompressAbove);

    private static bool RefuseWithoutCompression(GroupReader group, Setting setting, Compression compress)
    {
        if (compress != Compression.None || group.LocationOf(setting) is not { } location)
        {
            return false;
        }

        // A compression that was not understood reads as none, too; that is reported already.
        if (group.NodeOf(SnapshotDefinition.Compress)?.Value == "none")
        {
            group.Report(location, $"{group.PathOf(setting)} means nothing with compress: none; remove one of them");
        }

        return true;
    }

    private static IReadOnlyList<TargetSettings> ReadTo(GroupReader group, IReadOnlyList<TargetSettings> targets)
    {
        if (group.NodeOf(SnapshotDefinition.To) is not { } node)
        {
            return targets;
        }

        var path = group.PathOf(SnapshotDefinition.To);
        var isText = node.Value is not null;
        if (isText && node.Children.Any(child => child.HighestLayer == node.ValueLayer))
        {
            group.Report(node.ValueLocation, $"{path} is given both as a text and as a list");
        }

        var elements = Effective.Elements(node);
        if (elements.Count == 0 || elements.Any(element => Effective.Index(element.Key) is null))
        {
            group.Report(
                node.ValueLocation,
                $"{path} takes a list of names of targets, such as {SnapshotDefinition.To.Example}"
            );
            return [];
        }

        var to = new List<TargetSettings>();
        foreach (var element in elements)
        {
            if (group.TryReadText(element, path, "the name of a target", out var name))
            {
                AddTarget(group, to, targets, name, path);
            }
        }

        return to;
    }

    private static void AddTarget(
        GroupReader group,
        List<TargetSettings> to,
        IReadOnlyList<TargetSettings> targets,
        SettingText name,
        string path
    )
    {
        var target = Targets.Find(targets, name.Reveal());
        if (target is null)
        {
            group.Report(name.Location, $"{path}: {Targets.Unknown(targets, name.ToString())}");
        }
        else if (to.Contains(target))
        {
            group.Report(name.Location, $"{path} names {target.Name} twice");
        }
        else
        {
            to.Add(target);
        }
    }
}
