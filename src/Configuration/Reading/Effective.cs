using System.Globalization;
using Holdfast.Configuration.Definition;

namespace Holdfast.Configuration.Reading;

/// <summary>Which of several sources holds for a setting.</summary>
internal static class Effective
{
    /// <summary>
    /// The node of a setting in a group. A text in place of a group is its short form; where the long form is given,
    /// too, the higher source holds.
    /// </summary>
    public static SettingNode? Child(GroupSetting group, Setting setting, SettingNode node)
    {
        var child = node.Child(setting.Key);
        return setting != group.ShortForm || node.Value is null || child?.HighestLayer > node.ValueLayer
            ? child
            : TextOf(node, setting.Key);
    }

    /// <summary>The elements of a list; a single text is a list of one, and the higher source holds.</summary>
    public static IReadOnlyList<SettingNode> Elements(SettingNode node) =>
        node.Value is not null && node.Children.All(child => child.HighestLayer <= node.ValueLayer)
            ? [TextOf(node, "0")]
            : [.. node.Children.OrderBy(child => Index(child.Key) ?? int.MaxValue)];

    /// <summary>The place of an element in a list; null when the key is none.</summary>
    public static int? Index(string key) =>
        int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : null;

    private static SettingNode TextOf(SettingNode node, string key) =>
        new()
        {
            Key = key,
            Location = node.ValueLocation,
            Value = node.Value,
            ValueLocation = node.ValueLocation,
            ValueLayer = node.ValueLayer,
        };
}
