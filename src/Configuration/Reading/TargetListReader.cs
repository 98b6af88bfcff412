using Holdfast.Configuration.Definition;
using Holdfast.Configuration.Settings;

namespace Holdfast.Configuration.Reading;

/// <summary>Reads a list of names of targets.</summary>
internal static class TargetListReader
{
    /// <summary>Reads the names; without any, all targets are meant.</summary>
    public static IReadOnlyList<TargetSettings> Read(
        GroupReader group,
        TargetListSetting setting,
        IReadOnlyList<TargetSettings> targets
    )
    {
        if (group.NodeOf(setting) is not { } node)
        {
            return targets;
        }

        var path = group.PathOf(setting);
        var isText = node.Value is not null;
        if (isText && node.Children.Any(child => child.HighestLayer == node.ValueLayer))
        {
            group.Report(node.ValueLocation, $"{path} is given both as a text and as a list");
        }

        var elements = Effective.Elements(node);
        if (elements.Count == 0 || elements.Any(element => Effective.Index(element.Key) is null))
        {
            group.Report(node.ValueLocation, $"{path} takes a list of names of targets, such as {setting.Example}");
            return [];
        }

        var to = new List<TargetSettings>();
        foreach (var element in elements)
        {
            if (group.TryReadText(element, path, "the name of a target", out var name))
            {
                AddTarget(group, to, targets, name, path);
            }
        }

        return to;
    }

    private static void AddTarget(
        GroupReader group,
        List<TargetSettings> to,
        IReadOnlyList<TargetSettings> targets,
        SettingText name,
        string path
    )
    {
        var target = Targets.Find(targets, name.Reveal());
        if (target is null)
        {
            group.Report(name.Location, $"{path}: {Targets.Unknown(targets, name.ToString())}");
        }
        else if (to.Contains(target))
        {
            group.Report(name.Location, $"{path} names {target.Name} twice");
        }
        else
        {
            to.Add(target);
        }
    }
}
