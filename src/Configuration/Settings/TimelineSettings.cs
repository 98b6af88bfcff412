using Holdfast.Configuration.Units;
using Holdfast.Core.Retention;

namespace Holdfast.Configuration.Settings;

/// <summary>How the timeline of a database is captured and kept.</summary>
public sealed record TimelineSettings
{
    /// <summary>The targets, in the order in which they were named; at least one.</summary>
    public required IReadOnlyList<TargetSettings> To { get; init; }

    /// <summary>The least time between two stored segments, from 50 ms to 1 h.</summary>
    public required TimeSpan Interval { get; init; }

    /// <summary>Whether a database in a rollback mode is switched to WAL.</summary>
    public required bool SwitchToWal { get; init; }

    /// <summary>The most bytes that commits take on local disk, at least 1 MiB.</summary>
    public required ByteSize Spool { get; init; }

    /// <summary>The time zone in which days, weeks, months and years of restore points begin.</summary>
    public required TimeZoneInfo TimeZone { get; init; }

    /// <summary>What is kept at each of <see cref="To"/>, in its order.</summary>
    public required IReadOnlyList<TimelineKeep> Keep { get; init; }
}

/// <summary>What of a timeline is kept at a target.</summary>
/// <param name="Target">The target.</param>
/// <param name="EveryCommit">How long every commit is kept, from 1 h to 3650 d; null for ever.</param>
/// <param name="Points">The rules for the restore points that are older.</param>
public sealed record TimelineKeep(TargetSettings Target, TimeSpan? EveryCommit, RetentionRules Points);
