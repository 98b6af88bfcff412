using System.Globalization;

namespace Holdfast.Configuration.Sources;

/// <summary>What is written at a key.</summary>
internal enum EntryKind
{
    Scalar,
    Mapping,
    Sequence,
}

/// <summary>A key as it was written.</summary>
/// <param name="Spelling">The last part of the key.</param>
/// <param name="Key">Where the key is.</param>
/// <param name="Value">Where the value is.</param>
/// <param name="Kind">What the value is.</param>
internal sealed record DocumentEntry(string Spelling, SettingLocation Key, SettingLocation Value, EntryKind Kind);

/// <summary>
/// What one source says, in the flat form of <c>IConfiguration</c>, together with where it says so. A reader feeds it
/// with what it finds, in order; keys given twice become problems.
/// </summary>
internal sealed class ConfigurationDocument(ICollection<ConfigurationProblem> problems)
{
    /// <summary>More than any sensible configuration has; fewer than what would keep a hostile one busy.</summary>
    private const int MostEntries = 5_000;
    private const int Deepest = 16;

    private readonly Stack<Frame> _frames = new();

    /// <summary>The values; null where a key has none.</summary>
    public Dictionary<string, string?> Values { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Where each key is, groups too.</summary>
    public Dictionary<string, DocumentEntry> Entries { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether the next thing must be a key.</summary>
    public bool ExpectsKey => _frames.TryPeek(out var frame) && frame is { Kind: EntryKind.Mapping, Pending: null };

    /// <summary>Starts a mapping or a sequence as the value of the last key, the next element, or the whole.</summary>
    public void Begin(EntryKind kind, SettingLocation location)
    {
        if (_frames.Count == Deepest)
        {
            throw new UnreadableDocumentException(location, $"is nested deeper than {Deepest} levels");
        }

        var path = Place(kind, location);
        _frames.Push(new Frame(path, kind));
    }

    /// <summary>Ends the innermost mapping or sequence.</summary>
    public void End()
    {
        var frame = _frames.Pop();
        if (frame is { Path: { Length: > 0 } path, Count: 0 })
        {
            Values[path] = null;
        }
    }

    /// <summary>Names the value that follows.</summary>
    public void Key(string key, SettingLocation location)
    {
        var frame = _frames.Peek();
        var wrong =
            key.Length == 0 ? "a key may not be empty"
            : key.Contains(':', StringComparison.Ordinal) ? $"the key {Printable.Text(key)} may not hold a \":\""
            : null;
        if (wrong is not null)
        {
            problems.Add(new ConfigurationProblem(location, wrong));
        }

        frame.Pending = wrong is null ? key : "";
        frame.PendingLocation = location;
    }

    /// <summary>Passes over a key that was refused; the value that follows is not kept.</summary>
    public void SkipKey(SettingLocation location)
    {
        _frames.Peek().Pending = "";
        _frames.Peek().PendingLocation = location;
    }

    /// <summary>Passes over a value that was refused.</summary>
    public void SkipValue()
    {
        _frames.Peek().Pending = null;
        _frames.Peek().Count++;
    }

    /// <summary>Gives a value to the last key or the next element; null when there is none.</summary>
    public void Scalar(string? value, SettingLocation location)
    {
        if (Place(EntryKind.Scalar, location) is { Length: > 0 } path)
        {
            Values[path] = value;
        }
    }

    /// <summary>Gives a value to a path, for sources without an order; the groups above it come into being.</summary>
    public void AddValue(IReadOnlyList<string> parts, string value, SettingLocation location)
    {
        var path = parts[0];
        for (var depth = 1; depth < parts.Count; depth++)
        {
            Entries.TryAdd(path, new DocumentEntry(parts[depth - 1], location, location, EntryKind.Mapping));
            path = $"{path}:{parts[depth]}";
        }

        if (Values.TryAdd(path, value))
        {
            Entries[path] = new DocumentEntry(parts[^1], location, location, EntryKind.Scalar);
        }
        else
        {
            ReportTwice(path, new DocumentEntry(parts[^1], location, location, EntryKind.Scalar));
        }
    }

    /// <summary>Finds the path of the value that comes now and notes it; null when it is not to be kept.</summary>
    private string? Place(EntryKind kind, SettingLocation location)
    {
        if (!_frames.TryPeek(out var frame))
        {
            return "";
        }

        frame.Count++;
        var inSequence = frame.Kind == EntryKind.Sequence;
        var key = inSequence ? (frame.Count - 1).ToString(CultureInfo.InvariantCulture) : frame.Pending!;
        var keyLocation = inSequence ? location : frame.PendingLocation!;
        frame.Pending = null;
        if (frame.Path is null || key.Length == 0)
        {
            return null;
        }

        var path = frame.Path.Length == 0 ? key : $"{frame.Path}:{key}";
        return Note(path, new DocumentEntry(key, keyLocation, location, kind)) ? path : null;
    }

    private bool Note(string path, DocumentEntry entry)
    {
        if (Entries.Count == MostEntries)
        {
            throw new UnreadableDocumentException(entry.Key, $"has more than {MostEntries} entries");
        }

        if (Entries.TryAdd(path, entry))
        {
            return true;
        }

        ReportTwice(path, entry);
        return false;
    }

    private void ReportTwice(string path, DocumentEntry entry)
    {
        var first = Entries[path];
        var shown = Printable.Text(path.Replace(':', '.'));
        var where = first.Key.Line > 0 ? $"in line {first.Key.Line}" : $"as {first.Key}";
        var why = first.Spelling == entry.Spelling ? "" : " (upper and lower case are the same)";
        problems.Add(new ConfigurationProblem(entry.Key, $"{shown} is given twice, first {where}{why}"));
    }

    private sealed class Frame(string? path, EntryKind kind)
    {
        /// <summary>The path of the group; null when its content is not kept.</summary>
        public string? Path { get; } = path;

        public EntryKind Kind { get; } = kind;

        public int Count { get; set; }

        public string? Pending { get; set; }

        public SettingLocation? PendingLocation { get; set; }
    }
}

/// <summary>A source that cannot be read to its end.</summary>
internal sealed class UnreadableDocumentException(SettingLocation location, string message, Exception? inner = null)
    : Exception(message, inner)
{
    public ConfigurationProblem Problem { get; } = new(location, message);
}
