using System.Diagnostics;
using Holdfast.Testing;
using Holdfast.Testing.CommandLine;

namespace Holdfast.Examples.Tests;

/// <summary>An application that has a database open, in a process of its own; see the workload.</summary>
internal sealed class Application : IDisposable
{
    private readonly Process process;

    private Application(Process process) => this.process = process;

    /// <summary>Starts it, and waits until it has reached what its verb says.</summary>
    public static async Task<Application> StartAsync(params string[] arguments)
    {
        var program = Path.Combine(Repository.Built("Holdfast.Workload"), "Holdfast.Workload");
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var application = new Application(Process.Start(start)!);
        var first = await application.process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        Assert.Equal("ready", first);
        return application;
    }

    /// <summary>Waits for one that ends by itself.</summary>
    public Task EndAsync() => process.WaitForExitAsync(TestContext.Current.CancellationToken);

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
