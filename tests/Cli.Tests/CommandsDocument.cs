using System.CommandLine;
using System.Text;
using Holdfast.Cli.CommandLine;

namespace Holdfast.Cli.Tests;

/// <summary>Writes the reference of the commands from their definitions.</summary>
internal static class CommandsDocument
{
    public static string Write()
    {
        var root = HoldfastCommand.Create();
        var text = new StringBuilder(
            """
            # Commands

            Made from the definitions of the commands; `holdfast <command> --help` says the same. Exit codes are in
            [exit-codes.md](exit-codes.md), JSON lines in [json.md](json.md), the configuration in
            [configuration.md](configuration.md).


            """
        );
        AddContents(text, root);
        text.Append("\n## Options of every command\n\n");
        AddOptions(text, HelpText.Global(root));
        foreach (var command in Leaves(root))
        {
            Add(text, command);
        }

        return text.ToString();
    }

    /// <summary>The commands that do something.</summary>
    public static IEnumerable<ExampleCommand> Leaves(Command command) =>
        command is ExampleCommand leaf ? [leaf] : command.Subcommands.SelectMany(Leaves);

    private static void AddContents(StringBuilder text, RootCommand root)
    {
        text.Append("| command | does |\n|---|---|\n");
        foreach (var command in Leaves(root))
        {
            var call = HelpText.Call(command);
            text.Append($"| [`{call}`](#{call.Replace(' ', '-')}) | {command.Description} |\n");
        }
    }

    private static void Add(StringBuilder text, ExampleCommand command)
    {
        text.Append($"\n## {HelpText.Call(command)}\n\n{command.Description}.\n\n");
        text.Append($"```sh\n{command.Example}\n```\n\nUsage: `{HelpText.Usage(command)}`\n");
        if (command.Arguments.Count > 0)
        {
            text.Append("\n| argument | meaning |\n|---|---|\n");
            foreach (var argument in command.Arguments)
            {
                text.Append($"| `<{argument.Name}>` | {Cell(argument.Description!)} |\n");
            }
        }

        if (HelpText.Own(command) is { Count: > 0 } own)
        {
            text.Append('\n');
            AddOptions(text, own);
        }
    }

    private static void AddOptions(StringBuilder text, IEnumerable<Option> options)
    {
        text.Append("| option | meaning |\n|---|---|\n");
        foreach (var (names, description) in options.Select(HelpText.Row))
        {
            text.Append($"| `{Cell(names)}` | {Cell(description)} |\n");
        }
    }

    private static string Cell(string text) => text.Replace("|", "\\|");
}
