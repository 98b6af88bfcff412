using System.Diagnostics;
using Xunit;

namespace Holdfast.Testing.CommandLine;

/// <summary>
/// A place of its own to run shell scripts in, as a user would: a working directory, a home, a state and a scratch
/// directory, an environment with nothing else, and the built <c>holdfast</c> on the path. Removed at the end.
/// </summary>
public sealed class ShellPlace : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(3);
    private readonly ScratchDirectory root = new();

    public ShellPlace()
    {
        foreach (var path in (string[])[Work, Programs, root["home"], root["state"], Scratch])
        {
            Directory.CreateDirectory(path);
        }

        Environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PATH"] =
                $"{Programs}:{BuiltDirectory("Holdfast.Cli")}:{System.Environment.GetEnvironmentVariable("PATH")}",
            ["HOME"] = root["home"],
            ["LANG"] = "C.UTF-8",
            ["HOLDFAST_STATE"] = root["state"],
            ["HOLDFAST__scratch"] = Scratch,
        };
    }

    /// <summary>The working directory of scripts.</summary>
    public string Work => root["work"];

    /// <summary>A directory at the beginning of the path, for programs of the test.</summary>
    public string Programs => root["programs"];

    /// <summary>Where holdfast stages copies.</summary>
    public string Scratch => root["scratch"];

    /// <summary>All of the environment.</summary>
    public Dictionary<string, string> Environment { get; }

    /// <summary>A path in the working directory.</summary>
    public string this[string name] => Path.Combine(Work, name);

    /// <summary>Where a program of this repository was built, in the configuration of the tests.</summary>
    public static string BuiltDirectory(string project)
    {
        var configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        return Path.Combine(Repository.Root, "artifacts", "bin", project, configuration);
    }

    /// <summary>Whether a program is on the path.</summary>
    public async Task<bool> HasAsync(string program) => (await RunAsync($"command -v {program}")).ExitCode == 0;

    /// <summary>Runs a script with bash; it is ended when the test is.</summary>
    public async Task<ShellResult> RunAsync(string script)
    {
        var start = new ProcessStartInfo("bash", ["-c", script])
        {
            WorkingDirectory = Work,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        foreach (var (name, value) in Environment)
        {
            start.Environment[name] = value;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Longest);
        using var process = Process.Start(start)!;
        try
        {
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return new ShellResult(process.ExitCode, await output, await errors);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    /// <summary>Runs a script that must succeed.</summary>
    public async Task<ShellResult> DoAsync(string script) => (await RunAsync(script)).Exits(0);

    public void Dispose() => root.Dispose();
}
