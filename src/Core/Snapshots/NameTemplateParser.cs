using System.Text.RegularExpressions;
using Holdfast.Core.Errors;

namespace Holdfast.Core.Snapshots;

/// <summary>Reads name templates, and refuses those whose names could not be told apart or read back.</summary>
internal static partial class NameTemplateParser
{
    private static readonly string[] CompressionEndings = [".gz", ".zst", ".hfe"];

    // With these at its end, a copy would look like the sidecar of another.
    private static readonly string[] SidecarEndings = [".json", ".verified", ".damaged", ".marked", ".pin"];

    /// <summary>Splits a template into its parts.</summary>
    /// <exception cref="HoldfastException"><see cref="ErrorCode.Usage"/>.</exception>
    public static IReadOnlyList<NamePart> Parse(string text)
    {
        var parts = Split(text);
        if (parts.Count(p => p.IsTime) != 1)
        {
            throw Bad(
                text,
                "it needs {time:…}, {local:…} or {unix}, and just one of them: copies are chosen by the time in their name"
            );
        }

        if (parts.Where(p => p.Kind != NamePartKind.Literal).GroupBy(p => p.Kind).Any(kind => kind.Count() > 1))
        {
            throw Bad(text, "it holds a token twice");
        }

        if (
            parts
                .Zip(parts.Skip(1))
                .Any(pair => pair.First.Kind != NamePartKind.Literal && pair.Second.Kind != NamePartKind.Literal)
        )
        {
            throw Bad(text, "two tokens need a text between them, or their values could not be told apart");
        }

        RequireEnding(text, parts[^1]);
        return WithSequence(parts);
    }

    /// <summary>A template that cannot be used.</summary>
    public static HoldfastException Bad(string template, string why) =>
        new(
            ErrorCode.Usage,
            $"the name template '{template}' cannot be used: {why}",
            $"for example: {NameTemplate.Default}.db"
        );

    private static void RequireEnding(string text, NamePart last)
    {
        var ending = last.Kind == NamePartKind.Literal ? last.Text : "";
        if (CompressionEndings.Any(e => ending.EndsWith(e, StringComparison.OrdinalIgnoreCase)))
        {
            throw Bad(
                text,
                "leave the extension of compression and encryption away, it is put behind the name as it applies"
            );
        }

        if (SidecarEndings.Any(e => ending.EndsWith(e, StringComparison.OrdinalIgnoreCase)))
        {
            throw Bad(text, $"names ending in {string.Join(", ", SidecarEndings)} belong to the objects beside copies");
        }
    }

    // The number of a second copy goes before ".db" or ".tar.db", when the template ends in one.
    private static List<NamePart> WithSequence(List<NamePart> parts)
    {
        var sequence = new NamePart(NamePartKind.Sequence, "");
        if (
            parts[^1] is not { Kind: NamePartKind.Literal } last
            || Extension().Match(last.Text) is not { Success: true } end
        )
        {
            return [.. parts, sequence];
        }

        List<NamePart> split = [.. parts[..^1]];
        if (end.Index > 0)
        {
            split.Add(last with { Text = last.Text[..end.Index] });
        }

        return [.. split, sequence, last with { Text = end.Value }];
    }

    private static List<NamePart> Split(string text)
    {
        var parts = new List<NamePart>();
        var at = 0;
        foreach (Match token in Token().Matches(text))
        {
            AddLiteral(parts, text, text[at..token.Index]);
            parts.Add(ReadToken(text, token));
            at = token.Index + token.Length;
        }

        AddLiteral(parts, text, text[at..]);
        return parts;
    }

    private static void AddLiteral(List<NamePart> parts, string template, string literal)
    {
        if (literal.IndexOfAny(['{', '}', '\\']) >= 0 || literal.Any(char.IsControl))
        {
            throw Bad(template, $"'{literal}' is not allowed outside of a token");
        }

        if (literal.Length > 0)
        {
            parts.Add(new NamePart(NamePartKind.Literal, literal));
        }
    }

    private static NamePart ReadToken(string template, Match token)
    {
        var format = token.Groups["format"].Value;
        var kind = token.Groups["name"].Value switch
        {
            "database" => NamePartKind.Database,
            "time" => NamePartKind.Time,
            "local" => NamePartKind.Local,
            "unix" => NamePartKind.Unix,
            "reason" => NamePartKind.Reason,
            "id" => NamePartKind.Id,
            var other => throw Bad(
                template,
                $"there is no {{{other}}}; there are {{database}}, {{time:…}}, {{local:…}}, {{unix}}, {{reason}}, {{id}}"
            ),
        };
        if (kind is NamePartKind.Time or NamePartKind.Local)
        {
            return TimeFormat.Problem(format) is { } problem
                ? throw Bad(template, $"'{format}' is no time format: {problem}")
                : new NamePart(kind, TimeFormat.ToDotNet(format));
        }

        return format.Length == 0 ? new NamePart(kind, "") : throw Bad(template, $"{token.Value} takes no format");
    }

    [GeneratedRegex(@"\{(?<name>[a-z]+)(:(?<format>[^{}]*))?\}", RegexOptions.ExplicitCapture)]
    private static partial Regex Token();

    [GeneratedRegex(@"(\.[A-Za-z][A-Za-z0-9]{0,9}){1,3}\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Extension();
}
