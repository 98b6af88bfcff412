namespace Holdfast.Configuration.Settings;

/// <summary>A whole configuration, checked. Immutable.</summary>
public sealed record HoldfastSettings
{
    /// <summary>The targets, in the order of the configuration.</summary>
    public required IReadOnlyList<TargetSettings> Targets { get; init; }

    /// <summary>The databases, in the order of the configuration.</summary>
    public required IReadOnlyList<DatabaseSettings> Databases { get; init; }

    /// <summary>The directory where copies are staged.</summary>
    public required SettingText Scratch { get; init; }

    /// <summary>The target of a name, upper and lower case being the same; null when there is none.</summary>
    public TargetSettings? FindTarget(string name) =>
        Targets.FirstOrDefault(target => string.Equals(target.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The database of a name, upper and lower case being the same; null when there is none.</summary>
    public DatabaseSettings? FindDatabase(string name) =>
        Databases.FirstOrDefault(database => string.Equals(database.Name, name, StringComparison.OrdinalIgnoreCase));
}
