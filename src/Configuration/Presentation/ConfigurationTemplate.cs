using System.Text;
using System.Text.RegularExpressions;
using Holdfast.Configuration.Definition;
using Holdfast.Configuration.Reading;
using Holdfast.Configuration.Settings;

namespace Holdfast.Configuration.Presentation;

/// <summary>Writes the first configuration file, for <c>holdfast init</c>.</summary>
public static partial class ConfigurationTemplate
{
    /// <summary>
    /// The text of a file that works as it is. Settings that need not be given stand in it as comments, with their
    /// defaults; they hold when the "#" is removed.
    /// </summary>
    /// <param name="databases">The paths or addresses of databases; they get names of their own.</param>
    /// <param name="target">A directory or s3://bucket/prefix.</param>
    /// <param name="encryption">What is said of its encryption; null for nothing.</param>
    /// <param name="vault">The vault that is there; null for none.</param>
    /// <param name="recipients">The ids of its keys; null for none.</param>
    public static string Write(
        IReadOnlyList<string> databases,
        string target,
        TargetEncryption? encryption = null,
        string? vault = null,
        IReadOnlyList<string>? recipients = null
    )
    {
        var text = new StringBuilder(
            """
            # The configuration of Holdfast. Check it with: holdfast config validate
            # A line such as "#check: integrity" shows what holds; remove the "#" and change it.
            # A secret is better not in this file: write ${env:NAME} or ${file:/run/secrets/name} in its place.


            """
        );
        AddTargets(text, target, encryption, vault, recipients);
        text.Append('\n').Append($"# {RootDefinition.Databases.Description}\n{RootDefinition.Databases.Key}:");
        text.Append(databases.Count == 0 ? " {}\n" : "\n");
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var database in databases)
        {
            var isFirst = names.Count == 0;
            AddDatabase(text, NameOf(database, names), database, isFirst);
        }

        text.Append('\n');
        AddComment(text, RootDefinition.Scratch, 0);
        return text.ToString();
    }

    private static void AddTargets(
        StringBuilder text,
        string target,
        TargetEncryption? encryption,
        string? vault,
        IReadOnlyList<string>? recipients
    )
    {
        var isS3 = Addresses.IsS3(target);
        text.Append($"# {RootDefinition.Targets.Description}\n{RootDefinition.Targets.Key}:\n");
        text.Append(isS3 ? "  offsite:\n" : "  local:\n");
        text.Append($"    {TargetDefinition.Url.Key}: {Literal(target)}\n");
        if (encryption is { } said)
        {
            text.Append($"    # {TargetDefinition.Encryption.Description}\n");
            text.Append(
                $"    {TargetDefinition.Encryption.Key}: {(said == TargetEncryption.None ? "none" : "p256-hpke")}\n"
            );
        }

        if (vault is not null)
        {
            text.Append($"    # {TargetDefinition.Vault.Description}\n    {TargetDefinition.Vault.Key}: {vault}\n");
        }

        if (recipients is not null)
        {
            text.Append($"    # {TargetDefinition.Recipients.Description}\n");
            text.Append($"    {TargetDefinition.Recipients.Key}: {YamlText.Quote(string.Join(", ", recipients))}\n");
        }

        foreach (var setting in TargetDefinition.Group.Settings.OfType<ScalarSetting>())
        {
            if (
                isS3
                && setting != TargetDefinition.Url
                && setting != TargetDefinition.Encryption
                && !TargetDefinition.OfVault.Contains(setting)
            )
            {
                AddComment(text, setting, 2);
            }
        }
    }

    private static void AddDatabase(StringBuilder text, string name, string source, bool explain)
    {
        text.Append($"  {YamlText.Quote(name)}:\n    {DatabaseDefinition.Source.Key}: {Literal(source)}\n");
        if (!explain)
        {
            return;
        }

        text.Append($"    {SnapshotDefinition.Group.Key}:\n");
        foreach (var setting in SnapshotDefinition.Group.Settings)
        {
            AddComment(text, setting, 3);
        }

        text.Append($"    # {TimelineDefinition.Group.Description}\n    #{TimelineDefinition.Group.Key}:\n");
        foreach (var setting in TimelineDefinition.Group.Settings)
        {
            AddComment(text, setting, 3);
        }

        text.Append($"    {DatabaseDefinition.Objectives.Key}:\n");
        foreach (var setting in DatabaseDefinition.Objectives.Settings)
        {
            AddComment(text, setting, 3);
        }
    }

    private static void AddComment(StringBuilder text, Setting setting, int depth)
    {
        var value = setting switch
        {
            ScalarSetting scalar => YamlText.Value(scalar.Default ?? scalar.Example, scalar.Type),
            KeepSetting keep => keep.Example,
            _ => null,
        };
        if (value is not null)
        {
            var indent = new string(' ', 2 * depth);
            text.Append($"{indent}# {setting.Description}\n{indent}#{setting.Key}: {value}\n");
        }
    }

    private static string Literal(string text) => YamlText.Quote(text.Replace("${", "$${", StringComparison.Ordinal));

    private static string NameOf(string source, HashSet<string> taken)
    {
        var path = source.Split('?', '#')[0].TrimEnd('/');
        var name = Path.GetFileName(path);
        name = Extension().Replace(name, "");
        name = Strange().Replace(name, "-").Trim('-', '.', '_');
        name = name.Length == 0 ? "database" : name[..Math.Min(name.Length, 50)];
        var free = name;
        for (var number = 2; NameRule.Check(free, "database") is not null || !taken.Add(free); number++)
        {
            free = $"{name}-{number}";
        }

        return free;
    }

    [GeneratedRegex(@"\.[A-Za-z0-9]{1,8}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Extension();

    [GeneratedRegex("[^A-Za-z0-9._-]+", RegexOptions.CultureInvariant)]
    private static partial Regex Strange();
}
