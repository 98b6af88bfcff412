namespace Holdfast.Configuration;

/// <summary>Foreign text in messages: short, and without characters that would command a terminal.</summary>
internal static class Printable
{
    private const int Longest = 200;

    public static string Text(string text)
    {
        var shown = text.Length > Longest ? string.Concat(text.AsSpan(0, Longest), "…") : text;
        return string.Concat(shown.Select(character => char.IsControl(character) ? '?' : character));
    }
}
