using Holdfast.Configuration.Settings;
using Holdfast.Configuration.Units;
using Holdfast.Core.Codecs;
using Holdfast.Core.Engines;
using Holdfast.Core.Snapshots;

namespace Holdfast.Configuration.Definition;

/// <summary>How snapshots of a database are taken and kept.</summary>
internal static class SnapshotDefinition
{
    public static readonly TargetListSetting To = new("to", "The targets that each copy goes to.")
    {
        Example = "[local]",
        DefaultDescription = "all targets",
    };

    public static readonly ScalarSetting<TimeZoneInfo> Zone = new(
        "timezone",
        "The time zone of days, weeks and months in the rules of keep, and of {local:…} in names.",
        TimeZones.Type
    )
    {
        Example = "Europe/Berlin",
        Default = "UTC",
    };

    public static readonly ScalarSetting<SnapshotMethod> Method = new(
        "method",
        "How the copy is made: by the online backup of SQLite, or compacted by VACUUM INTO.",
        ScalarTypes.Choice(("online", SnapshotMethod.Online), ("vacuum-into", SnapshotMethod.VacuumInto))
    )
    {
        Example = "online",
        Default = "online",
    };

    public static readonly ScalarSetting<CheckpointBefore> Checkpoint = new(
        "checkpoint",
        "What is done about the WAL before the copy; a checkpoint that does not succeed never fails a backup.",
        ScalarTypes.Choice(
            ("none", CheckpointBefore.None),
            ("passive", CheckpointBefore.Passive),
            ("truncate", CheckpointBefore.Truncate)
        )
    )
    {
        Example = "passive",
        Default = "passive",
    };

    public static readonly ScalarSetting<TimeSpan> BusyTimeout = new(
        "busyTimeout",
        "How long to wait for a database that others have locked.",
        ScalarTypes.Duration("0s", "1h")
    )
    {
        Example = "30s",
        Default = "30s",
    };

    public static readonly ScalarSetting<CheckLevel> Check = new(
        "check",
        "How a copy is checked before it counts: integrity_check, or quick_check.",
        ScalarTypes.Choice(("integrity", CheckLevel.Integrity), ("quick", CheckLevel.Quick))
    )
    {
        Example = "integrity",
        Default = "integrity",
    };

    public static readonly ScalarSetting<SettingText> Name = new(
        "name",
        "The names of copies, from {database}, {time:…}, {local:…}, {unix}, {reason} and {id}.",
        ScalarTypes.Text("a template")
    )
    {
        Example = "cellar-backup-{time:yyyy-MM-dd-HHmmss}.db",
        Default = NameTemplate.Default + ".db",
    };

    public static readonly ScalarSetting<Compression> Compress = new(
        "compress",
        "How copies are compressed.",
        ScalarTypes.Choice(("none", Compression.None), ("gzip", Compression.Gzip), ("zstd", Compression.Zstd))
    )
    {
        Example = "gzip",
        Default = "gzip",
    };

    public static readonly ScalarSetting<int> Level = new(
        "level",
        "How hard to compress: gzip 0 to 9, zstd 1 to 19.",
        ScalarTypes.WholeNumber(0, 19)
    )
    {
        Example = "6",
        DefaultDescription = "6 for gzip, 3 for zstd",
    };

    public static readonly ScalarSetting<ByteSize> CompressAbove = new(
        "compressAbove",
        "Copies up to this size are stored uncompressed.",
        ScalarTypes.Size
    )
    {
        Example = "1MiB",
        Default = "0B",
    };

    public static readonly ScalarSetting<bool> Encrypt = new(
        "encrypt",
        "Whether copies are encrypted, for the keys of the vaults that they go to.",
        ScalarTypes.Flag
    )
    {
        Example = "true",
        Default = "false",
    };

    public static readonly KeepSetting Keep = new(
        "keep",
        "What is kept: rules for all targets, or the names of targets with the rules of each.",
        KeepDefinition.Rules
    )
    {
        RuleExample = "within: 30d",
        Example = "{ daily: 7, weekly: 4, monthly: 12, yearly: 7 }",
        DefaultDescription = "everything is kept",
    };

    /// <summary>All of them.</summary>
    public static readonly GroupSetting Group = new(
        "snapshots",
        "How snapshots are taken and kept.",
        To,
        Zone,
        Method,
        Checkpoint,
        BusyTimeout,
        Check,
        Name,
        Compress,
        Level,
        CompressAbove,
        Encrypt,
        Keep
    )
    {
        DefaultsEndBeside = "timeline",
    };
}
