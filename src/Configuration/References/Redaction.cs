using System.Text;
using System.Text.RegularExpressions;

namespace Holdfast.Configuration.References;

/// <summary>
/// What may be printed of a text. It hides too much rather than too little: a path that looks like a password is hidden.
/// </summary>
internal static partial class Redaction
{
    /// <summary>What stands for a secret.</summary>
    public const string Hidden = "***";

    /// <summary>The longest text that a setting may be, in characters.</summary>
    public const int LongestText = 4096;

    // References stand in the text as private-use characters while the patterns look for secrets around them; a text
    // has room for fewer references than there are such characters.
    private const char FirstPlaceholder = '\uE000';

    /// <summary>The printable form of a text as it was written.</summary>
    public static string Display(string written, bool secret)
    {
        if (written.Length > LongestText)
        {
            return Hidden;
        }

        var parts = TextPart.Split(written);
        return secret ? WithoutLiterals(parts) : WithoutCredentials(parts);
    }

    private static string WithoutLiterals(IReadOnlyList<TextPart> parts)
    {
        var display = new StringBuilder();
        var hidden = false;
        foreach (var part in parts)
        {
            if (part.IsReference)
            {
                display.Append(part.Written);
            }
            else if (!hidden)
            {
                display.Append(Hidden);
            }

            hidden = !part.IsReference;
        }

        return display.ToString();
    }

    private static string WithoutCredentials(IReadOnlyList<TextPart> parts)
    {
        var references = parts.Where(part => part.IsReference).Select(part => part.Written).Distinct().ToList();
        var text = new StringBuilder();
        foreach (var part in parts)
        {
            if (part.IsReference)
            {
                text.Append((char)(FirstPlaceholder + references.IndexOf(part.Written)));
            }
            else
            {
                text.Append(Placeholder().Replace(part.Written, "?"));
            }
        }

        var redacted = Password().Replace(text.ToString(), HideSecret);
        redacted = UserInfo().Replace(redacted, HideSecret);
        redacted = Query().Replace(redacted, HideSecret);
        return Placeholder().Replace(redacted, match => references[match.Value[0] - FirstPlaceholder]);
    }

    private static string HideSecret(Match match)
    {
        var secret = match.Groups["secret"];
        return OnlyPlaceholders().IsMatch(secret.Value)
            ? match.Value
            : string.Concat(match.Value.AsSpan(0, secret.Index - match.Index), Hidden);
    }

    // user:password@, up to the last "@": passwords that should have been percent-encoded hold "/", "?" or "@".
    [GeneratedRegex(@"://[^/?#\s:]*:(?<secret>.*)(?=@)", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Password();

    // token@, within the authority only: directories may hold an "@".
    [GeneratedRegex(@"://(?<secret>[^/?#\s:@]+)(?=@)", RegexOptions.CultureInvariant)]
    private static partial Regex UserInfo();

    [GeneratedRegex(
        @"[?&;#][^?=&;#]*(?:token|secret|key|pass|pwd|sig|auth|credential)[^?=&;#]*=(?<secret>[^&;#]+)",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase
    )]
    private static partial Regex Query();

    [GeneratedRegex(@"[\uE000-\uEFFF]", RegexOptions.CultureInvariant)]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"\A[\uE000-\uEFFF]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex OnlyPlaceholders();
}
