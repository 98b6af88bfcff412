using System.Text.Json.Nodes;

namespace Holdfast.Cli.Tests.Driving;

/// <summary>A command that has ended, and everything it said.</summary>
internal sealed record CommandRun(string Command, int ExitCode, string Output, string Errors)
{
    /// <summary>The lines of standard output as JSON.</summary>
    public IReadOnlyList<JsonObject> Json =>
        [.. Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!.AsObject())];

    /// <summary>The lines of standard output as JSON, those of one type.</summary>
    public IReadOnlyList<JsonObject> JsonOf(string type) => [.. Json.Where(o => (string)o["type"]! == type)];

    /// <summary>Fails, with all that was said, unless the exit code is the one expected.</summary>
    public CommandRun Ends(int code)
    {
        Assert.True(code == ExitCode, $"expected exit code {code}\n{this}");
        return this;
    }

    /// <summary>Fails unless standard output holds each text.</summary>
    public CommandRun Says(params string[] texts)
    {
        Assert.All(texts, text => Assert.True(Output.Contains(text), $"standard output should hold '{text}'\n{this}"));
        return this;
    }

    /// <summary>Fails unless standard error holds each text.</summary>
    public CommandRun Tells(params string[] texts)
    {
        Assert.All(texts, text => Assert.True(Errors.Contains(text), $"standard error should hold '{text}'\n{this}"));
        return this;
    }

    /// <summary>Fails unless standard output is empty.</summary>
    public CommandRun SaysNothing()
    {
        Assert.True(Output.Length == 0, $"standard output should be empty\n{this}");
        return this;
    }

    /// <summary>Fails unless standard error is empty.</summary>
    public CommandRun TellsNothing()
    {
        Assert.True(Errors.Length == 0, $"standard error should be empty\n{this}");
        return this;
    }

    public override string ToString() => $"$ {Command}\n[{ExitCode}]\n{Output}--- standard error:\n{Errors}";
}
