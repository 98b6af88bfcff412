using System.Diagnostics;

namespace Holdfast.Core.Tests.Files;

/// <summary>Another process that holds the lock of a file until it is killed: what a run of Holdfast does.</summary>
internal sealed class ChildLock : IDisposable
{
    private readonly Process process;

    private ChildLock(Process process) => this.process = process;

    /// <summary>Starts it and waits until it has the lock.</summary>
    public static async Task<ChildLock> TakeAsync(string path)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/flock"), "the program flock is not installed");

        // flock keeps the descriptor open in the shell that it becomes; killing that frees the lock.
        var start = new ProcessStartInfo("flock")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        };
        Array.ForEach(["--no-fork", "--exclusive", path, "sh", "-c", "echo ready; read line"], start.ArgumentList.Add);
        var child = new ChildLock(Process.Start(start)!);
        Assert.Equal("ready", await child.process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        return child;
    }

    /// <summary>SIGKILL: nothing is cleaned up by the process.</summary>
    public void Kill()
    {
        process.Kill(entireProcessTree: true);
        process.WaitForExit();
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            Kill();
        }

        process.Dispose();
    }
}
