using System.Text.RegularExpressions;

namespace Holdfast.Configuration.References;

/// <summary>What a part of a written text is.</summary>
internal enum PartKind
{
    Literal,
    Environment,
    File,
    Malformed,
}

/// <summary>A part of a text as it was written: literal, or a reference to where the text is.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Written">The part as it was written.</param>
/// <param name="Content">The literal text, the name of the variable or the path of the file.</param>
internal sealed partial record TextPart(PartKind Kind, string Written, string Content)
{
    /// <summary>Whether it may be printed: it says where a text is, and not what it is.</summary>
    public bool IsReference => Kind is PartKind.Environment or PartKind.File;

    /// <summary>Splits a text into literals and references; <c>$${</c> is a literal <c>${</c>.</summary>
    public static IReadOnlyList<TextPart> Split(string text)
    {
        var parts = new List<TextPart>();
        var from = 0;
        foreach (var match in Marker().EnumerateMatches(text))
        {
            if (match.Index > from)
            {
                parts.Add(Literal(text[from..match.Index]));
            }

            parts.Add(Marked(text.Substring(match.Index, match.Length)));
            from = match.Index + match.Length;
        }

        if (from < text.Length)
        {
            parts.Add(Literal(text[from..]));
        }

        return parts;
    }

    private static TextPart Literal(string text) => new(PartKind.Literal, text, text);

    private static TextPart Marked(string text)
    {
        if (text is "$${")
        {
            return new TextPart(PartKind.Literal, text, "${");
        }

        var body = text.EndsWith('}') ? text[2..^1] : "";
        if (body.StartsWith("env:", StringComparison.Ordinal) && VariableName().IsMatch(body[4..]))
        {
            return new TextPart(PartKind.Environment, text, body[4..]);
        }

        return body.StartsWith("file:/", StringComparison.Ordinal)
            ? new TextPart(PartKind.File, text, body[5..])
            : new TextPart(PartKind.Malformed, text, "");
    }

    [GeneratedRegex(@"\$\$\{|\$\{[^}]*\}?", RegexOptions.CultureInvariant)]
    private static partial Regex Marker();

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex VariableName();
}
