using System.Diagnostics;
using Holdfast.Testing;

namespace Holdfast.Cli.Tests.Driving;

/// <summary>An application in a process of its own, with another version of SQLite, until it is disposed.</summary>
internal sealed class Application : IDisposable
{
    private readonly Process process;

    private Application(Process process) => this.process = process;

    public int Id => process.Id;

    /// <summary>Starts it and waits until it has reached what its verb says.</summary>
    public static async Task<Application> StartAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(Repository.Built("Holdfast.Workload"), "Holdfast.Workload"))
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        Array.ForEach(arguments, start.ArgumentList.Add);
        var application = new Application(Process.Start(start)!);
        Assert.Equal("ready", await application.process.StandardOutput.ReadLineAsync());
        return application;
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
