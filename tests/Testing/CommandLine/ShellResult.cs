using Xunit;

namespace Holdfast.Testing.CommandLine;

/// <summary>What a shell script did.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Errors">Its standard error.</param>
public sealed record ShellResult(int ExitCode, string Output, string Errors)
{
    /// <summary>The lines of standard output.</summary>
    public IReadOnlyList<string> Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Asserts the exit code; what was printed is in the failure.</summary>
    public ShellResult Exits(int code)
    {
        Assert.True(ExitCode == code, $"exit code {ExitCode} instead of {code}\n{this}");
        return this;
    }

    public override string ToString() => $"stdout:\n{Output}\nstderr:\n{Errors}";
}
