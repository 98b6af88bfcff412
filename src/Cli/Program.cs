using Holdfast.Cli.CommandLine;
using Holdfast.Cli.Output;

using var signals = new Signals();
var root = HoldfastCommand.Create();
var parsed = root.Parse(args);
var output = CommandOutput.For(parsed);
if (parsed.Errors.Count > 0)
{
    return output.Fail(UsageErrors.From(parsed));
}

var code = await CommandRunner.RunAsync(output, parsed, signals.Token);
return signals.ExitCode ?? code;
