using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Holdfast.Core.Errors;
using Holdfast.Core.Stores;

namespace Holdfast.Core.Snapshots;

/// <summary>
/// How snapshots of a database are named, and how those names are read back. Tokens: <c>{database}</c>,
/// <c>{time:FORMAT}</c> (UTC), <c>{local:FORMAT}</c> (the schedule's time zone), <c>{unix}</c> (seconds), <c>{reason}</c>,
/// <c>{id}</c> (eight random hexadecimal digits). FORMAT consists of yyyy MM dd HH mm ss fff and the characters
/// <c>- _ . T Z</c>. Behind the name comes the extension of the compression. Immutable, thread-safe.
/// </summary>
public sealed partial class NameTemplate
{
    private readonly List<Part> parts;
    private readonly TimeZoneInfo zone;
    private readonly string? database;
    private readonly Regex pattern;

    private NameTemplate(string text, List<Part> parts, string? database, TimeZoneInfo zone)
    {
        Text = text;
        this.parts = parts;
        this.database = database;
        this.zone = zone;
        pattern = new Regex(
            Pattern(parts, database),
            RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
            TimeSpan.FromSeconds(1)
        );
    }

    /// <summary>The template of a database for which nothing else is said.</summary>
    public const string Default = "{database}-{time:yyyyMMdd-HHmmss}";

    /// <summary>The template as it was written.</summary>
    public string Text { get; }

    /// <summary>The literal beginning of every name; narrows listings.</summary>
    public string Prefix
    {
        get
        {
            var prefix = new StringBuilder();
            foreach (var part in parts.TakeWhile(p => p.Kind == PartKind.Literal || IsKnownDatabase(p)))
            {
                prefix.Append(part.Kind == PartKind.Literal ? part.Text : database);
            }

            return prefix.ToString();
        }
    }

    /// <summary>Reads a template.</summary>
    /// <param name="text">The template.</param>
    /// <param name="database">The database's name; null matches names of any database, and cannot render.</param>
    /// <param name="zone">The time zone of <c>{local:…}</c>.</param>
    /// <exception cref="HoldfastException"><see cref="ErrorCode.Usage"/>: it is malformed or has no time.</exception>
    public static NameTemplate Parse(string text, string? database, TimeZoneInfo zone)
    {
        var parts = Split(text);
        if (!parts.Exists(p => p.Kind is PartKind.Time or PartKind.Local or PartKind.Unix))
        {
            throw Bad(text, "it needs {time:…}, {local:…} or {unix}: copies are chosen by the time in their name");
        }

        if (parts.Count(p => p.Kind is PartKind.Time or PartKind.Local or PartKind.Unix) > 1)
        {
            throw Bad(text, "it must hold one time only");
        }

        return new NameTemplate(text, parts, database, zone);
    }

    /// <summary>The name of a snapshot.</summary>
    /// <param name="time">When the copy was begun.</param>
    /// <param name="reason">Why; made safe for a name; "manual" when null.</param>
    /// <param name="id">The random id.</param>
    /// <param name="sequence">1 for the first of its name, 2 and up put a number before the extension.</param>
    /// <param name="extension">The extension of the compression, with its dot, or "".</param>
    public ObjectKey Render(DateTimeOffset time, string? reason, string id, int sequence, string extension)
    {
        var name = new StringBuilder();
        foreach (var part in parts)
        {
            name.Append(
                part.Kind switch
                {
                    PartKind.Literal => part.Text,
                    PartKind.Database => database
                        ?? throw new InvalidOperationException("a template without a database cannot render"),
                    PartKind.Time => time.UtcDateTime.ToString(part.Text, CultureInfo.InvariantCulture),
                    PartKind.Local => TimeZoneInfo
                        .ConvertTime(time, zone)
                        .DateTime.ToString(part.Text, CultureInfo.InvariantCulture),
                    PartKind.Unix => time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
                    PartKind.Reason => Slug(reason),
                    _ => id,
                }
            );
        }

        var dot = FinalExtension(name.ToString());
        if (sequence > 1)
        {
            name.Insert(dot, string.Create(CultureInfo.InvariantCulture, $"-{sequence}"));
        }

        if (extension.Length > 0 && !name.ToString().EndsWith(extension, StringComparison.Ordinal))
        {
            name.Append(extension);
        }

        return new ObjectKey(name.ToString());
    }

    /// <summary>Reads a name; null when it does not fit the template.</summary>
    public SnapshotName? Match(ObjectKey key)
    {
        var match = pattern.Match(key.Value);
        if (!match.Success || ReadTime(match) is not { } time)
        {
            return null;
        }

        return new SnapshotName(
            key,
            database ?? (match.Groups["database"] is { Success: true } found ? found.Value : null),
            time,
            match.Groups["sequence"] is { Success: true } number
                ? int.Parse(number.Value, CultureInfo.InvariantCulture)
                : 1,
            match.Groups["reason"] is { Success: true } reason ? reason.Value : null,
            match.Groups["id"] is { Success: true } id ? id.Value : SnapshotName.IdOf(key)
        );
    }

    /// <summary>A reason as a part of a name: lower-case letters, digits and single dashes, at most 60.</summary>
    public static string Slug(string? reason)
    {
        var slug = NotInSlug().Replace((reason ?? "").ToLowerInvariant(), "-").Trim('-');
        slug = slug.Length > 60 ? slug[..60].TrimEnd('-') : slug;
        return slug.Length == 0 ? "manual" : slug;
    }

    private bool IsKnownDatabase(Part part) => part.Kind == PartKind.Database && database is not null;

    private DateTimeOffset? ReadTime(Match match)
    {
        var part = parts.First(p => p.Kind is PartKind.Time or PartKind.Local or PartKind.Unix);
        var text = match.Groups["time"].Value;
        if (part.Kind == PartKind.Unix)
        {
            var seconds = long.Parse(text, CultureInfo.InvariantCulture);
            return DateTimeOffset.FromUnixTimeSeconds(seconds);
        }

        if (!DateTime.TryParseExact(text, part.Text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var moment))
        {
            return null;
        }

        return part.Kind == PartKind.Time
            ? new DateTimeOffset(moment, TimeSpan.Zero)
            : new DateTimeOffset(moment, zone.GetUtcOffset(moment)).ToUniversalTime();
    }

    private static List<Part> Split(string text)
    {
        var parts = new List<Part>();
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

    private static void AddLiteral(List<Part> parts, string template, string literal)
    {
        if (literal.IndexOfAny(['{', '}', '\\']) >= 0 || literal.Any(char.IsControl))
        {
            throw Bad(template, $"'{literal}' is not allowed outside of a token");
        }

        if (literal.Length > 0)
        {
            parts.Add(new Part(PartKind.Literal, literal));
        }
    }

    private static Part ReadToken(string template, Match token)
    {
        var format = token.Groups["format"].Value;
        var kind = token.Groups["name"].Value switch
        {
            "database" => PartKind.Database,
            "time" => PartKind.Time,
            "local" => PartKind.Local,
            "unix" => PartKind.Unix,
            "reason" => PartKind.Reason,
            "id" => PartKind.Id,
            var other => throw Bad(
                template,
                $"there is no {{{other}}}; there are {{database}}, {{time:…}}, {{local:…}}, {{unix}}, {{reason}}, {{id}}"
            ),
        };
        if (kind is PartKind.Time or PartKind.Local)
        {
            return TimeFormat().IsMatch(format) && format.Contains("yyyy", StringComparison.Ordinal)
                ? new Part(
                    kind,
                    format.Replace("T", "'T'", StringComparison.Ordinal).Replace("Z", "'Z'", StringComparison.Ordinal)
                )
                : throw Bad(template, $"'{format}' is no time format; use yyyy MM dd HH mm ss fff and - _ . T Z");
        }

        return format.Length == 0 ? new Part(kind, "") : throw Bad(template, $"{token.Value} takes no format");
    }

    private static string Pattern(List<Part> parts, string? database)
    {
        var regex = new StringBuilder("^");
        for (var i = 0; i < parts.Count; i++)
        {
            var part = parts[i];
            if (part.Kind == PartKind.Literal && i == parts.Count - 1)
            {
                var dot = FinalExtension(part.Text);
                regex.Append(Regex.Escape(part.Text[..dot])).Append(SequencePattern);
                regex.Append(Regex.Escape(part.Text[dot..]));
                return regex.Append(ExtensionPattern).ToString();
            }

            regex.Append(
                part.Kind switch
                {
                    PartKind.Literal => Regex.Escape(part.Text),
                    PartKind.Database => database is null ? "(?<database>.+?)" : Regex.Escape(database),
                    PartKind.Unix => @"(?<time>\d{9,11})",
                    PartKind.Reason => "(?<reason>[A-Za-z0-9._-]+?)",
                    PartKind.Id => "(?<id>[0-9a-f]{8})",
                    _ => $"(?<time>{TimePattern(part.Text)})",
                }
            );
        }

        return regex.Append(SequencePattern).Append(ExtensionPattern).ToString();
    }

    private const string SequencePattern = @"(-(?<sequence>[1-9]\d{0,4}))?";
    private const string ExtensionPattern = @"(\.gz|\.zst)?$";

    private static string TimePattern(string format) =>
        string.Concat(
            format
                .Where(c => c != '\'')
                .Select(c => "yMdHmsf".Contains(c, StringComparison.Ordinal) ? @"\d" : Regex.Escape(c.ToString()))
        );

    // Where ".db" or ".db.gz" begins: the number of a second copy goes before it.
    private static int FinalExtension(string name)
    {
        var slash = name.LastIndexOf('/') + 1;
        var match = KnownExtension().Match(name, slash);
        return match.Success ? match.Index : name.Length;
    }

    private static HoldfastException Bad(string template, string why) =>
        new(ErrorCode.Usage, $"the name template '{template}' cannot be used: {why}", $"for example: {Default}");

    [GeneratedRegex(@"\{(?<name>[a-z]+)(:(?<format>[^{}]*))?\}", RegexOptions.ExplicitCapture)]
    private static partial Regex Token();

    [GeneratedRegex("^(yyyy|MM|dd|HH|mm|ss|f{1,7}|[-_.TZ])+$", RegexOptions.ExplicitCapture)]
    private static partial Regex TimeFormat();

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex NotInSlug();

    [GeneratedRegex(@"(\.[A-Za-z][A-Za-z0-9]{0,9}){1,3}$", RegexOptions.ExplicitCapture)]
    private static partial Regex KnownExtension();

    private enum PartKind
    {
        Literal,
        Database,
        Time,
        Local,
        Unix,
        Reason,
        Id,
    }

    private sealed record Part(PartKind Kind, string Text);
}
