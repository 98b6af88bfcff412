using System.Diagnostics;
using Xunit;

namespace Holdfast.Testing;

/// <summary>A file system in memory of its own, to be full or read-only. Tests are skipped where it cannot be had.</summary>
public sealed class SmallDisk : IDisposable
{
    private readonly string path;

    private SmallDisk(string path) => this.path = path;

    /// <summary>Mounts one at a new directory.</summary>
    /// <param name="path">The directory.</param>
    /// <param name="options">Options of tmpfs, such as "size=1m,ro".</param>
    public static SmallDisk Mount(string path, string options)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            Assert.Skip("mounting a small disk needs root");
        }

        Directory.CreateDirectory(path);
        if (Run("mount", "-t", "tmpfs", "-o", options, "holdfast-test", path) is { Length: > 0 } problem)
        {
            Assert.Skip($"a small disk cannot be mounted here: {problem}");
        }

        return new SmallDisk(path);
    }

    public void Dispose() => Run("umount", path);

    private static string Run(string program, params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true }
        )!;
        var problem = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? "" : problem.Trim();
    }
}
