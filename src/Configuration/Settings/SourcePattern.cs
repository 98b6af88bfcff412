using System.Diagnostics.CodeAnalysis;
using System.IO.Enumeration;

namespace Holdfast.Configuration.Settings;

/// <summary>
/// A source that stands for many databases: a path in whose last part <c>*</c> stands for any characters and <c>?</c>
/// for one. Immutable.
/// </summary>
/// <param name="Directory">The directory, as it was written; empty for the working directory.</param>
/// <param name="FileName">The pattern of the file names.</param>
public sealed record SourcePattern(string Directory, string FileName)
{
    private static readonly char[] Wildcards = ['*', '?'];

    /// <summary>Reads a source; null when it is one database.</summary>
    public static SourcePattern? TryParse(string source)
    {
        if (!IsPattern(source))
        {
            return null;
        }

        var slash = source.LastIndexOf('/') + 1;
        return new SourcePattern(source[..slash], source[slash..]);
    }

    /// <summary>Tells the database of a file.</summary>
    /// <param name="database">What the configuration calls the pattern.</param>
    /// <param name="fileName">The name of a file in the directory.</param>
    /// <param name="name">
    /// The name of the pattern, "-", and the part of the file's name from the first wildcard to the last.
    /// </param>
    /// <returns>False when the file is none of its databases.</returns>
    public bool TryName(string database, string fileName, [NotNullWhen(true)] out string? name)
    {
        var before = FileName.IndexOfAny(Wildcards);
        var after = FileName.Length - 1 - FileName.LastIndexOfAny(Wildcards);
        name =
            fileName.Length > before + after
            && !IsBesideDatabase(fileName)
            && FileSystemName.MatchesSimpleExpression(FileName, fileName, ignoreCase: false)
                ? NameOf(database, fileName[before..^after])
                : null;
        return name is not null;
    }

    /// <summary>What the names of all its databases begin with.</summary>
    public static string NamePrefix(string database) => $"{database}-";

    /// <summary>Checks a source; gives null, or what is wrong.</summary>
    internal static string? Check(string source) =>
        IsPattern(source) && source.LastIndexOf('/') is var slash && source.IndexOfAny(Wildcards) < slash
            ? "has a wildcard in the name of a directory; * and ? may stand in the last part of the path"
        : source.EndsWith('/') && IsPattern(source) ? "is a directory"
        : null;

    private static string NameOf(string database, string match) => NamePrefix(database) + match;

    // A URL has its own meaning of "?", and is how a file is written whose name has such characters.
    private static bool IsPattern(string source) =>
        source.IndexOfAny(Wildcards) >= 0
        && !Uri.CheckSchemeName(source.Split(':', 2) is [var scheme, _] ? scheme : "");

    private static bool IsBesideDatabase(string fileName) =>
        fileName.EndsWith("-wal", StringComparison.Ordinal)
        || fileName.EndsWith("-shm", StringComparison.Ordinal)
        || fileName.EndsWith("-journal", StringComparison.Ordinal);
}
