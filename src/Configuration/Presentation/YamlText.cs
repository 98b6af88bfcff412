using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Holdfast.Configuration.Definition;

namespace Holdfast.Configuration.Presentation;

/// <summary>Writes texts as YAML.</summary>
internal static partial class YamlText
{
    /// <summary>A value of a type: numbers and truths bare, texts in quotes where they need them.</summary>
    public static string Value(string text, ScalarType type) =>
        !type.IsText && Bare().IsMatch(text) ? text : Quote(text);

    /// <summary>A text, in quotes unless nothing else can be meant by it.</summary>
    public static string Quote(string text)
    {
        if (Plain().IsMatch(text) && !Ambiguous().IsMatch(text))
        {
            return text;
        }

        var quoted = new StringBuilder("\"");
        foreach (var character in text)
        {
            quoted.Append(
                character switch
                {
                    '"' => "\\\"",
                    '\\' => "\\\\",
                    _ when char.IsControl(character) || character is '\u2028' or '\u2029' or '\uFEFF' => string.Create(
                        CultureInfo.InvariantCulture,
                        $"\\u{(int)character:X4}"
                    ),
                    _ => character.ToString(),
                }
            );
        }

        return quoted.Append('"').ToString();
    }

    // No indicator first, and within only what is plain in lists and mappings, too.
    [GeneratedRegex(@"\A[A-Za-z0-9/._](?:[A-Za-z0-9/._+@$~=-]|:(?=[A-Za-z0-9/._]))*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Plain();

    // What YAML readers of any version take for something other than a text.
    [GeneratedRegex(
        @"\A(?:null|true|false|yes|no|on|off|y|n|[-+.]?[0-9][0-9_:.,eE+-]*|0[xo].*|\.inf|\.nan)\z",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase
    )]
    private static partial Regex Ambiguous();

    [GeneratedRegex(@"\A(?:true|false|[0-9]+)\z", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Bare();
}
