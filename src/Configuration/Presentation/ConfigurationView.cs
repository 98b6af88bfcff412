using System.Text;
using Holdfast.Configuration.Definition;
using Holdfast.Configuration.Reading;
using Holdfast.Configuration.References;

namespace Holdfast.Configuration.Presentation;

/// <summary>A setting that holds.</summary>
/// <param name="Path">The path, such as "databases.cellar.source".</param>
/// <param name="Value">The value as it was written: references unresolved, secrets as ***.</param>
/// <param name="Origin">Where it comes from: a file and a line, an environment variable, or "default".</param>
public sealed record ShownSetting(string Path, string Value, string Origin);

/// <summary>
/// The settings that hold, with their origin, for people: nothing of it is a secret. Immutable.
/// </summary>
public sealed class ConfigurationView
{
    private const string DefaultOrigin = "default";

    private readonly StringBuilder _yaml = new();
    private readonly List<ShownSetting> _settings = [];

    private ConfigurationView() { }

    /// <summary>The settings in the order of the reference.</summary>
    public IReadOnlyList<ShownSetting> Settings => _settings;

    /// <summary>The settings as a configuration file whose comments tell the origins.</summary>
    public string ToYaml() => _yaml.ToString();

    internal static ConfigurationView Of(SettingNode root)
    {
        var view = new ConfigurationView();
        view.AddGroup(RootDefinition.Group, root, "", 0);
        return view;
    }

    private void AddGroup(GroupSetting group, SettingNode? node, string path, int depth)
    {
        foreach (var setting in group.Settings)
        {
            var child = node is null ? null : Effective.Child(group, setting, node);
            var childPath = path.Length == 0 ? setting.Key : $"{path}.{setting.Key}";
            switch (setting)
            {
                case ScalarSetting scalar:
                    AddScalar(scalar, child, childPath, depth);
                    break;
                case TargetListSetting when child is not null:
                    AddList(setting.Key, child, childPath, depth);
                    break;
                case GroupSetting { Optional: true } when child is null:
                case GroupSetting { DefaultsEndBeside: { } other } when child is null && node?.Child(other) is not null:
                    break;
                case GroupSetting inner:
                    AddHeaded(inner.Key, depth, () => AddGroup(inner, child, childPath, depth + 1));
                    break;
                case MapSetting map when child is not null:
                    AddHeaded(map.Key, depth, () => AddEntries(map.Element, child, childPath, depth + 1));
                    break;
                case KeepSetting keep when child is not null:
                    AddHeaded(keep.Key, depth, () => AddKeep(keep, child, childPath, depth + 1));
                    break;
                default:
                    break;
            }
        }
    }

    private void AddKeep(KeepSetting keep, SettingNode node, string path, int depth)
    {
        if (node.Children.Any(child => child.Children.Count > 0 || child.IsMapping))
        {
            AddEntries(keep.Rules, node, path, depth);
        }
        else
        {
            AddGroup(keep.Rules, node, path, depth);
        }
    }

    private void AddEntries(GroupSetting element, SettingNode node, string path, int depth)
    {
        foreach (var child in node.Children)
        {
            var name = Printable.Text(child.Key);
            AddHeaded(YamlText.Quote(name), depth, () => AddGroup(element, child, $"{path}.{name}", depth + 1));
        }
    }

    private void AddHeaded(string head, int depth, Action addContent)
    {
        var start = _yaml.Length;
        addContent();
        var indent = new string(' ', 2 * depth);
        if (_yaml.Length > start)
        {
            _yaml.Insert(start, $"{indent}{head}:\n");
        }
        else if (depth > 0 && head != DatabaseDefinition.Objectives.Key)
        {
            _yaml.Append(indent).Append(head).Append(": {}\n");
        }
    }

    private void AddScalar(ScalarSetting setting, SettingNode? node, string path, int depth)
    {
        if (node?.Value is { } written)
        {
            var shown = Redaction.Display(written, setting.Secret);
            AddLine(setting.Key, YamlText.Value(shown, setting.Type), path, shown, Origin(node), depth);
        }
        else if (setting.Default is { } standard)
        {
            AddLine(setting.Key, YamlText.Value(standard, setting.Type), path, standard, DefaultOrigin, depth);
        }
    }

    private void AddList(string key, SettingNode node, string path, int depth)
    {
        var elements = Effective.Elements(node);
        var shown = elements.Select(element => Redaction.Display(element.Value ?? "", secret: false)).ToArray();
        var origins = elements.Select(Origin).Distinct();
        var yaml = $"[{string.Join(", ", shown.Select(YamlText.Quote))}]";
        AddLine(key, yaml, path, string.Join(", ", shown), string.Join(", ", origins), depth);
    }

    private void AddLine(string key, string yaml, string path, string shown, string origin, int depth)
    {
        _yaml.Append(' ', 2 * depth).Append(key).Append(": ").Append(yaml).Append("  # ").Append(origin).Append('\n');
        _settings.Add(new ShownSetting(path, shown, origin));
    }

    private static string Origin(SettingNode node) =>
        node.ValueLocation is { Line: > 0 } location ? $"{location.Source}:{location.Line}" : node.ValueLocation.Source;
}
