using System.Diagnostics;

namespace Holdfast.Crash.Tests.Killing;

/// <summary>The real command, with everything it touches below one directory.</summary>
/// <param name="root">The directory: home, state and working directory.</param>
/// <param name="variables">More environment variables.</param>
/// <param name="arguments">The arguments.</param>
internal sealed class HoldfastProcess(
    string root,
    IReadOnlyDictionary<string, string> variables,
    params string[] arguments
)
{
    /// <summary>The exit code of what was ended by SIGKILL.</summary>
    public const int Killed = 128 + 9;

    private static readonly string Program = Path.GetFullPath(
        $"../../Holdfast.Cli/{new DirectoryInfo(AppContext.BaseDirectory).Name}/holdfast.dll",
        AppContext.BaseDirectory
    );

    /// <summary>Runs it to its end.</summary>
    /// <param name="through">A program, with its arguments, that starts the command; empty for none.</param>
    public Task<ProcessResult> RunAsync(params IReadOnlyList<string> through) =>
        ChildProcess.FinishAsync(Start(through));

    public Process Start(IReadOnlyList<string> through)
    {
        string[] line = [.. through, "dotnet", Program, .. arguments];
        var start = new ProcessStartInfo(line[0], line[1..]) { WorkingDirectory = root };
        start.Environment["HOME"] = Path.Combine(root, "home");
        start.Environment["HOLDFAST_STATE"] = Path.Combine(root, "state");
        start.Environment.Remove("HOLDFAST_CONFIG");

        // What the runtime writes for itself, and which time zone it looks up, is no matter here.
        start.Environment["TZ"] = "";
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["DOTNET_gcServer"] = "0";

        // One worker: the same order of operations in each run, and one thread that makes them.
        start.Environment["DOTNET_ThreadPool_ForceMinWorkerThreads"] = "1";
        start.Environment["DOTNET_ThreadPool_ForceMaxWorkerThreads"] = "1";
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        return ChildProcess.Start(start);
    }
}
