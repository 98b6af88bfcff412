using System.Collections;
using Holdfast.Cli.CommandLine;
using Holdfast.Configuration;

namespace Holdfast.Cli.Setup;

/// <summary>Where this command looks for its configuration.</summary>
internal static class Sources
{
    public static ConfigurationSources Of(Session session) =>
        new()
        {
            File = session.Parsed.GetValue(GlobalOptions.Config),
            Environment = Environment
                .GetEnvironmentVariables()
                .Cast<DictionaryEntry>()
                .ToDictionary(e => (string)e.Key, e => (string?)e.Value ?? "", StringComparer.Ordinal),
        };
}
