using System.Globalization;
using System.Text.RegularExpressions;

namespace Holdfast.Examples.Tests.Documentation;

/// <summary>A command of a page, and the exit code that the page says it has.</summary>
/// <param name="Text">The command, of more than one line when it is continued or holds a here-document.</param>
/// <param name="ExitCode">0, or what a trailing comment <c># exit N</c> says.</param>
internal sealed partial record DocumentedCommand(string Text, int ExitCode)
{
    /// <summary>Whether a line calls holdfast.</summary>
    public static bool IsHoldfast(string line) => Holdfast().IsMatch(line);

    /// <summary>
    /// What is run of a block: all of one that is marked <c>sh</c>; the calls of holdfast of one that is not marked;
    /// nothing of any other, such as <c>console</c> (needs what a test does not have) and <c>text</c> (output).
    /// </summary>
    public static IReadOnlyList<DocumentedCommand> Of(FencedBlock block) =>
        block.Language switch
        {
            "sh" => [.. Commands(block.Lines)],
            "" => [.. Commands(block.Lines).Where(c => IsHoldfast(c.Text))],
            _ => [],
        };

    private static IEnumerable<DocumentedCommand> Commands(IReadOnlyList<string> lines)
    {
        for (var i = 0; i < lines.Count; i++)
        {
            var first = i;
            while (lines[i].EndsWith('\\'))
            {
                i++;
            }

            if (Compound().IsMatch(lines[i]))
            {
                while (lines[i] is not ("done" or "fi"))
                {
                    i++;
                }
            }

            if (HereDocument().Match(lines[i]) is { Success: true } here)
            {
                while (lines[i] != here.Groups["end"].Value)
                {
                    i++;
                }
            }

            var text = string.Join('\n', lines.Skip(first).Take(i - first + 1));
            if (text.Trim().Length > 0)
            {
                var said = SaidExitCode().Match(text);
                var code = said.Success ? int.Parse(said.Groups["code"].Value, CultureInfo.InvariantCulture) : 0;
                yield return new DocumentedCommand(text, code);
            }
        }
    }

    [GeneratedRegex(@"^(\./)?holdfast( |$)")]
    private static partial Regex Holdfast();

    [GeneratedRegex("^(for|while|until|if) ")]
    private static partial Regex Compound();

    [GeneratedRegex("<<'?(?<end>[A-Z]+)'?", RegexOptions.ExplicitCapture)]
    private static partial Regex HereDocument();

    [GeneratedRegex(@"# exit (?<code>\d+)\b", RegexOptions.ExplicitCapture)]
    private static partial Regex SaidExitCode();
}
