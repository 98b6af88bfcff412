namespace Holdfast.Configuration;

/// <summary>Where the configuration is looked for.</summary>
public sealed record ConfigurationSources
{
    /// <summary>The file that was named on the command line; null for the usual search.</summary>
    public string? File { get; init; }

    /// <summary>
    /// The environment: <c>HOLDFAST_CONFIG</c>, the settings in <c>HOLDFAST__…</c>, and what <c>${env:NAME}</c> refers to.
    /// </summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>The file that is taken when nothing else is named. The default value is "holdfast.yaml".</summary>
    public string LocalFile { get; init; } = "holdfast.yaml";

    /// <summary>The file of the machine, looked for last. The default value is "/etc/holdfast/holdfast.yaml".</summary>
    public string MachineFile { get; init; } = "/etc/holdfast/holdfast.yaml";
}
