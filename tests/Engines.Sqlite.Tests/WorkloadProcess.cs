using System.Diagnostics;

namespace Holdfast.Engines.Sqlite.Tests;

/// <summary>An application in a process of its own, with another version of SQLite.</summary>
internal sealed class WorkloadProcess : IDisposable
{
    private readonly Process process;

    private WorkloadProcess(Process process) => this.process = process;

    public int Id => process.Id;

    /// <summary>Starts it and waits until it has reached what its verb says.</summary>
    public static async Task<WorkloadProcess> StartAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(
            Path.GetFullPath("../../Holdfast.Workload/debug/Holdfast.Workload", AppContext.BaseDirectory)
        )
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        Array.ForEach(arguments, start.ArgumentList.Add);
        var workload = new WorkloadProcess(Process.Start(start)!);
        var first = await workload.process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        Assert.Equal("ready", first);
        return workload;
    }

    /// <summary>Lets it end and gives its last line.</summary>
    public async Task<string> FinishAsync()
    {
        process.StandardInput.Close();
        return await OutputAsync();
    }

    /// <summary>Waits until it ends by itself and gives its last line.</summary>
    public async Task<string> OutputAsync()
    {
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return output.Trim();
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill();
            process.WaitForExit();
        }

        process.Dispose();
    }
}
