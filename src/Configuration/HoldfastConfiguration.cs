using Holdfast.Configuration.Presentation;
using Holdfast.Configuration.Reading;
using Holdfast.Configuration.References;
using Holdfast.Configuration.Sources;
using Microsoft.Extensions.Configuration;

namespace Holdfast.Configuration;

/// <summary>
/// Reads the configuration: a file, and the environment variables over it, as one <see cref="IConfiguration"/>. The
/// file is the one that is named, else the one in <c>HOLDFAST_CONFIG</c>, else <c>./holdfast.yaml</c>, else
/// <c>/etc/holdfast/holdfast.yaml</c>; without any of them the variables alone are the configuration.
/// </summary>
public static class HoldfastConfiguration
{
    private const int MostProblems = 100;

    /// <summary>Reads the configuration for use.</summary>
    /// <exception cref="ConfigurationException">Something is wrong with it; all problems are told.</exception>
    public static LoadedConfiguration Load(ConfigurationSources sources)
    {
        var loaded = Read(sources);
        return loaded.Problems.Count == 0 ? loaded : throw new ConfigurationException(loaded.Problems);
    }

    /// <summary>Reads the configuration to look at it, be it right or wrong.</summary>
    /// <exception cref="ConfigurationException">There is no such file, or it cannot be read to its end.</exception>
    public static LoadedConfiguration Read(ConfigurationSources sources)
    {
        var problems = new List<ConfigurationProblem>();
        var file = ConfigurationFile.Find(sources);
        var builder = new ConfigurationBuilder();
        if (file is not null)
        {
            builder.Add(new LocatedConfigurationProvider(ConfigurationFile.Read(file, problems)));
        }

        var variables = new ConfigurationDocument(problems);
        EnvironmentDocumentReader.Read(sources.Environment, variables, problems);
        builder.Add(new LocatedConfigurationProvider(variables));

        var root = SettingNode.Read(builder.Build(), new SettingLocation(file ?? "configuration"));
        var context = new ReadingContext(new ReferenceResolver(sources.Environment), problems);
        var settings = SettingsReader.Read(root, context);
        return new LoadedConfiguration(file, settings, ConfigurationView.Of(root), Sorted(problems));
    }

    private static ConfigurationProblem[] Sorted(List<ConfigurationProblem> problems)
    {
        var sorted = problems
            .OrderBy(problem => problem.Location.Line == 0)
            .ThenBy(problem => problem.Location.Line)
            .ThenBy(problem => problem.Location.Column)
            .ToArray();
        if (sorted.Length <= MostProblems)
        {
            return sorted;
        }

        var more = new ConfigurationProblem(
            sorted[MostProblems].Location,
            $"and {sorted.Length - MostProblems} problems more"
        );
        return [.. sorted[..MostProblems], more];
    }
}
