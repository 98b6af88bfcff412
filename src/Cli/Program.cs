using System.CommandLine;
using Holdfast.Cli.CommandLine;
using Holdfast.Cli.Output;
using Holdfast.Core.Errors;

using var signals = new Signals();
var root = HoldfastCommand.Create();

// Not "@file": a command behind guard may have such arguments of its own.
var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
var output = CommandOutput.For(parsed);
if (parsed.Errors.Count == 0)
{
    return await CommandRunner.RunAsync(output, parsed, signals);
}

if (UsageErrors.IsCommandMissing(parsed) && !output.IsJson)
{
    CommandOutput.Help(parsed.CommandResult.Command, isAnswer: false);
    return (int)ErrorCode.Usage;
}

return output.Fail(UsageErrors.From(parsed));
