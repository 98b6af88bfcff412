using System.CommandLine;
using System.CommandLine.Parsing;
using Holdfast.Configuration;
using Holdfast.Core.Errors;

namespace Holdfast.Cli.CommandLine;

/// <summary>The parser's complaints as one failure.</summary>
internal static class UsageErrors
{
    /// <summary>Whether nothing is wrong but that a command is missing: help says more than a complaint.</summary>
    public static bool IsCommandMissing(ParseResult parsed) =>
        parsed is { UnmatchedTokens.Count: 0, CommandResult.Command.Subcommands.Count: > 0 };

    /// <summary>A mistyped option would be taken for the name of a database; behind "--" anything goes.</summary>
    /// <exception cref="HoldfastException">There is one.</exception>
    public static void ThrowIfOptionIsUnknown(ParseResult parsed)
    {
        if (UnknownOption(parsed) is { } unknown)
        {
            throw Unknown(parsed.CommandResult.Command, HelpText.Call(parsed.CommandResult.Command), unknown);
        }
    }

    public static HoldfastException From(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var call = HelpText.Call(command);
        var unmatched = parsed.UnmatchedTokens is [var first, ..] ? first : null;
        return (UnknownOption(parsed) ?? unmatched) is { } unknown
            ? Unknown(command, call, unknown)
            : new HoldfastException(
                ErrorCode.Usage,
                string.Join("; ", parsed.Errors.Select(e => e.Message.TrimEnd('.'))),
                $"{call} --help"
            );
    }

    private static string? UnknownOption(ParseResult parsed)
    {
        var before = parsed.Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash).ToHashSet();
        return parsed
            .CommandResult.Children.OfType<ArgumentResult>()
            .SelectMany(argument => argument.Tokens)
            .Where(token => token.Value is ['-', _, ..] && before.Contains(token))
            .Select(token => token.Value)
            .FirstOrDefault();
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
