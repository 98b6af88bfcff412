using System.Text.RegularExpressions;

namespace Holdfast.Core.Snapshots;

/// <summary>The formats of times in names.</summary>
internal static partial class TimeFormat
{
    private static readonly string[] Units = ["yyyy", "MM", "dd", "HH", "mm", "ss", "f"];

    /// <summary>What is wrong with a format; null when nothing is.</summary>
    public static string? Problem(string format)
    {
        if (!Shape().IsMatch(format))
        {
            return "use yyyy MM dd HH mm ss fff and - _ . T Z";
        }

        // .NET takes MMMM for the name of a month, and a time without its month for one of January.
        var units = Unit().Matches(format).Select(m => m.Value[0] == 'f' ? "f" : m.Value).ToList();
        return Units.Take(units.Count).Order().SequenceEqual(units.Order())
            ? null
            : "each of yyyy MM dd HH mm ss fff may be there once, and none without those before it";
    }

    /// <summary>The format as .NET understands it.</summary>
    public static string ToDotNet(string format) =>
        format.Replace("T", "'T'", StringComparison.Ordinal).Replace("Z", "'Z'", StringComparison.Ordinal);

    /// <summary>The regular expression for texts of a format of .NET.</summary>
    public static string Pattern(string dotNetFormat) =>
        string.Concat(
            dotNetFormat
                .Where(c => c != '\'')
                .Select(c => char.IsAsciiLetter(c) && c is not ('T' or 'Z') ? "[0-9]" : Regex.Escape(c.ToString()))
        );

    [GeneratedRegex(@"^(yyyy|MM|dd|HH|mm|ss|f{1,7}|[-_.TZ])+\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Shape();

    [GeneratedRegex("yyyy|MM|dd|HH|mm|ss|f{1,7}")]
    private static partial Regex Unit();
}
