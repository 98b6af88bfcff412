using Holdfast.Configuration.Sources;
using Microsoft.Extensions.Configuration;

namespace Holdfast.Configuration.Reading;

/// <summary>A key of the whole configuration, all sources laid over each other, with what is below it.</summary>
internal sealed class SettingNode
{
    /// <summary>The last part of the key, as it was first spelled.</summary>
    public required string Key { get; init; }

    /// <summary>Where the key is.</summary>
    public required SettingLocation Location { get; init; }

    /// <summary>The text; null when there is none.</summary>
    public string? Value { get; init; }

    /// <summary>Where the text is.</summary>
    public required SettingLocation ValueLocation { get; init; }

    /// <summary>The source of the text; higher ones lie over lower ones; -1 when there is no text.</summary>
    public int ValueLayer { get; init; } = -1;

    /// <summary>Whether it was written as a list.</summary>
    public bool IsSequence { get; init; }

    /// <summary>Whether it was written as a mapping, be it an empty one.</summary>
    public bool IsMapping { get; init; }

    /// <summary>What is below it, in the order in which it was written.</summary>
    public IReadOnlyList<SettingNode> Children { get; init; } = [];

    /// <summary>The highest source that says something here or below.</summary>
    public int HighestLayer => Children.Select(child => child.HighestLayer).Append(ValueLayer).Max();

    /// <summary>The child of a name, upper and lower case being the same.</summary>
    public SettingNode? Child(string key) =>
        Children.FirstOrDefault(child => string.Equals(child.Key, key, StringComparison.OrdinalIgnoreCase));

    /// <summary>Reads all of a configuration whose sources are ours.</summary>
    public static SettingNode Read(IConfigurationRoot root, SettingLocation location)
    {
        var layers = root.Providers.OfType<LocatedConfigurationProvider>().ToArray();
        return new SettingNode
        {
            Key = "",
            Location = location,
            ValueLocation = location,
            IsMapping = true,
            Children = ReadChildren(root, layers),
        };
    }

    private static SettingNode[] ReadChildren(IConfiguration section, LocatedConfigurationProvider[] layers) =>
        [
            .. section
                .GetChildren()
                .Select(child => (Section: child, Written: Written(child.Path, layers)))
                .OrderBy(child => child.Written[0].Layer)
                .ThenBy(child => child.Written[0].Entry.Key.Line)
                .ThenBy(child => child.Written[0].Entry.Key.Column)
                .ThenBy(child => child.Section.Path, StringComparer.OrdinalIgnoreCase)
                .Select(child => ReadNode(child.Section, child.Written, layers)),
        ];

    private static List<(int Layer, DocumentEntry Entry)> Written(string path, LocatedConfigurationProvider[] layers)
    {
        var written = new List<(int, DocumentEntry)>(layers.Length);
        for (var layer = 0; layer < layers.Length; layer++)
        {
            if (layers[layer].Find(path) is { } entry)
            {
                written.Add((layer, entry));
            }
        }

        return written;
    }

    private static SettingNode ReadNode(
        IConfigurationSection section,
        List<(int Layer, DocumentEntry Entry)> written,
        LocatedConfigurationProvider[] layers
    )
    {
        var (valueLayer, valueEntry) = written.LastOrDefault(
            entry => entry.Entry.Kind == EntryKind.Scalar,
            (-1, written[0].Entry)
        );
        return new SettingNode
        {
            Key = written[0].Entry.Spelling,
            Location = written[0].Entry.Key,
            Value = valueLayer < 0 ? null : section.Value,
            ValueLocation = valueEntry.Value,
            ValueLayer = valueLayer,
            IsSequence = written.Exists(entry => entry.Entry.Kind == EntryKind.Sequence),
            IsMapping = written.Exists(entry => entry.Entry.Kind == EntryKind.Mapping),
            Children = ReadChildren(section, layers),
        };
    }
}
