namespace Holdfast.Configuration.Definition;

/// <summary>
/// One setting: everything that is said about it, once. Validation, the schema, the reference, the template, what
/// <c>config show</c> prints and the records all come from it.
/// </summary>
internal abstract class Setting(string key, string description)
{
    /// <summary>The key, such as "busyTimeout".</summary>
    public string Key { get; } = key;

    /// <summary>One sentence for people.</summary>
    public string Description { get; } = description;

    /// <summary>Whether the configuration is wrong without it.</summary>
    public bool Required { get; init; }
}

/// <summary>A setting that is one text.</summary>
internal abstract class ScalarSetting(string key, string description, ScalarType type) : Setting(key, description)
{
    /// <summary>What the text must be.</summary>
    public ScalarType Type { get; } = type;

    /// <summary>A value to show; a valid one.</summary>
    public required string Example { get; init; }

    /// <summary>What holds when it is not given, as it would be written; null when nothing does.</summary>
    public string? Default { get; init; }

    /// <summary>What holds when it is not given, for people, where it is not one value.</summary>
    public string? DefaultDescription { get; init; }

    /// <summary>Whether the example says more than the name of the type and the default do.</summary>
    public bool HasTellingExample =>
        Example != Default && !Type.Name.Contains($"{Example} or ", StringComparison.Ordinal);

    /// <summary>Whether it is never printed, even when it is written inline.</summary>
    public bool Secret { get; init; }
}

/// <summary>A setting that is one text, read as a <typeparamref name="T"/>.</summary>
internal sealed class ScalarSetting<T>(string key, string description, ScalarType<T> type)
    : ScalarSetting(key, description, type)
    where T : notnull
{
    /// <summary>What the text must be.</summary>
    public new ScalarType<T> Type { get; } = type;
}

/// <summary>A setting that is a list of names of targets, or a single one.</summary>
internal sealed class TargetListSetting(string key, string description) : Setting(key, description)
{
    /// <summary>A value to show; a valid one.</summary>
    public required string Example { get; init; }

    /// <summary>What holds when it is not given, for people.</summary>
    public required string DefaultDescription { get; init; }
}

/// <summary>Settings below a key.</summary>
internal sealed class GroupSetting(string key, string description, params Setting[] settings)
    : Setting(key, description)
{
    /// <summary>The settings, in the order for people.</summary>
    public IReadOnlyList<Setting> Settings { get; } = settings;

    /// <summary>The one of the settings that is meant when a text stands in place of the group; null for none.</summary>
    public ScalarSetting? ShortForm { get; init; }

    /// <summary>Whether it means something that it is there: without it, none of its defaults holds.</summary>
    public bool Optional { get; init; }

    /// <summary>The setting beside which its defaults do not hold; null where they always do.</summary>
    public string? DefaultsEndBeside { get; init; }

    /// <summary>What is said about keys that other versions know; null where they are unknown like any other.</summary>
    public Func<string, string?> Reserved { get; init; } = _ => null;

    /// <summary>The setting of a key, upper and lower case being the same.</summary>
    public Setting? Find(string key) =>
        Settings.FirstOrDefault(setting => string.Equals(setting.Key, key, StringComparison.OrdinalIgnoreCase));
}

/// <summary>Groups below names that the user chooses.</summary>
internal sealed class MapSetting(string key, string description, string elementName, GroupSetting element)
    : Setting(key, description)
{
    /// <summary>What one is called, such as "database".</summary>
    public string ElementName { get; } = elementName;

    /// <summary>What is below each name.</summary>
    public GroupSetting Element { get; } = element;
}

/// <summary>Rules for all targets, or a set of rules for each.</summary>
internal sealed class KeepSetting(string key, string description, GroupSetting rules) : Setting(key, description)
{
    /// <summary>The rules that there are.</summary>
    public GroupSetting Rules { get; } = rules;

    /// <summary>A rule to show; a valid one.</summary>
    public required string RuleExample { get; init; }

    /// <summary>A value to show; a valid one.</summary>
    public required string Example { get; init; }

    /// <summary>What holds when it is not given, for people.</summary>
    public required string DefaultDescription { get; init; }
}
