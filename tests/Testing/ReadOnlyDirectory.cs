using System.Diagnostics;
using Xunit;

namespace Holdfast.Testing;

/// <summary>A directory in which nothing can be created or deleted, until this ends.</summary>
public static class ReadOnlyDirectory
{
    /// <summary>Makes a directory one; for root by a mount of its own. The test is skipped where that cannot be had.</summary>
    public static IDisposable Make(string path)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            var mode = File.GetUnixFileMode(path);
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            return new Undo(() => File.SetUnixFileMode(path, mode));
        }

        if (!Run("mount", "--bind", path, path))
        {
            Assert.Skip("nothing can be mounted here, and root is stopped by nothing else");
        }

        var undo = new Undo(() => _ = Run("umount", path));
        if (!Run("mount", "-o", "remount,bind,ro", path))
        {
            undo.Dispose();
            Assert.Skip("a mount cannot be made read-only here, and root is stopped by nothing else");
        }

        return undo;
    }

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true }
        )!;
        _ = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    private sealed class Undo(Action action) : IDisposable
    {
        public void Dispose() => action();
    }
}
