namespace Holdfast.Configuration.Definition;

/// <summary>The settings of a database.</summary>
internal static class DatabaseDefinition
{
    public static readonly ScalarSetting<SettingText> Source = new(
        "source",
        "The database: a path, sqlite:///path or file:path; or a pattern, for which each file is a database.",
        ScalarTypes.Text("a path or an address")
    )
    {
        Example = "/var/lib/app/app.db",
        Required = true,
    };

    public static readonly ScalarSetting<TimeSpan> Rpo = new(
        "rpo",
        "The newest good copy may be this old (recovery point objective).",
        ScalarTypes.Duration("1s", "3650d")
    )
    {
        Example = "15m",
    };

    public static readonly ScalarSetting<TimeSpan> Rto = new(
        "rto",
        "A restore may take this long (recovery time objective).",
        ScalarTypes.Duration("1s", "3650d")
    )
    {
        Example = "1h",
    };

    public static readonly GroupSetting Objectives = new(
        "objectives",
        "What is promised; status tells when it does not hold.",
        Rpo,
        Rto
    );

    /// <summary>All of them.</summary>
    public static readonly GroupSetting Group = new(
        "database",
        "A database to keep recoverable.",
        Source,
        SnapshotDefinition.Group,
        TimelineDefinition.Group,
        Objectives
    );
}
