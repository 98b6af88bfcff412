using System.Runtime.CompilerServices;

namespace Holdfast.Configuration.Tests;

/// <summary>
/// Holds files in the repository equal to what is generated. With HOLDFAST_WRITE_GOLDEN=1 the files are written instead.
/// </summary>
public static class GoldenFile
{
    public static string Repository([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));

    public static void AssertEqual(string path, string expected)
    {
        var file = Path.Combine(Repository(), path);
        if (Environment.GetEnvironmentVariable("HOLDFAST_WRITE_GOLDEN") == "1")
        {
            File.WriteAllText(file, expected);
        }

        Assert.Equal(expected, File.ReadAllText(file));
    }
}
