using Holdfast.Configuration.Presentation;
using Holdfast.Configuration.Settings;

namespace Holdfast.Configuration;

/// <summary>A configuration that was read, be it right or wrong. Immutable.</summary>
public sealed class LoadedConfiguration
{
    private readonly HoldfastSettings _settings;

    internal LoadedConfiguration(
        string? file,
        HoldfastSettings settings,
        ConfigurationView view,
        IReadOnlyList<ConfigurationProblem> problems
    )
    {
        File = file;
        _settings = settings;
        View = view;
        Problems = problems;
    }

    /// <summary>The file that was read; null when there was none.</summary>
    public string? File { get; }

    /// <summary>Everything that is wrong; empty for a configuration that can be used.</summary>
    public IReadOnlyList<ConfigurationProblem> Problems { get; }

    /// <summary>What holds, for people, without secrets.</summary>
    public ConfigurationView View { get; }

    /// <summary>The settings.</summary>
    /// <exception cref="ConfigurationException">There are problems.</exception>
    public HoldfastSettings Settings => Problems.Count == 0 ? _settings : throw new ConfigurationException(Problems);
}
