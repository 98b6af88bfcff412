using System.ComponentModel;
using System.Diagnostics;
using Holdfast.Core.Engines;

namespace Holdfast.Cli.Setup;

/// <summary>Copies of a database do not belong into a repository.</summary>
internal static class GitWorktree
{
    /// <summary>Warns when a directory lies in a git work tree that does not ignore it; says nothing elsewhere.</summary>
    public static IReadOnlyList<Finding> Examine(string address)
    {
        var path = Path.GetFullPath(address);
        var parent = Path.GetDirectoryName(path);
        while (parent is not null && !Directory.Exists(parent))
        {
            parent = Path.GetDirectoryName(parent);
        }

        if (address.Contains("://", StringComparison.Ordinal) || parent is null || !IsInWorktree(parent))
        {
            return [];
        }

        // Exit codes of check-ignore: 0 ignored, 1 not ignored, anything else: git cannot tell.
        return Git(parent, "check-ignore", "-q", path + '/') switch
        {
            0 => [new Finding(FindingSeverity.Pass, address, "is ignored by git")],
            1 =>
            [
                new Finding(
                    FindingSeverity.Warn,
                    address,
                    "lies in a git work tree that does not ignore it: copies would be committed",
                    $"echo '{Path.GetFileName(path)}/' >> {Path.Combine(parent, ".gitignore")}"
                ),
            ],
            _ => [],
        };
    }

    private static bool IsInWorktree(string directory)
    {
        for (var at = directory; at is not null; at = Path.GetDirectoryName(at))
        {
            if (Path.Exists(Path.Combine(at, ".git")))
            {
                return true;
            }
        }

        return false;
    }

    private static int Git(string directory, params string[] arguments)
    {
        var start = new ProcessStartInfo("git", arguments)
        {
            WorkingDirectory = directory,
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        try
        {
            using var git = Process.Start(start)!;
            git.WaitForExit();
            return git.ExitCode;
        }
        catch (Win32Exception)
        {
            return -1;
        }
    }
}
