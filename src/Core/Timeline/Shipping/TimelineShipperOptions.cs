using Holdfast.Core.Retention;
using Holdfast.Core.Timeline.Retention;
using Holdfast.Core.Vault;

namespace Holdfast.Core.Timeline.Shipping;

/// <summary>How the commits of a database go to one target.</summary>
public sealed record TimelineShipperOptions
{
    /// <summary>The name of the database, as object names hold it.</summary>
    public required string Database { get; init; }

    /// <summary>The name of the target, one of those that the log was opened with.</summary>
    public required string Target { get; init; }

    /// <summary>A directory for temporary files of its own; created when missing, emptied when shipping begins.</summary>
    public required string Scratch { get; init; }

    /// <summary>
    /// Sees before anything is written that the target is what it was, and gives the key for it when it is encrypted; null
    /// for a target that is not looked at and not encrypted.
    /// </summary>
    public VaultWriter? Vault { get; init; }

    /// <summary>The least time between two journals.</summary>
    /// <value>The default value is one second.</value>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The bytes of pages after which a journal ends, at the next commit.</summary>
    /// <value>The default value is 32 MiB.</value>
    public long JournalBytes { get; init; } = 32L << 20;

    /// <summary>The most bytes of one object; a base and a large journal are several.</summary>
    /// <value>The default value is 64 MiB.</value>
    public int PartBytes { get; init; } = 64 << 20;

    /// <summary>The number of journals that are rolled up even within an hour.</summary>
    /// <value>The default value is 64.</value>
    public int MostJournals { get; init; } = 64;

    /// <summary>The bytes of stored commits that the spool keeps for their roll-up; it is written when there are more.</summary>
    /// <value>The default value is 256 MiB.</value>
    public long MostHeldBytes { get; init; } = 256L << 20;

    /// <summary>How long journals stay beside the roll-up that holds them, for restores that have begun.</summary>
    /// <value>The default value is five minutes.</value>
    public TimeSpan RollUpGrace { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long every commit is kept; null for ever.</summary>
    /// <value>The default value is 48 hours.</value>
    public TimeSpan? KeepEveryCommit { get; init; } = TimeSpan.FromHours(48);

    /// <summary>The rules for restore points that are older, with the tiers hourly to yearly.</summary>
    /// <value>The default value has no tier: no restore points but what every commit needs are made and kept.</value>
    public RetentionRules KeepPoints { get; init; } = new() { Min = 1 };

    /// <summary>The time zone in which the days, weeks, months and years of restore points begin.</summary>
    /// <value>The default value is UTC.</value>
    public TimeZoneInfo Zone { get; init; } = TimeZoneInfo.Utc;

    /// <summary>
    /// The age at which the bucket itself deletes objects; null when it does not. With it nothing is ever deleted from here,
    /// and bases recur in time.
    /// </summary>
    public TimeSpan? ObjectsLive { get; init; }

    /// <summary>How much longer objects stay than they must, for restores that have begun.</summary>
    /// <value>The default value is one hour.</value>
    public TimeSpan Grace { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The age at which a base is replaced, when there was a commit since; null for what the rules ask for.</summary>
    /// <value>
    /// The default value is null: one day when neither hours nor days are kept, else 35 days, or a year when years are kept.
    /// </value>
    public TimeSpan? BaseAge { get; init; }

    /// <summary>The stored bytes of deltas that a restore may read whatever the size of their base.</summary>
    /// <value>The default value is 1 MiB.</value>
    public long LeastDeltasForBase { get; init; } = 1L << 20;

    /// <summary>The stored bytes of journals below which a base is not replaced because of them.</summary>
    /// <value>The default value is 16 MiB.</value>
    public long LeastJournalForBase { get; init; } = 16L << 20;

    /// <summary>The wait before the first retry; it doubles with each.</summary>
    /// <value>The default value is one second.</value>
    public TimeSpan FirstRetry { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait before a retry.</summary>
    /// <value>The default value is 30 seconds.</value>
    public TimeSpan LongestRetry { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>What is to stay at the target.</summary>
    internal TimelineKeep Keep =>
        new()
        {
            EveryCommit = KeepEveryCommit,
            Points = KeepPoints,
            Zone = Zone,
            Grace = Grace,
        };
}
