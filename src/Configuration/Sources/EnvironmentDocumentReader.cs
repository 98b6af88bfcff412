namespace Holdfast.Configuration.Sources;

/// <summary>Reads the settings among the environment variables: <c>HOLDFAST__targets__local</c> is targets.local.</summary>
internal static class EnvironmentDocumentReader
{
    /// <summary>What the names of the variables begin with.</summary>
    public const string Prefix = "HOLDFAST__";
    private const int Deepest = 16;

    /// <summary>Reads all variables into a document.</summary>
    public static void Read(
        IReadOnlyDictionary<string, string> environment,
        ConfigurationDocument document,
        ICollection<ConfigurationProblem> problems
    )
    {
        var variables = environment
            .Where(variable => variable.Key.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            .OrderBy(variable => variable.Key, StringComparer.Ordinal);
        foreach (var (name, value) in variables)
        {
            var location = new SettingLocation(Printable.Text(name));
            var parts = name[Prefix.Length..].Split("__");
            if (
                parts.Length > Deepest
                || parts.Any(part => part.Length == 0 || part.Contains(':', StringComparison.Ordinal))
            )
            {
                problems.Add(new ConfigurationProblem(location, $"is not of the form {Prefix}targets__local"));
                continue;
            }

            document.AddValue(parts, value, location);
        }
    }
}
