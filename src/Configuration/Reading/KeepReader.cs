using Holdfast.Configuration.Definition;
using Holdfast.Configuration.Settings;

namespace Holdfast.Configuration.Reading;

/// <summary>Reads what to keep: rules stand for all targets, mappings for the target that they are named after.</summary>
internal static class KeepReader
{
    /// <summary>Reads the rules of each target that copies go to.</summary>
    public static IReadOnlyList<TargetKeep> Read(
        GroupReader group,
        KeepSetting keep,
        IReadOnlyList<TargetSettings> targets,
        IReadOnlyList<TargetSettings> to
    )
    {
        var path = group.PathOf(keep);
        if (group.NodeOf(keep) is not { } node || !HasShape(group, keep, node, path, targets))
        {
            return [.. to.Select(target => new TargetKeep(target, []))];
        }

        if (!node.Children.Any(IsMapping))
        {
            var rules = ReadRules(group, keep, node, path);
            return [.. to.Select(target => new TargetKeep(target, rules))];
        }

        var byTarget = new Dictionary<TargetSettings, IReadOnlyList<KeepRule>>(ReferenceEqualityComparer.Instance);
        foreach (var child in node.Children)
        {
            var childPath = $"{path}.{Printable.Text(child.Key)}";
            var rules = ReadRules(group, keep, child, childPath);
            if (FindTarget(group, child, childPath, targets, to) is { } target)
            {
                byTarget[target] = rules;
            }
        }

        return [.. to.Select(target => new TargetKeep(target, byTarget.GetValueOrDefault(target, [])))];
    }

    private static bool IsMapping(SettingNode node) =>
        node.Children.Count > 0 || (node.IsMapping && node.Value is null);

    private static bool HasShape(
        GroupReader group,
        KeepSetting keep,
        SettingNode node,
        string path,
        IReadOnlyList<TargetSettings> targets
    )
    {
        if (node.IsSequence || node.Value is not null)
        {
            var given = node.IsSequence ? "a list" : "a text";
            group.Report(
                node.ValueLocation,
                $"{path} is {given}, but takes rules below it, such as {keep.RuleExample}"
            );
            return false;
        }

        var texts = node.Children.Where(child => !IsMapping(child)).ToArray();
        if (texts.Length == 0)
        {
            return true;
        }

        var misplaced = texts
            .Where(child => Targets.Find(targets, child.Key) is not null && !IsRule(keep, child))
            .ToArray();
        foreach (var child in misplaced)
        {
            var childPath = $"{path}.{Printable.Text(child.Key)}";
            group.Report(
                child.Location,
                $"{childPath} is a target and takes rules below it, such as {keep.RuleExample}"
            );
        }

        if (misplaced.Length == 0 && texts.Length < node.Children.Count)
        {
            group.Report(
                texts[0].Location,
                $"{path} holds both rules and targets; write the rules of every target below its name"
            );
            return false;
        }

        return misplaced.Length == 0;
    }

    private static bool IsRule(KeepSetting keep, SettingNode node) => keep.Rules.Find(node.Key) is not null;

    private static TargetSettings? FindTarget(
        GroupReader group,
        SettingNode node,
        string path,
        IReadOnlyList<TargetSettings> targets,
        IReadOnlyList<TargetSettings> to
    )
    {
        var target = Targets.Find(targets, node.Key);
        if (target is null)
        {
            group.Report(node.Location, $"{path}: {Targets.Unknown(targets, node.Key)}");
        }
        else if (!to.Contains(target) && to.Count > 0)
        {
            group.Report(node.Location, $"{path}: no copies go to {target.Name}; add it to to, or remove its rules");
        }

        return target;
    }

    private static List<KeepRule> ReadRules(GroupReader group, KeepSetting keep, SettingNode node, string path)
    {
        var rules = group.Group(keep.Rules, node, path);
        var read = new List<KeepRule>();
        foreach (var child in node.Children)
        {
            if (keep.Rules.Find(child.Key) is ScalarSetting<SettingText> rule && rules.TryRead(rule, out var value))
            {
                read.Add(new KeepRule(rule.Key, value));
            }
        }

        return read;
    }
}
