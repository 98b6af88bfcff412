using System.Diagnostics;
using Xunit;

namespace Holdfast.Testing.Servers;

/// <summary>
/// A server that a script in tests/servers starts; made to be an assembly fixture. It is started when the first test
/// asks for it, unless a variable tells of one that runs already, and stopped with the test program, even if that is
/// killed. Tests are skipped, with the reason, where it cannot be had.
/// </summary>
public abstract class TestServer : IAsyncDisposable
{
    private const int CannotBeHad = 3;
    private readonly string script;
    private readonly string directory = Path.Combine(Path.GetTempPath(), $"holdfast-server-{Guid.NewGuid():N}");
    private readonly string variable;
    private readonly Lock gate = new();
    private Task<Dictionary<string, string>>? facts;
    private bool started;

    protected TestServer(string scriptName, string variable)
    {
        script = Path.Combine(Repository.Root, "tests", "servers", scriptName);
        this.variable = variable;
    }

    public async ValueTask DisposeAsync()
    {
        if (started)
        {
            await RunAsync("stop", directory);
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>What the script told of the server.</summary>
    protected async Task<IReadOnlyDictionary<string, string>> FactsAsync()
    {
        Task<Dictionary<string, string>> looking;
        lock (gate)
        {
            looking = facts ??= Environment.GetEnvironmentVariable(variable) is { Length: > 0 } told
                ? Task.FromResult(Read(told))
                : StartAsync();
        }

        var known = await looking;
        if (known.TryGetValue("missing", out var reason))
        {
            Assert.Skip(reason);
        }

        return known;
    }

    private static Dictionary<string, string> Read(string told) =>
        told.StartsWith("missing: ", StringComparison.Ordinal)
            ? new() { ["missing"] = told["missing: ".Length..] }
            : told.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(pair => pair.Trim().Split('=', 2))
                .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);

    private async Task<Dictionary<string, string>> StartAsync()
    {
        started = true;
        var (code, output, errors) = await RunAsync("start", directory, $"{Environment.ProcessId}");
        return code switch
        {
            0 => Read(output),
            CannotBeHad => new() { ["missing"] = errors.Trim() },
            _ => throw new InvalidOperationException($"{script} failed with {code}: {errors}"),
        };
    }

    private async Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(script, arguments)
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await errors);
    }
}
