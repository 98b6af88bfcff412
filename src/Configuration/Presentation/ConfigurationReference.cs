using System.Text;
using Holdfast.Configuration.Definition;

namespace Holdfast.Configuration.Presentation;

/// <summary>The reference of all settings, for docs/configuration.md.</summary>
public static class ConfigurationReference
{
    /// <summary>The line after which the reference stands in the document.</summary>
    public const string Begin = "<!-- The reference is generated from the definition of the settings. -->";

    /// <summary>The line before which it ends.</summary>
    public const string End = "<!-- Here the generated reference ends. -->";

    /// <summary>The reference as Markdown: a heading and a table for each group.</summary>
    public static string ToMarkdown()
    {
        var text = new StringBuilder();
        AddGroup(text, RootDefinition.Group, "");
        return text.ToString();
    }

    private static void AddGroup(StringBuilder text, GroupSetting group, string path)
    {
        text.Append("### ").Append(path.Length == 0 ? "Top level" : $"`{path}`").Append("\n\n");
        text.Append(group.Description).Append("\n\n");
        text.Append("| setting | value | when it is not given | meaning |\n|---|---|---|---|\n");
        foreach (var setting in group.Settings)
        {
            text.Append(
                $"| `{setting.Key}` | {Value(setting)} | {Standard(setting)} | {setting.Description}{Secret(setting)} |\n"
            );
        }

        text.Append('\n');
        foreach (var (inner, innerPath) in group.Settings.Select(setting => Below(setting, path)))
        {
            if (inner is not null)
            {
                AddGroup(text, inner, innerPath);
            }
        }
    }

    private static (GroupSetting? Group, string Path) Below(Setting setting, string path)
    {
        var inner = path.Length == 0 ? setting.Key : $"{path}.{setting.Key}";
        return setting switch
        {
            GroupSetting group => (group, inner),
            MapSetting map => (map.Element, $"{inner}.<{map.ElementName}>"),
            KeepSetting keep => (keep.Rules, inner),
            _ => (null, inner),
        };
    }

    private static string Value(Setting setting) =>
        setting switch
        {
            ScalarSetting { HasTellingExample: false } scalar => scalar.Type.Name,
            ScalarSetting scalar => $"{scalar.Type.Name}, such as `{scalar.Example}`",
            TargetListSetting list => $"a list of names of targets, such as `{list.Example}`",
            GroupSetting => "settings",
            MapSetting map => $"names with the settings of each {map.ElementName}",
            _ => "rules, or names of targets with the rules of each",
        };

    private static string Standard(Setting setting) =>
        setting switch
        {
            { Required: true } => "**required**",
            ScalarSetting { Default: { } standard } => $"`{standard}`",
            ScalarSetting { DefaultDescription: { } standard } => standard,
            TargetListSetting list => list.DefaultDescription,
            KeepSetting keep => keep.DefaultDescription,
            GroupSetting { Optional: true } => "none",
            GroupSetting { DefaultsEndBeside: { } other } => $"the defaults; none with `{other}`",
            _ => "",
        };

    private static string Secret(Setting setting) =>
        setting is ScalarSetting { Secret: true } ? " Secret: it is never printed." : "";
}
