using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Holdfast.Testing;

namespace Holdfast.Cli.Tests.Driving;

/// <summary>The real command as a child process.</summary>
internal sealed partial class HoldfastProcess : IDisposable
{
    public const int Interrupt = 2;
    public const int Terminate = 15;
    public const int Stop = 19;
    public const int Continue = 18;

    private readonly Process process;
    private readonly string command;
    private readonly StringBuilder said = new();
    private readonly StringBuilder told = new();
    private readonly Task<string> output;
    private readonly Task<string> errors;

    private HoldfastProcess(Process process, string command)
    {
        this.process = process;
        this.command = command;
        output = GatherAsync(process.StandardOutput, said);
        errors = GatherAsync(process.StandardError, told);
    }

    /// <summary>The command that was built with the tests.</summary>
    public static string Program { get; } = Path.Combine(Repository.Built("Holdfast.Cli"), "holdfast.dll");

    public int Id => process.Id;

    public bool HasEnded => process.HasExited;

    public static HoldfastProcess Start(
        string directory,
        IReadOnlyDictionary<string, string> environment,
        IEnumerable<string> arguments,
        string program = "dotnet"
    )
    {
        var start = new ProcessStartInfo(program)
        {
            WorkingDirectory = directory,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] words = program == "dotnet" ? [Program, .. arguments] : [.. arguments];
        Array.ForEach(words, start.ArgumentList.Add);
        start.Environment.Clear();
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return new HoldfastProcess(process, string.Join(' ', words));
    }

    /// <summary>Waits until it has said or told a text.</summary>
    public async Task UntilTellsAsync(string text, int times = 1)
    {
        var deadline = DateTime.UtcNow.AddMinutes(2);
        while (Count(text) < times)
        {
            Assert.True(
                DateTime.UtcNow < deadline && (!process.HasExited || Count(text) >= times),
                $"$ {command}\nshould tell '{text}' {times} times; it said\n{Text(said)}and told\n{Text(told)}"
            );
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Sends a signal.</summary>
    public void Signal(int number) => _ = Kill(process.Id, number);

    /// <summary>Waits until it has ended; one that never does is killed, and fails its test.</summary>
    public async Task<CommandRun> EndAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(5));
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException error)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{command} does not end\n{await output}{await errors}", error);
        }

        return new CommandRun(command, process.ExitCode, await output, await errors);
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

    private int Count(string text) => (Text(said) + Text(told)).Split(text).Length - 1;

    private static string Text(StringBuilder text)
    {
        lock (text)
        {
            return text.ToString();
        }
    }

    private static async Task<string> GatherAsync(StreamReader from, StringBuilder into)
    {
        var buffer = new char[4096];
        while (await from.ReadAsync(buffer) is > 0 and var read)
        {
            lock (into)
            {
                into.Append(buffer, 0, read);
            }
        }

        return Text(into);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
