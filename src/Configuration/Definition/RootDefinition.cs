namespace Holdfast.Configuration.Definition;

/// <summary>All settings of this version.</summary>
internal static class RootDefinition
{
    public static readonly MapSetting Targets = new(
        "targets",
        "The places for copies, by names of your choice.",
        "target",
        TargetDefinition.Group
    );

    public static readonly MapSetting Databases = new(
        "databases",
        "The databases, by names of your choice.",
        "database",
        DatabaseDefinition.Group
    );

    public static readonly ScalarSetting<SettingText> Scratch = new(
        "scratch",
        "The directory where copies are staged; it needs room for the largest database.",
        ScalarTypes.Text("the path of a directory")
    )
    {
        Example = "/var/tmp",
        Default = "/var/tmp",
    };

    /// <summary>All of them.</summary>
    public static readonly GroupSetting Group = new("", "The configuration of Holdfast.", Targets, Databases, Scratch);
}
