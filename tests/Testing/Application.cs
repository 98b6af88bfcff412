using System.Diagnostics;
using Xunit;

namespace Holdfast.Testing;

/// <summary>
/// An application with another version of SQLite, in a process of its own until it is disposed: the workload program
/// with one of its verbs.
/// </summary>
public sealed class Application : IDisposable
{
    private readonly Process process;

    private Application(Process process) => this.process = process;

    /// <summary>The number of its process.</summary>
    public int Id => process.Id;

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

    /// <summary>Lets it end, and gives its last line.</summary>
    public async Task<string> FinishAsync()
    {
        process.StandardInput.Close();
        return await OutputAsync();
    }

    /// <summary>Waits until it ends by itself, and gives its last line.</summary>
    public async Task<string> OutputAsync()
    {
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await EndAsync();
        return output.Trim();
    }

    /// <summary>Kills it when it still runs.</summary>
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
