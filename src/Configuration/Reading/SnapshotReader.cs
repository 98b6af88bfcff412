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
        var to = TargetListReader.Read(group, SnapshotDefinition.To, targets);
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
            Encrypt = group.Read(SnapshotDefinition.Encrypt),
            Keep = KeepReader.Read(group, SnapshotDefinition.Keep, targets, to),
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
}
