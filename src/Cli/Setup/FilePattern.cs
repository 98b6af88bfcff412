using System.Text;
using System.Text.RegularExpressions;

namespace Holdfast.Cli.Setup;

/// <summary>
/// Files whose names match, such as <c>/var/tenants/*.db</c>: <c>*</c> stands for any characters of a name but a leading dot,
/// <c>?</c> for one. Links are followed; SQLite's own files beside a database never match.
/// </summary>
internal sealed class FilePattern
{
    private static readonly string[] SideFiles = ["-wal", "-shm", "-journal"];
    private static readonly EnumerationOptions Enumeration = new()
    {
        IgnoreInaccessible = true,
        AttributesToSkip = FileAttributes.None,
        MatchType = MatchType.Simple,
    };

    private readonly List<(string Text, Regex? Wildcards)> segments = [];

    private FilePattern(string text)
    {
        Text = text;
        var parts = Path.GetFullPath(text).Split('/', StringSplitOptions.RemoveEmptyEntries);
        segments.AddRange(parts.Select(part => (part, IsWild(part) ? ToRegex(part) : null)));
        Root = "/" + string.Join('/', segments.TakeWhile(s => s.Wildcards == null).Select(s => s.Text));
    }

    /// <summary>The pattern as it was given.</summary>
    public string Text { get; }

    /// <summary>The directory below which everything lies that can match.</summary>
    public string Root { get; }

    /// <summary>Reads a pattern; null when a text has no wildcard, or a file has this very name.</summary>
    public static FilePattern? TryParse(string text) =>
        IsWild(text) && !File.Exists(text) ? new FilePattern(text) : null;

    /// <summary>The files that match now, with what the wildcards stand for, joined by "-".</summary>
    public IEnumerable<(string Path, string Matched)> Find() => Find("/", 0, "");

    private IEnumerable<(string Path, string Matched)> Find(string directory, int depth, string matched)
    {
        var (text, wildcards) = segments[depth];
        var isLast = depth == segments.Count - 1;
        if (wildcards == null)
        {
            return Deeper(Path.Combine(directory, text), depth, matched, isLast);
        }

        if (!Directory.Exists(directory))
        {
            return [];
        }

        var found = isLast
            ? Directory.EnumerateFiles(directory, "*", Enumeration)
            : Directory.EnumerateDirectories(directory, "*", Enumeration);
        return found
            .Select(path => (Path: path, Match: wildcards.Match(Path.GetFileName(path))))
            .Where(item => item.Match.Success)
            .SelectMany(item => Deeper(item.Path, depth, Join(matched, item.Match), isLast));
    }

    private IEnumerable<(string Path, string Matched)> Deeper(string path, int depth, string matched, bool isLast)
    {
        if (!isLast)
        {
            return Find(path, depth + 1, matched);
        }

        return File.Exists(path) && !SideFiles.Any(end => path.EndsWith(end, StringComparison.Ordinal))
            ? [(path, matched)]
            : [];
    }

    private static string Join(string matched, Match match) =>
        string.Join(
            '-',
            match.Groups.Values.Skip(1).Select(group => group.Value).Prepend(matched).Where(part => part.Length > 0)
        );

    private static bool IsWild(string text) => text.AsSpan().IndexOfAny('*', '?') >= 0;

    private static Regex ToRegex(string segment)
    {
        var regex = new StringBuilder(segment[0] is '*' or '?' ? @"\A(?!\.)" : @"\A");
        foreach (var c in segment)
        {
            regex.Append(
                c switch
                {
                    '*' => "(.*)",
                    '?' => "(.)",
                    _ => Regex.Escape(c.ToString()),
                }
            );
        }

        // Without backtracking: the pattern is somebody's, and so are the names.
        return new Regex(
            regex.Append(@"\z").ToString(),
            RegexOptions.CultureInvariant | RegexOptions.Singleline,
            TimeSpan.FromSeconds(1)
        );
    }
}
