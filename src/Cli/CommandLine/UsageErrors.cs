using System.CommandLine;
using Holdfast.Configuration;
using Holdfast.Core.Errors;

namespace Holdfast.Cli.CommandLine;

/// <summary>The parser's complaints as one failure.</summary>
internal static class UsageErrors
{
    /// <summary>Whether nothing is wrong but that a command is missing: help says more than a complaint.</summary>
    public static bool IsCommandMissing(ParseResult parsed) =>
        parsed is { UnmatchedTokens.Count: 0, CommandResult.Command.Subcommands.Count: > 0 };

    public static HoldfastException From(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var call = HelpText.Call(command);
        return parsed.UnmatchedTokens is [var unknown, ..]
            ? Unknown(command, call, unknown)
            : new HoldfastException(
                ErrorCode.Usage,
                string.Join("; ", parsed.Errors.Select(e => e.Message.TrimEnd('.'))),
                $"{call} --help"
            );
    }

    private static HoldfastException Unknown(Command command, string call, string unknown)
    {
        var isOption = unknown.StartsWith('-');
        var known = isOption
            ? command.Options.Concat(HelpText.Global(command)).Select(o => o.Name)
            : command.Subcommands.Select(c => c.Name);
        var nearest = Nearest.Of(unknown, known);
        var message =
            isOption ? $"{call} has no option '{unknown}'"
            : command.Subcommands.Count > 0 ? $"'{unknown}' is no command of {call}"
            : $"'{unknown}' is one argument too many";
        return new HoldfastException(
            ErrorCode.Usage,
            message,
            nearest is null ? $"{call} --help" : $"{call} {nearest}"
        );
    }
}
