using Holdfast.Configuration.Definition;
using Holdfast.Core.Retention;

namespace Holdfast.Configuration.Tests;

/// <summary>What the configuration takes for a rule is one for the retention, and the other way round.</summary>
public sealed class KeepTests
{
    private static readonly string[] Texts =
    [
        "1",
        "3",
        "0",
        "007",
        "-1",
        "2147483647",
        "2147483648",
        "1.5",
        "30d",
        "48h",
        "12w",
        "6m",
        "7y",
        "0d",
        "007d",
        "1000y",
        "1001y",
        "9999999y",
        "30",
        "30s",
        "30D",
        "none",
        "None",
        "true",
        "True",
        "false",
        "yes",
        "all",
    ];

    [Fact]
    public void Rules_AnyText_AreRightOrWrongForBoth()
    {
        using var workspace = new Workspace();
        workspace.Set("HOLDFAST__targets__t", "/b").Set("HOLDFAST__databases__d__source", "d.db");
        foreach (var key in KeepDefinition.Rules.Settings.Select(setting => setting.Key))
        {
            foreach (var text in Texts)
            {
                workspace.Write(
                    "holdfast.yaml",
                    $"databases: {{ d: {{ snapshots: {{ keep: {{ {key}: \"{text}\" }} }} }} }}"
                );
                var problems = HoldfastConfiguration.Read(workspace.Sources()).Problems;

                var isRule = RetentionRules.TryParse([KeyValuePair.Create(key, (string?)text)], out _, out _);

                Assert.True(isRule == (problems.Count == 0), $"{key}: {text}: {isRule}, {string.Join('\n', problems)}");
            }
        }
    }
}
