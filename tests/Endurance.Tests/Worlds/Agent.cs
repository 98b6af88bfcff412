using System.Diagnostics;
using System.Globalization;
using Holdfast.Core.Timeline;
using Holdfast.Testing;

namespace Holdfast.Endurance.Tests.Worlds;

/// <summary>The process that keeps the database's timeline; to be killed.</summary>
internal sealed class Agent : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);
    private readonly Process process;
    private readonly Task<string> errors;

    private Agent(Process process)
    {
        this.process = process;
        errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Starts it, and waits until it captures.</summary>
    public static async Task<Agent> StartAsync(string path, string state, string vault)
    {
        var program = Path.Combine(Repository.Built("Holdfast.Workload"), "Holdfast.Workload");
        var agent = new Agent(
            Process.Start(
                new ProcessStartInfo(program, ["keep", path, state, vault])
                {
                    UseShellExecute = false,
                    RedirectStandardInput = true,
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                }
            )!
        );
        Assert.Equal("ready", await agent.ReadAsync());
        return agent;
    }

    /// <summary>Stores everything that was committed before the call.</summary>
    public async Task<(LineageId Lineage, long Commit)> SyncAsync()
    {
        await process.StandardInput.WriteLineAsync("sync");
        var words = (await ReadAsync()).Split(' ');
        Assert.True(LineageId.TryParse(words[0], out var lineage));
        return (lineage, long.Parse(words[1], CultureInfo.InvariantCulture));
    }

    /// <summary>Lets it end as it should: everything is stored.</summary>
    public async Task StopAsync()
    {
        process.StandardInput.Close();
        using var deadline = new CancellationTokenSource(Deadline);
        await process.WaitForExitAsync(deadline.Token);
        Assert.True(process.ExitCode == 0, await errors);
    }

    /// <summary>Sends it a signal, such as STOP or CONT.</summary>
    public void Signal(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>Kills it when it still runs.</summary>
    public void Kill()
    {
        if (!process.HasExited)
        {
            process.Kill();
            process.WaitForExit();
        }
    }

    public void Dispose()
    {
        Kill();
        process.Dispose();
    }

    private async Task<string> ReadAsync()
    {
        using var deadline = new CancellationTokenSource(Deadline);
        try
        {
            return await process.StandardOutput.ReadLineAsync(deadline.Token)
                ?? throw new InvalidOperationException($"the agent has ended: {await errors}");
        }
        catch (OperationCanceledException error)
        {
            throw new TimeoutException("the agent did not answer", error);
        }
    }
}
