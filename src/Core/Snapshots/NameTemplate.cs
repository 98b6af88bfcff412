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
/// <c>- _ . T Z</c>. Behind the name comes the extension of the compression. Specified in docs/format.md. Immutable,
/// thread-safe.
/// </summary>
public sealed partial class NameTemplate
{
    /// <summary>The template of a database for which nothing else is said.</summary>
    public const string Default = "{database}-{time:yyyyMMdd-HHmmss}";

    /// <summary>The highest number that tells copies apart whose name would be the same.</summary>
    public const int LastSequence = 999;

    private readonly IReadOnlyList<NamePart> parts;
    private readonly TimeZoneInfo zone;
    private readonly string? database;
    private readonly Regex pattern;

    private NameTemplate(string text, IReadOnlyList<NamePart> parts, string? database, TimeZoneInfo zone)
    {
        Text = text;
        this.parts = parts;
        this.database = database;
        this.zone = zone;

        // At most two tokens of any length, and names are short: it takes no time that needs a limit.
        pattern = new Regex(
            $@"^{string.Concat(parts.Select(Pattern))}(\.gz|\.zst)?(\.hfe)?\z",
            RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
            Regex.InfiniteMatchTimeout
        );
    }

    /// <summary>The template as it was written.</summary>
    public string Text { get; }

    /// <summary>Reads a template.</summary>
    /// <param name="text">The template.</param>
    /// <param name="database">The database's name; null matches names of any database, and cannot render.</param>
    /// <param name="zone">The time zone of <c>{local:…}</c>.</param>
    /// <exception cref="HoldfastException">
    /// <see cref="ErrorCode.Usage"/>: it is malformed, has no time, or makes names that no store or no listing can take.
    /// </exception>
    public static NameTemplate Parse(string text, string? database, TimeZoneInfo zone)
    {
        var template = new NameTemplate(text, NameTemplateParser.Parse(text), database, zone);
        foreach (var sequence in (int[])[1, LastSequence])
        {
            var name = template.Build(
                DateTimeOffset.UnixEpoch.AddYears(50),
                database ?? "x",
                new string('x', LongestSlug),
                "00000000",
                sequence
            );
            if (!ObjectKey.IsValid(name) || !IsUsable(name + ".zst.hfe"))
            {
                throw NameTemplateParser.Bad(text, $"'{name}' is no valid name of an object");
            }
        }

        return template;
    }

    /// <summary>The name of a snapshot.</summary>
    /// <param name="time">When the copy was begun.</param>
    /// <param name="reason">Why; made safe for a name; "manual" when null.</param>
    /// <param name="id">The random id.</param>
    /// <param name="sequence">1 for the first of its name, 2 and up put a number before the extension.</param>
    /// <param name="extension">The extension of the compression, with its dot, or "".</param>
    public ObjectKey Render(DateTimeOffset time, string? reason, string id, int sequence, string extension)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sequence, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sequence, LastSequence);
        var name = database ?? throw new InvalidOperationException("a template without a database cannot render");
        return new ObjectKey(Build(time, name, Slug(reason), id, sequence) + extension);
    }

    /// <summary>Reads a name; null when it does not fit the template.</summary>
    public SnapshotName? Match(ObjectKey key)
    {
        var match = pattern.Match(key.Value);
        if (!match.Success || !IsUsable(key.Value) || ReadTime(match.Groups["time"].Value) is not var (time, ambiguous))
        {
            return null;
        }

        return new SnapshotName(
            key,
            database ?? Read(match, "database"),
            time,
            Read(match, "sequence") is { } number ? int.Parse(number, CultureInfo.InvariantCulture) : 1,
            Read(match, "reason"),
            Read(match, "id") ?? SnapshotName.IdOf(key),
            ambiguous
        );
    }

    /// <summary>A reason as a part of a name: lower-case letters, digits and single dashes, at most 60.</summary>
    public static string Slug(string? reason)
    {
        var slug = NotInSlug().Replace((reason ?? "").ToLowerInvariant(), "-").Trim('-');
        slug = slug.Length > LongestSlug ? slug[..LongestSlug].TrimEnd('-') : slug;
        return slug.Length == 0 ? "manual" : slug;
    }

    private const int LongestSlug = 60;

    // A copy needs room for its sidecars' names, too.
    private static bool IsUsable(string name) => ObjectKey.IsValid(name + SidecarNames.LongestEnding);

    private static string? Read(Match match, string group) =>
        match.Groups[group] is { Success: true } found ? found.Value : null;

    private string Build(DateTimeOffset time, string databaseName, string slug, string id, int sequence)
    {
        var name = new StringBuilder();
        foreach (var part in parts)
        {
            name.Append(
                part.Kind switch
                {
                    NamePartKind.Literal => part.Text,
                    NamePartKind.Database => databaseName,
                    NamePartKind.Time => time.UtcDateTime.ToString(part.Text, CultureInfo.InvariantCulture),
                    NamePartKind.Local => TimeZoneInfo
                        .ConvertTime(time, zone)
                        .DateTime.ToString(part.Text, CultureInfo.InvariantCulture),
                    NamePartKind.Unix => time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
                    NamePartKind.Reason => slug,
                    NamePartKind.Id => id,
                    _ => sequence == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"-{sequence}"),
                }
            );
        }

        return name.ToString();
    }

    private string Pattern(NamePart part) =>
        part.Kind switch
        {
            NamePartKind.Literal => Regex.Escape(part.Text),
            NamePartKind.Database => database is null ? "(?<database>.+?)" : Regex.Escape(database),
            NamePartKind.Unix => "(?<time>[0-9]{9,11})",
            NamePartKind.Reason => "(?<reason>[A-Za-z0-9._-]+?)",
            NamePartKind.Id => "(?<id>[0-9a-f]{8})",
            NamePartKind.Sequence => "(-(?<sequence>[2-9]|[1-9][0-9]{1,2}))?",
            _ => $"(?<time>{TimeFormat.Pattern(part.Text)})",
        };

    private (DateTimeOffset Time, bool IsAmbiguous)? ReadTime(string text)
    {
        var part = parts.First(p => p.IsTime);
        if (part.Kind == NamePartKind.Unix)
        {
            return (DateTimeOffset.FromUnixTimeSeconds(long.Parse(text, CultureInfo.InvariantCulture)), false);
        }

        // Beside the first and the last year there is no room for the offset of a zone.
        if (
            !DateTime.TryParseExact(text, part.Text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var moment)
            || moment.Year is 1 or 9999
        )
        {
            return null;
        }

        if (part.Kind == NamePartKind.Time)
        {
            return (new DateTimeOffset(moment, TimeSpan.Zero), false);
        }

        // In the hour that clocks go through twice a name means two times: the earlier one is taken, as a name cuts off
        // the rest of its second. The manifest knows better.
        return zone.IsAmbiguousTime(moment)
            ? (new DateTimeOffset(moment, zone.GetAmbiguousTimeOffsets(moment).Max()).ToUniversalTime(), true)
            : (new DateTimeOffset(moment, zone.GetUtcOffset(moment)).ToUniversalTime(), false);
    }

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex NotInSlug();
}
