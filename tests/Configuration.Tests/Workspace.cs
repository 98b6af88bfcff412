namespace Holdfast.Configuration.Tests;

/// <summary>A directory of its own with configuration files, and an environment.</summary>
public sealed class Workspace : IDisposable
{
    private readonly Dictionary<string, string> _environment = new(StringComparer.Ordinal);

    public Workspace() => Root = Directory.CreateTempSubdirectory("holdfast-configuration-").FullName;

    public string Root { get; }

    public string File(string name) => Path.Combine(Root, name);

    public string Write(string name, string text)
    {
        System.IO.File.WriteAllText(File(name), text);
        return File(name);
    }

    public Workspace Set(string variable, string value)
    {
        _environment[variable] = value;
        return this;
    }

    /// <summary>Where a configuration is looked for here; nothing outside of this directory is.</summary>
    public ConfigurationSources Sources(string? file = null) =>
        new()
        {
            File = file is null ? null : File(file),
            Environment = _environment,
            LocalFile = File("holdfast.yaml"),
            MachineFile = File("etc/holdfast.yaml"),
        };

    /// <summary>Loads a text as holdfast.yaml.</summary>
    public LoadedConfiguration Load(string yaml)
    {
        Write("holdfast.yaml", yaml);
        return HoldfastConfiguration.Load(Sources());
    }

    /// <summary>Loads a text as holdfast.yaml, which must fail; gives the problems, with the file's name alone.</summary>
    public string[] Problems(string yaml, string name = "holdfast.yaml")
    {
        Write(name, yaml);
        return Problems(Sources(name));
    }

    public string[] Problems(ConfigurationSources sources)
    {
        var exception = Assert.Throws<ConfigurationException>(() => HoldfastConfiguration.Load(sources));
        Assert.Equal(string.Join('\n', exception.Problems), exception.Message);
        Assert.Equal(Core.Errors.ErrorCode.Usage, exception.Code);
        return
        [
            .. exception.Problems.Select(problem =>
                problem.ToString().Replace(Root + "/", "", StringComparison.Ordinal)
            ),
        ];
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
