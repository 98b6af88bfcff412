using Holdfast.Configuration.Units;
using Holdfast.Core.Codecs;
using Holdfast.Core.Engines;

namespace Holdfast.Configuration.Settings;

/// <summary>How a copy is made.</summary>
public enum SnapshotMethod
{
    /// <summary>By the online backup of SQLite.</summary>
    Online,

    /// <summary>By VACUUM INTO, which compacts.</summary>
    VacuumInto,
}

/// <summary>What is done about the WAL before a copy.</summary>
public enum CheckpointBefore
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>What is possible beside others is written back.</summary>
    Passive,

    /// <summary>Everything is written back and the file emptied, if others allow.</summary>
    Truncate,
}

/// <summary>How snapshots of a database are taken and kept.</summary>
public sealed record SnapshotSettings
{
    /// <summary>The targets, in the order in which they were named; at least one.</summary>
    public required IReadOnlyList<TargetSettings> To { get; init; }

    /// <summary>The time zone of local names and of days in retention rules.</summary>
    public required TimeZoneInfo TimeZone { get; init; }

    /// <summary>How a copy is made.</summary>
    public required SnapshotMethod Method { get; init; }

    /// <summary>What is done about the WAL before.</summary>
    public required CheckpointBefore Checkpoint { get; init; }

    /// <summary>How long to wait for a locked database, from 0 s to 1 h.</summary>
    public required TimeSpan BusyTimeout { get; init; }

    /// <summary>How a copy is checked before it counts.</summary>
    public required CheckLevel Check { get; init; }

    /// <summary>The template of names, which can be read as one.</summary>
    public required SettingText NameTemplate { get; init; }

    /// <summary>How a copy is compressed.</summary>
    public required Compression Compress { get; init; }

    /// <summary>The level of the compression, in the codec's range; null for its default.</summary>
    public int? Level { get; init; }

    /// <summary>Copies up to this size are not compressed.</summary>
    public required ByteSize CompressAbove { get; init; }

    /// <summary>Whether copies are encrypted.</summary>
    public required bool Encrypt { get; init; }

    /// <summary>The rules of what to keep at each of <see cref="To"/>, in its order; a target without rules keeps all.</summary>
    public required IReadOnlyList<TargetKeep> Keep { get; init; }
}

/// <summary>What to keep at a target.</summary>
/// <param name="Target">The target.</param>
/// <param name="Rules">The rules as they were written, checked for their shape; none keep everything.</param>
public sealed record TargetKeep(TargetSettings Target, IReadOnlyList<KeepRule> Rules);

/// <summary>One rule as it was written.</summary>
/// <param name="Key">The name of the rule: last, within, hourly, daily, weekly, monthly, yearly, forever, min or grace.</param>
/// <param name="Value">Its value, such as "30d", with its place.</param>
public sealed record KeepRule(string Key, SettingText Value);
