using System.CommandLine;

namespace Holdfast.Cli.CommandLine;

/// <summary>How commands are put together.</summary>
internal static class CommandExtensions
{
    /// <summary>A command with its help; the example is a line that a test runs.</summary>
    public static Command Describe(string name, string description, string example) =>
        new ExampleCommand(name, description, example);

    public static Command With(this Command command, params IEnumerable<Symbol> symbols)
    {
        foreach (var symbol in symbols)
        {
            switch (symbol)
            {
                case Option option:
                    command.Options.Add(option);
                    break;
                case Argument argument:
                    command.Arguments.Add(argument);
                    break;
                case Command subcommand:
                    command.Subcommands.Add(subcommand);
                    break;
            }
        }

        return command;
    }

    public static Command Does(this Command command, Func<Session, CancellationToken, Task<int>> action)
    {
        command.SetAction(
            async (parsed, token) =>
            {
                UsageErrors.ThrowIfOptionIsUnknown(parsed);
                using var session = new Session(parsed);
                return await action(session, token);
            }
        );
        return command;
    }
}

/// <summary>A command with a line that shows its use.</summary>
internal sealed class ExampleCommand(string name, string description, string example) : Command(name, description)
{
    /// <summary>A line as a person types it.</summary>
    public string Example => example;
}
