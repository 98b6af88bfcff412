using Holdfast.Agent;
using Holdfast.Configuration.Settings;
using Holdfast.Core.Errors;
using Holdfast.Core.Retention;
using Holdfast.Engines.Sqlite;

namespace Holdfast.Cli.Setup;

/// <summary>The words of the configuration as those of the rooms they configure.</summary>
internal static class ConfiguredOptions
{
    public static SqliteOptions Of(SnapshotSettings settings) =>
        new()
        {
            Method = settings.Method == SnapshotMethod.VacuumInto ? SqliteMethod.VacuumInto : SqliteMethod.Online,
            Checkpoint = settings.Checkpoint switch
            {
                CheckpointBefore.None => SqliteCheckpoint.None,
                CheckpointBefore.Truncate => SqliteCheckpoint.Truncate,
                _ => SqliteCheckpoint.Passive,
            },
            BusyTimeout = settings.BusyTimeout,
        };

    public static TimelineOptions Of(TimelineSettings settings) =>
        new() { Interval = settings.Interval, SpoolBytes = settings.Spool.Bytes };

    /// <summary>What is kept at a target; nothing said keeps all.</summary>
    public static RetentionRules Rules(SnapshotSettings settings, string target)
    {
        var keep = settings.Keep.FirstOrDefault(k => k.Target.Name.Equals(target, StringComparison.OrdinalIgnoreCase));
        if (keep is null)
        {
            return RetentionRules.None;
        }

        var entries = keep.Rules.Select(r => KeyValuePair.Create(r.Key, (string?)r.Value.Reveal()));
        return RetentionRules.TryParse(entries, out var rules, out var errors)
            ? rules
            : throw new HoldfastException(
                ErrorCode.Usage,
                $"{keep.Rules[0].Value.Location}: keep: {string.Join("; ", errors)}",
                "correct the configuration, then check it with: holdfast config validate"
            );
    }
}
