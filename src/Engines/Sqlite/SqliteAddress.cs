using Holdfast.Core.Errors;

namespace Holdfast.Engines.Sqlite;

/// <summary>
/// Where a SQLite database is: a path, <c>sqlite:///relative</c>, <c>sqlite:////absolute</c> (the rule of SQLAlchemy,
/// also with a driver as in <c>sqlite+aiosqlite:</c>) or a <c>file:</c> URI.
/// </summary>
/// <param name="Path">The path of the file as it was given, relative or absolute.</param>
public sealed record SqliteAddress(string Path)
{
    private const string Rule = "sqlite:///relative/path.db has three slashes, sqlite:////absolute/path.db has four";

    /// <summary>The name of the database unless another is given: the file name without its extension.</summary>
    public string DefaultName => System.IO.Path.GetFileNameWithoutExtension(Path);

    /// <summary>Reads an address; null when it belongs to another engine.</summary>
    /// <exception cref="HoldfastException"><see cref="ErrorCode.Usage"/>: meant for SQLite, but not an address.</exception>
    public static SqliteAddress? TryParse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var scheme = colon > 0 && Uri.CheckSchemeName(text[..colon]) ? text[..colon].ToLowerInvariant() : "";
        if (scheme is "sqlite" or "sqlite3" || scheme.StartsWith("sqlite+", StringComparison.Ordinal))
        {
            return FromUrl(text, text[(colon + 1)..]);
        }

        if (scheme == "file")
        {
            return FromFileUri(text, text[(colon + 1)..]);
        }

        var foreign = scheme.Length > 0 && text.AsSpan(colon + 1).StartsWith("//");
        return foreign ? null : OfFile(text, text);
    }

    private static SqliteAddress FromUrl(string text, string rest) =>
        rest.StartsWith("///", StringComparison.Ordinal)
            ? OfFile(text, Decode(rest[3..]))
            : throw new HoldfastException(ErrorCode.Usage, $"'{text}' is not the address of a SQLite database", Rule);

    private static SqliteAddress FromFileUri(string text, string rest)
    {
        if (rest.StartsWith("//", StringComparison.Ordinal))
        {
            var slash = rest.IndexOf('/', 2);
            var authority = slash < 0 ? rest[2..] : rest[2..slash];
            if (slash < 0 || authority is not ("" or "localhost"))
            {
                throw new HoldfastException(
                    ErrorCode.Usage,
                    $"'{text}' names another host",
                    "file:relative/path.db or file:///absolute/path.db"
                );
            }

            rest = rest[slash..];
        }

        return OfFile(text, Decode(rest));
    }

    // What follows tells a driver how to open the database; it is not part of where it is.
    private static string Decode(string path) => Uri.UnescapeDataString(path.Split('?', '#')[0]);

    private static SqliteAddress OfFile(string text, string path) =>
        path is "" or ":memory:" || path.Contains('\0', StringComparison.Ordinal)
            ? throw new HoldfastException(ErrorCode.Usage, $"'{text}' names no file that could be copied", Rule)
            : new SqliteAddress(path);
}
