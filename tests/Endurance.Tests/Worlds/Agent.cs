using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Holdfast.Core.Timeline;
using Holdfast.Testing;

namespace Holdfast.Endurance.Tests.Worlds;

/// <summary>The real command as the agent of one database; to be killed.</summary>
internal sealed class Agent : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private readonly World world;
    private readonly Process process;
    private readonly TaskCompletionSource capturing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> told = [];
    private readonly Task reading;
    private readonly Task<string> errors;

    private Agent(World world, Process process)
    {
        this.world = world;
        this.process = process;
        errors = process.StandardError.ReadToEndAsync();
        reading = ReadAsync();
    }

    /// <summary>What it has told so far, one JSON object a line.</summary>
    public string Told
    {
        get
        {
            lock (told)
            {
                return string.Join('\n', told);
            }
        }
    }

    /// <summary>Starts it, and waits until it captures.</summary>
    public static async Task<Agent> StartAsync(World world)
    {
        var agent = new Agent(world, world.Start("run", world.Path, "--to", world.VaultPath, "--interval", "100ms"));
        if (await Task.WhenAny(agent.capturing.Task, agent.reading, Task.Delay(Deadline)) != agent.capturing.Task)
        {
            throw await agent.EndedAsync("it did not begin to capture");
        }

        return agent;
    }

    /// <summary>Stores everything that was committed before the call.</summary>
    public async Task<(LineageId Lineage, long Commit)> SyncAsync()
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var (code, output, problem) = await world.RunAsync(
                "sync",
                world.Path,
                "--to",
                world.VaultPath,
                "--timeout",
                "1m"
            );
            if (process.HasExited)
            {
                throw await EndedAsync("it has ended by itself");
            }

            if (code == 0)
            {
                var synced = JsonNode.Parse(output)!;
                Assert.True((bool)synced["agent"]!, output);
                Assert.True(LineageId.TryParse((string?)synced["lineage"], out var lineage));
                return (lineage, (long)synced["commit"]!);
            }

            // While it begins again after what happened to it.
            Assert.True(clock.Elapsed < Deadline, $"{output}{problem}{Told}");
            await Task.Delay(100);
        }
    }

    /// <summary>Lets it end as it should: everything is stored.</summary>
    public async Task StopAsync()
    {
        Signal("TERM");
        using var deadline = new CancellationTokenSource(Deadline);
        await process.WaitForExitAsync(deadline.Token);
        if (process.ExitCode != 0)
        {
            throw await EndedAsync("it did not end well");
        }
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

    private async Task ReadAsync()
    {
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            lock (told)
            {
                told.Add(line);
            }

            if ((string?)JsonNode.Parse(line)!["event"] == "capturing")
            {
                _ = capturing.TrySetResult();
            }
        }
    }

    private async Task<InvalidOperationException> EndedAsync(string what)
    {
        Kill();
        return new InvalidOperationException($"the agent: {what}\n{Told}\n{await errors}");
    }
}
