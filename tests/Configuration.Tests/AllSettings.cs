using Holdfast.Configuration.Definition;

namespace Holdfast.Configuration.Tests;

/// <summary>Every setting that is defined.</summary>
internal static class AllSettings
{
    public static IEnumerable<(string Path, ScalarSetting Setting)> Scalars() => Below(RootDefinition.Group, "");

    /// <summary>What is wrong with a text as the value of a setting; null for nothing.</summary>
    public static string? Check(ScalarSetting setting, string text)
    {
        using var workspace = new Workspace();
        var path = Scalars().Single(candidate => candidate.Setting == setting).Path;
        workspace.Set("HOLDFAST__targets__local__url", "s3://bucket");
        workspace.Set("HOLDFAST__databases__app__source", "app.db");
        workspace.Set("HOLDFAST_ACCESS_KEY", "key").Set("AWS_SESSION_TOKEN", "token");
        if (path.Contains("Key", StringComparison.Ordinal) || path.Contains("Token", StringComparison.Ordinal))
        {
            workspace.Set("HOLDFAST__targets__local__accessKey", "key");
            workspace.Set("HOLDFAST__targets__local__secretKey", "secret");
        }

        if (path.Contains(".lock.", StringComparison.Ordinal))
        {
            workspace.Set("HOLDFAST__targets__local__lock__mode", "governance");
            workspace.Set("HOLDFAST__targets__local__lock__for", "30d");
        }

        if (path.Contains(".expire.", StringComparison.Ordinal))
        {
            workspace.Set("HOLDFAST_EXPIRE_KEY", "key");
            workspace.Set("HOLDFAST__targets__local__expire__accessKey", "key");
            workspace.Set("HOLDFAST__targets__local__expire__secretKey", "secret");
        }

        workspace.Set($"HOLDFAST__{path.Replace(".", "__", StringComparison.Ordinal)}", text);
        var problems = HoldfastConfiguration.Read(workspace.Sources()).Problems;
        return problems
            .FirstOrDefault(problem => !problem.Message.Contains("/run/secrets", StringComparison.Ordinal))
            ?.Message;
    }

    private static IEnumerable<(string Path, ScalarSetting Setting)> Below(GroupSetting group, string path)
    {
        foreach (var setting in group.Settings)
        {
            var inner = path.Length == 0 ? setting.Key : $"{path}.{setting.Key}";
            var found = setting switch
            {
                ScalarSetting scalar => [(inner, scalar)],
                GroupSetting below => Below(below, inner),
                MapSetting map => Below(map.Element, $"{inner}.{(map.Key == "targets" ? "local" : "app")}"),
                KeepSetting keep => Below(keep.Rules, inner),
                _ => [],
            };
            foreach (var one in found)
            {
                yield return one;
            }
        }
    }
}
