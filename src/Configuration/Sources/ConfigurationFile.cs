namespace Holdfast.Configuration.Sources;

/// <summary>Finds and reads the file of the configuration.</summary>
internal static class ConfigurationFile
{
    private const string Variable = "HOLDFAST_CONFIG";
    private const int LargestFile = 256 * 1024;

    /// <summary>The file that holds; null when there is none. That one that was named exists is not checked.</summary>
    public static string? Find(ConfigurationSources sources)
    {
        var named = sources.File ?? sources.Environment.GetValueOrDefault(Variable);
        return !string.IsNullOrEmpty(named) ? named
            : File.Exists(sources.LocalFile) ? sources.LocalFile
            : File.Exists(sources.MachineFile) ? sources.MachineFile
            : null;
    }

    /// <summary>Reads a file; what is wrong within it is added to the problems.</summary>
    /// <exception cref="ConfigurationException">It cannot be read to its end.</exception>
    public static ConfigurationDocument Read(string file, ICollection<ConfigurationProblem> problems)
    {
        var document = new ConfigurationDocument(problems);
        var source = Printable.Text(file);
        try
        {
            var text = BoundedFile.ReadText(file, LargestFile);
            if (file.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
            {
                JsonDocumentReader.Read(text, source, document);
            }
            else
            {
                YamlDocumentReader.Read(text, source, document, problems);
            }

            return document;
        }
        catch (UnreadableDocumentException exception)
        {
            throw new ConfigurationException([.. problems, exception.Problem]);
        }
        catch (UnreadableFileException exception)
        {
            var problem = new ConfigurationProblem(new SettingLocation(source), exception.Message);
            throw new ConfigurationException(
                [problem],
                "name another with --config or HOLDFAST_CONFIG, or write one with: holdfast init"
            );
        }
    }
}
