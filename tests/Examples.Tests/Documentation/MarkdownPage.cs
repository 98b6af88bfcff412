using System.Text.RegularExpressions;

namespace Holdfast.Examples.Tests.Documentation;

/// <summary>A fenced block of a page.</summary>
/// <param name="Page">The page's path in the repository.</param>
/// <param name="Line">The line of its first line, counted from 1.</param>
/// <param name="Language">What stands behind the opening fence.</param>
/// <param name="Lines">Its lines.</param>
internal sealed record FencedBlock(string Page, int Line, string Language, IReadOnlyList<string> Lines)
{
    /// <summary>How a test case is named after it.</summary>
    public string Id => $"{Page}:{Line}";
}

/// <summary>Reads the fenced blocks of Markdown.</summary>
internal static partial class MarkdownPage
{
    public static IReadOnlyList<FencedBlock> BlocksOf(string page, string[] lines)
    {
        var blocks = new List<FencedBlock>();
        for (var i = 0; i < lines.Length; i++)
        {
            if (Fence().Match(lines[i]) is not { Success: true } open)
            {
                continue;
            }

            var end = Array.FindIndex(lines, i + 1, line => line.Trim() == open.Groups["fence"].Value);
            Assert.True(end > 0, $"{page}:{i + 1}: the block has no end");
            blocks.Add(new FencedBlock(page, i + 2, open.Groups["language"].Value, lines[(i + 1)..end]));
            i = end;
        }

        return blocks;
    }

    [GeneratedRegex("^ *(?<fence>```+)(?<language>[a-z]*) *$", RegexOptions.ExplicitCapture)]
    private static partial Regex Fence();
}
