using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Holdfast.Cli.CommandLine;

/// <summary>The help of a command: what it does, an example, its own options, and those of every command.</summary>
internal static class HelpText
{
    private const int Indent = 2;
    private const int Gap = 2;

    /// <summary>Lets <c>--help</c> of all commands print this help.</summary>
    public static void Install(RootCommand root)
    {
        root.Options.Remove(root.Options.OfType<HelpOption>().Single());
        root.Options.Add(new HelpOption("--help", "-h") { Action = new Printing() });
    }

    /// <summary>The help as lines, wrapped to a width.</summary>
    public static IEnumerable<string> Lines(Command command, int width)
    {
        var own = Own(command);
        yield return $"{command.Description}";
        yield return "";
        yield return $"Usage:  {Usage(command)}";
        if (command is ExampleCommand described)
        {
            foreach (var line in (string[])["", "Example:", new string(' ', Indent) + described.Example])
            {
                yield return line;
            }
        }

        (string Title, IEnumerable<(string, string)> Rows)[] parts =
        [
            ("Commands", command.Subcommands.Where(c => !c.Hidden).Select(c => (c.Name, c.Description ?? ""))),
            ("Arguments", command.Arguments.Select(a => ($"<{a.Name}>", a.Description ?? ""))),
            ("Options", own.Select(Row)),
            ("Options of every command", command is RootCommand ? Global(command).Select(Row) : []),
        ];
        var column = parts.SelectMany(p => p.Rows).Select(r => r.Item1.Length).DefaultIfEmpty().Max() + Indent + Gap;
        foreach (var (title, rows) in parts.Where(p => p.Rows.Any()))
        {
            yield return "";
            yield return $"{title}:";
            foreach (var line in rows.SelectMany(r => Wrapped(r, column, width)))
            {
                yield return line;
            }
        }

        if (command is not RootCommand)
        {
            yield return "";
            var others = string.Join(", ", Global(command).Where(o => o is not VersionOption).Select(o => o.Name));
            foreach (var line in Wrapped(("And", $"{others}: see holdfast --help"), "And ".Length, width))
            {
                yield return line.TrimStart();
            }
        }
    }

    /// <summary>The options that only this command has.</summary>
    public static IReadOnlyList<Option> Own(Command command) =>
        command is RootCommand ? [] : [.. command.Options.Where(o => !o.Hidden)];

    /// <summary>The options that every command has.</summary>
    public static IReadOnlyList<Option> Global(Symbol command) =>
        [.. Chain(command).Last().Options.Where(o => !o.Hidden).OrderBy(o => o is HelpOption or VersionOption)];

    /// <summary>The words that call a command.</summary>
    public static string Call(Command command) =>
        string.Join(' ', Chain(command).Reverse().Select(c => c is RootCommand ? "holdfast" : c.Name));

    /// <summary>How a command is called, with what it takes.</summary>
    public static string Usage(Command command)
    {
        var tail = command.Subcommands.Count > 0 ? ["<command>"] : command.Arguments.Select(Usage);
        return string.Join(' ', [Call(command), "[options]", .. tail]);
    }

    /// <summary>The names of an option, with what it takes.</summary>
    public static (string Names, string Description) Row(Option option)
    {
        var names = string.Join(
            ", ",
            option.Aliases.Where(a => a[0] == '-').Prepend(option.Name).Order(new ByLength())
        );
        return (
            option.HelpName is { } value ? $"{names} <{value}>" : names,
            option is HelpOption ? "Print this help"
            : option is VersionOption ? "Print the version"
            : option.Description ?? ""
        );
    }

    /// <summary>A line that shows the use of the command that was called.</summary>
    public static string ExampleOf(ParseResult parsed) =>
        parsed.CommandResult.Command is ExampleCommand command ? command.Example : "holdfast --help";

    private static string Usage(Argument argument) =>
        (argument.Arity.MinimumNumberOfValues, argument.Arity.MaximumNumberOfValues) switch
        {
            (0, 1) => $"[<{argument.Name}>]",
            (0, _) => $"[<{argument.Name}>...]",
            (_, 1) => $"<{argument.Name}>",
            _ => $"-- <{argument.Name}>...",
        };

    private static IEnumerable<Command> Chain(Symbol symbol)
    {
        for (var at = symbol as Command; at is not null; at = at.Parents.OfType<Command>().FirstOrDefault())
        {
            yield return at;
        }
    }

    private static IEnumerable<string> Wrapped((string Left, string Right) row, int column, int width)
    {
        var line = (new string(' ', Indent) + row.Left).PadRight(column);
        foreach (var word in row.Right.Split(' '))
        {
            if (line.Length + word.Length > width && line.Length > column)
            {
                yield return line.TrimEnd();
                line = new string(' ', column);
            }

            line += word + " ";
        }

        yield return line.TrimEnd();
    }

    // "-v, --verbose": the short name first.
    private sealed class ByLength : IComparer<string>
    {
        public int Compare(string? x, string? y) => x!.Length.CompareTo(y!.Length);
    }

    private sealed class Printing : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            Output.CommandOutput.Help(parseResult.CommandResult.Command, isAnswer: true);
            return 0;
        }
    }
}
