using Holdfast.Core.Files;
using Holdfast.Testing;

namespace Holdfast.Cli.Tests.Driving;

/// <summary>A directory in which a person works, with a home and a scratch directory of its own.</summary>
internal sealed class Place : IDisposable
{
    private static readonly string[] PassedOn = ["PATH", "DOTNET_ROOT", "HOLDFAST_SQLITE_LIBRARY", "LD_LIBRARY_PATH"];
    private readonly ScratchDirectory root = new();

    public Place()
    {
        foreach (var name in (string[])["work", "home", "tmp"])
        {
            Directory.CreateDirectory(root[name]);
        }

        foreach (var name in PassedOn)
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
            {
                Variables[name] = value;
            }
        }

        Variables["HOME"] = root["home"];
        Variables["TZ"] = "UTC";
        Variables["HOLDFAST__scratch"] = root["tmp"];
        Variables["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
    }

    /// <summary>The environment of the commands.</summary>
    public Dictionary<string, string> Variables { get; } = new(StringComparer.Ordinal);

    /// <summary>The working directory.</summary>
    public string Work => root["work"];

    /// <summary>The path of something in the working directory.</summary>
    public string this[string name] => Path.Combine(Work, name);

    /// <summary>Runs the command to its end.</summary>
    public async Task<CommandRun> RunAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        return await process.EndAsync();
    }

    /// <summary>Starts the command.</summary>
    public HoldfastProcess Start(params string[] arguments) => HoldfastProcess.Start(Work, Variables, arguments);

    /// <summary>Runs lines in bash, with holdfast on the path.</summary>
    public async Task<CommandRun> BashAsync(string script, params string[] arguments)
    {
        var program = Path.Combine(Directory.CreateDirectory(root["bin"]).FullName, "holdfast");
        await File.WriteAllTextAsync(program, $"#!/bin/sh\nexec dotnet '{HoldfastProcess.Program}' \"$@\"\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var variables = new Dictionary<string, string>(Variables, StringComparer.Ordinal)
        {
            ["PATH"] = $"{root["bin"]}:{Variables["PATH"]}",
        };
        using var bash = HoldfastProcess.Start(Work, variables, ["-c", script, "bash", .. arguments], "bash");
        return await bash.EndAsync();
    }

    /// <summary>A database of a bank; see <see cref="Bank"/>.</summary>
    public string Bank(string name = "app.db", int accounts = 200) => Driving.Bank.Create(this[name], accounts);

    /// <summary>The names in a directory, sorted; none when there is no such directory.</summary>
    public IReadOnlyList<string> Names(string directory = "backups") =>
        Directory.Exists(this[directory])
            ? [.. Directory.EnumerateFileSystemEntries(this[directory]).Select(p => Path.GetFileName(p)).Order()]
            : [];

    /// <summary>A target at which nobody listens.</summary>
    public string DeadTarget()
    {
        Variables["AWS_ACCESS_KEY_ID"] = "AKIAEXAMPLE";
        Variables["AWS_SECRET_ACCESS_KEY"] = "very-secret-key";
        return "s3://bucket/prefix?endpoint=http://127.0.0.1:1&retries=0";
    }

    /// <summary>The only copy in a directory.</summary>
    public string Copy(string directory = "backups") =>
        Path.Combine(this[directory], Assert.Single(Names(directory), n => !n.EndsWith(".json")));

    /// <summary>Fails when a run has left anything of its own.</summary>
    public void AssertNothingIsLeft(string directory = "backups")
    {
        Assert.False(IsStaging, "a run has left its scratch directory");
        Assert.Empty(Directory.EnumerateFiles(Work, "*" + PendingFile.Suffix, SearchOption.AllDirectories));
        Assert.All(
            Names(directory),
            name =>
                Assert.True(name.EndsWith(".json") || Names(directory).Contains($"{name}.json"), $"half a copy: {name}")
        );
    }

    /// <summary>Whether a command has, or has left, a directory in which it stages copies.</summary>
    public bool IsStaging =>
        Directory.EnumerateDirectories(root["tmp"]).Any(d => Directory.EnumerateDirectories(d, "run-*").Any());

    public void Dispose() => root.Dispose();
}
