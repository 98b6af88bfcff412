using System.CommandLine;
using Holdfast.Core.Errors;

namespace Holdfast.Cli.CommandLine;

/// <summary>The parser's complaints as one failure.</summary>
internal static class UsageErrors
{
    public static HoldfastException From(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command is RootCommand ? "" : $" {parsed.CommandResult.Command.Name}";
        return new HoldfastException(
            ErrorCode.Usage,
            string.Join("; ", parsed.Errors.Select(e => e.Message.TrimEnd('.'))),
            $"holdfast{command} --help"
        );
    }
}
