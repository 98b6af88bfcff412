namespace Holdfast.Configuration;

/// <summary>One thing that is wrong with the configuration.</summary>
/// <param name="Location">Where to correct it.</param>
/// <param name="Message">The setting, what is wrong with it and what to write instead; never the value of a secret.</param>
public sealed record ConfigurationProblem(SettingLocation Location, string Message)
{
    /// <summary>One line, such as "holdfast.yaml:12:5: scratch has no value".</summary>
    public override string ToString() => $"{Location}: {Message}";
}
