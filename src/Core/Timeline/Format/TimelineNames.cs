using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Holdfast.Core.Stores;

namespace Holdfast.Core.Timeline.Format;

/// <summary>
/// The names of the objects of one lineage: <c>timeline/DATABASE/LINEAGE/NAME</c>. Numbers are hexadecimal, of fixed
/// length, so that names sort as commits do. Keep in sync with docs/timeline-format.md.
/// </summary>
/// <param name="database">The name of the database.</param>
/// <param name="lineage">The lineage.</param>
public sealed class TimelineNames(string database, LineageId lineage)
{
    private const int CommitDigits = 16;
    private const int TimeDigits = 12;
    private const int MaxSlug = 40;

    private readonly string directory = $"{Prefix(database)}{lineage}/";

    /// <summary>What the names of all objects of all timelines begin with.</summary>
    public const string Root = "timeline/";

    /// <summary>What the names of all objects of a database begin with.</summary>
    public static string Prefix(string database) => $"{Root}{database}/";

    /// <summary>What all names of a lineage begin with, its '/' included; null when an object is not of one.</summary>
    public static string? LineagePrefixOf(ObjectKey key) =>
        key.Value.StartsWith(Root, StringComparison.Ordinal)
        && key.Value.Split('/') is [_, var database, var lineage, _]
        && LineageId.TryParse(lineage, out _)
            ? $"{Prefix(database)}{lineage}/"
            : null;

    /// <summary>The name of a journal.</summary>
    public ObjectKey Journal(long first) => Key($"j-{first:x16}");

    /// <summary>The name of a roll-up.</summary>
    public ObjectKey RollUp(long first, long last, DateTimeOffset time) =>
        Key($"r-{first:x16}-{last:x16}-{Milliseconds(time):x12}");

    /// <summary>The name of a delta.</summary>
    /// <param name="level">Its level, from 1.</param>
    /// <param name="from">The commit at which the file was settled for the restore point that it builds on.</param>
    /// <param name="settled">The commit at which the file was settled.</param>
    /// <param name="finished">The newest commit when it was read.</param>
    /// <param name="time">When that was.</param>
    public ObjectKey Delta(byte level, long from, long settled, long finished, DateTimeOffset time) =>
        Key($"d{level}-{from:x16}-{settled:x16}-{finished:x16}-{Milliseconds(time):x12}");

    /// <summary>The name of a closing, of the base or delta with the same three.</summary>
    public ObjectKey Closing(long settled, long finished, DateTimeOffset time) =>
        Key($"c-{settled:x16}-{finished:x16}-{Milliseconds(time):x12}");

    /// <summary>The name of a base.</summary>
    /// <param name="settled">The commit at which the file was settled.</param>
    /// <param name="finished">The newest commit when it was read.</param>
    /// <param name="time">When that was.</param>
    public ObjectKey Base(long settled, long finished, DateTimeOffset time) =>
        Key($"b-{settled:x16}-{finished:x16}-{Milliseconds(time):x12}");

    /// <summary>The name of a part of a base, which is known before the base is finished.</summary>
    public ObjectKey BasePart(long settled, ulong salt, int number) => Key($"b-{settled:x16}.{salt:x16}.p{number:D4}");

    /// <summary>The name of a restore point.</summary>
    public ObjectKey Point(long commit, DateTimeOffset time, string reason) =>
        Key($"point-{commit:x16}-{Milliseconds(time):x12}-{SlugOf(reason)}");

    /// <summary>The name of a pin.</summary>
    public ObjectKey Pin(long commit) => Key($"pin-{commit:x16}");

    /// <summary>The name of a mark.</summary>
    /// <param name="due">When what it lists is to be deleted.</param>
    /// <param name="salt">Random: two marks never have one name.</param>
    public ObjectKey Mark(DateTimeOffset due, ulong salt) => Key($"mark-{Milliseconds(due):x12}-{salt:x16}");

    /// <summary>What a name is within its lineage.</summary>
    public static string Short(ObjectKey key) => key.Value[(key.Value.LastIndexOf('/') + 1)..];

    /// <summary>The object of a name within this lineage.</summary>
    public ObjectKey Long(string name) => Key(name);

    /// <summary>The name of an object of a segment.</summary>
    /// <param name="segment">The name of the segment.</param>
    /// <param name="salt">The salt of its header: two attempts at one segment never mix.</param>
    /// <param name="number">The part; 0 for the object with the index.</param>
    public static ObjectKey Part(ObjectKey segment, ulong salt, int number)
    {
        if (number == 0)
        {
            return segment;
        }

        var directory = segment.Value[..(segment.Value.LastIndexOf('/') + 1)];
        return new ObjectKey($"{directory}{StemOf(segment)}.{salt:x16}.p{number:D4}");
    }

    /// <summary>
    /// What the names of a segment's parts begin with: its own name, but without what is not known yet of a base or delta
    /// while its first parts are stored.
    /// </summary>
    public static string StemOf(ObjectKey segment)
    {
        var name = segment.Value[(segment.Value.LastIndexOf('/') + 1)..];
        var known = name[0] switch
        {
            'b' => 2,
            'd' => 3,
            _ => int.MaxValue,
        };
        var end = -1;
        for (; known > 0 && (end = name.IndexOf('-', end + 1)) >= 0; known--) { }
        return end < 0 ? name : name[..end];
    }

    /// <summary>Reads a name; false for names of other programs or of later versions.</summary>
    /// <param name="key">The name.</param>
    /// <param name="database">The database that it must be of.</param>
    /// <param name="lineage">Its lineage.</param>
    /// <param name="name">What it tells.</param>
    public static bool TryParse(
        ObjectKey key,
        string database,
        out LineageId lineage,
        [NotNullWhen(true)] out TimelineName? name
    )
    {
        (lineage, name) = (default, null);
        var prefix = Prefix(database);
        const int Digits = 2 * LineageId.Length;
        return key.Value.StartsWith(prefix, StringComparison.Ordinal)
            && key.Value.Length > prefix.Length + Digits
            && key.Value[prefix.Length + Digits] == '/'
            && LineageId.TryParse(key.Value.Substring(prefix.Length, Digits), out lineage)
            && (name = Parse(key.Value[(prefix.Length + Digits + 1)..])) != null;
    }

    private static TimelineName? Parse(string text)
    {
        if (text.Contains('.', StringComparison.Ordinal))
        {
            return ParsePart(text.Split('.'));
        }

        return text.Split('-') switch
        {
            ["j", var first] when Commit(first, out var f) => new TimelineName
            {
                Object = TimelineObject.Journal,
                First = f,
            },
            ["pin", var commit] when Commit(commit, out var c) => new TimelineName
            {
                Object = TimelineObject.Pin,
                Last = c,
            },
            ["mark", var due, { Length: CommitDigits } salt]
                when Time(due, out var t) && Hexadecimal(salt, out var s) => new TimelineName
            {
                Object = TimelineObject.Mark,
                Time = t,
                Salt = s,
            },
            ["point", var commit, var time, .. var slug] when Commit(commit, out var c) && Time(time, out var t) =>
                new TimelineName
                {
                    Object = TimelineObject.Point,
                    Last = c,
                    Time = t,
                    Slug = string.Join('-', slug),
                },
            [['d', .. var level], var from, var settled, var finished, var time]
                when byte.TryParse(level, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                    && Commit(from, out var f)
                    && Commit(settled, out var s)
                    && Commit(finished, out var l)
                    && f <= s
                    && s <= l
                    && Time(time, out var t) => new TimelineName
            {
                Object = TimelineObject.Delta,
                Level = number,
                First = f,
                Settled = s,
                Last = l,
                Time = t,
            },
            [var kind, var first, var last, var time]
                when Commit(first, out var f) && Commit(last, out var l) && f <= l && Time(time, out var t) => Segment(
                kind,
                f,
                l,
                t
            ),
            _ => null,
        };
    }

    private static TimelineName? Segment(string kind, long first, long last, DateTimeOffset time)
    {
        var name = new TimelineName
        {
            Object = TimelineObject.Base,
            First = first,
            Last = last,
            Time = time,
        };
        return kind switch
        {
            "b" => name with { Settled = first },
            "c" => name with { Object = TimelineObject.Closing, Settled = first },
            "r" => name with { Object = TimelineObject.RollUp },
            _ => null,
        };
    }

    private static TimelineName? ParsePart(string[] pieces) =>
        pieces is [var stem, var salt, ['p', .. var number]]
        && salt.Length == CommitDigits
        && Hexadecimal(salt, out var value)
        && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var part)
        && part > 0
            ? new TimelineName
            {
                Object = TimelineObject.Part,
                Stem = stem,
                Salt = value,
                Number = part,
            }
            : null;

    private static bool Commit(string text, out long commit)
    {
        commit = 0;
        if (text.Length != CommitDigits || !Hexadecimal(text, out var value) || value > CommitPoint.MostCommits)
        {
            return false;
        }

        commit = (long)value;
        return true;
    }

    private static bool Time(string text, out DateTimeOffset time)
    {
        time = default;
        if (
            text.Length != TimeDigits
            || !Hexadecimal(text, out var value)
            || value > IndexTime.Last / TimeSpan.MicrosecondsPerMillisecond
        )
        {
            return false;
        }

        time = DateTimeOffset.FromUnixTimeMilliseconds((long)value);
        return true;
    }

    // Capitals would be a second name of one object.
    private static bool Hexadecimal(string text, out ulong value)
    {
        value = 0;
        return text.All(char.IsAsciiHexDigitLower)
            && ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }

    private static long Milliseconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    /// <summary>What of a reason fits into the name of a restore point.</summary>
    public static string SlugOf(string reason)
    {
        var slug = new StringBuilder();
        foreach (var character in reason)
        {
            if (char.IsAsciiLetterOrDigit(character))
            {
                slug.Append(char.ToLowerInvariant(character));
            }
            else if (slug.Length > 0 && slug[^1] != '-')
            {
                slug.Append('-');
            }
        }

        var text = slug.ToString(0, Math.Min(slug.Length, MaxSlug)).Trim('-');
        return text.Length > 0 ? text : "point";
    }

    private ObjectKey Key(string name) => new(directory + name);
}
