namespace Holdfast.Testing;

/// <summary>The working tree that the tests were built from.</summary>
public static class Repository
{
    /// <summary>Its root directory.</summary>
    public static string Root { get; } = Find();

    /// <summary>Where a program of this repository was built, in the configuration of the running tests.</summary>
    public static string Built(string project) =>
        Path.Combine(
            Root,
            "artifacts",
            "bin",
            project,
            Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory))
        );

    private static string Find()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory != null && !File.Exists(Path.Combine(directory.FullName, "Holdfast.slnx")))
        {
            directory = directory.Parent;
        }

        return directory?.FullName ?? throw new InvalidOperationException("the tests run outside of the repository");
    }
}
