using Holdfast.Configuration.Definition;
using Holdfast.Configuration.Settings;

namespace Holdfast.Configuration.Reading;

/// <summary>Reads how snapshots are taken and kept, and checks that it goes together.</summary>
internal static class SnapshotReader
{
    /// <summary>Reads the snapshots of a database.</summary>
    public static SnapshotSettings Read(GroupReader group, IReadOnlyList<TargetSettings> targets)
    {
        var to = ReadTo(group, targets);
        var compress = group.Read(SnapshotDefinition.Compress);
        return new SnapshotSettings
        {
            To = to,
            TimeZone = group.Read(SnapshotDefinition.Zone),
            Method = group.Read(SnapshotDefinition.Method),
            Checkpoint = group.Read(SnapshotDefinition.Checkpoint),
            BusyTimeout = group.Read(SnapshotDefinition.BusyTimeout),
            Check = group.Read(SnapshotDefinition.Check),
            NameTemplate = group.Read(SnapshotDefinition.Name),
            Compress = compress,
            Level = ReadLevel(group, compress),
            CompressAbove = ReadCompressAbove(group, compress),
            Keep = KeepReader.Read(group, targets, to),
        };
    }

    private static int? ReadLevel(GroupReader group, SnapshotCompression compress)
    {
        if (RefuseWithoutCompression(group, SnapshotDefinition.Level, compress))
        {
            return null;
        }

        var level = group.ReadOptional(SnapshotDefinition.Level);
        var (lowest, highest) = compress == SnapshotCompression.Zstd ? (1, 19) : (0, 9);
        if (level < lowest || level > highest)
        {
            var path = group.PathOf(SnapshotDefinition.Level);
            var codec = compress == SnapshotCompression.Zstd ? "zstd" : "gzip";
            group.Report(
                group.NodeOf(SnapshotDefinition.Level)!.ValueLocation,
                $"{path}: {codec} has levels from {lowest} to {highest}"
            );
        }

        return level;
    }

    private static Units.ByteSize ReadCompressAbove(GroupReader group, SnapshotCompression compress) =>
        RefuseWithoutCompression(group, SnapshotDefinition.CompressAbove, compress)
            ? default
            : group.Read(SnapshotDefinition.CompressAbove);

    private static bool RefuseWithoutCompression(GroupReader group, Setting setting, SnapshotCompression compress)
    {
        if (compress != SnapshotCompression.None || group.LocationOf(setting) is not { } location)
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
