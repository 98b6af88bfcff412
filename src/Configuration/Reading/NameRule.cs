using System.Text.RegularExpressions;

namespace Holdfast.Configuration.Reading;

/// <summary>What databases and targets may be called: never what could be meant as a path or an address.</summary>
internal static partial class NameRule
{
    /// <summary>The names, for the schema.</summary>
    public const string Pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$";

    private static readonly string[] DatabaseExtensions = [".db", ".db3", ".sqlite", ".sqlite3"];

    /// <summary>Checks a name.</summary>
    /// <returns>Null, or what is wrong: it goes on after the name.</returns>
    public static string? Check(string name, string elementName)
    {
        var isPath =
            name.AsSpan().IndexOfAny('/', '\\') >= 0
            || name[0] is '.' or '~'
            || DatabaseExtensions.Any(extension => name.EndsWith(extension, StringComparison.OrdinalIgnoreCase));
        return isPath ? $"looks like a path; give the {elementName} a name, and write the path below it"
            : Name().IsMatch(name) ? null
            : "is not a name; take up to 64 letters, digits, \".\", \"_\" and \"-\", a letter or digit first";
    }

    [GeneratedRegex(Pattern, RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
