using Holdfast.Configuration.Definition;

namespace Holdfast.Configuration.Reading;

/// <summary>
/// Reads the settings of one group. What is wrong is reported and reads as if it had not been given, so that reading
/// goes on and finds the rest.
/// </summary>
internal sealed class GroupReader
{
    private readonly ReadingContext _context;
    private readonly GroupSetting _group;
    private readonly SettingNode? _node;
    private readonly bool _isMisshaped;

    /// <summary>Starts with a group that may not be there; keys that are no settings are reported.</summary>
    public GroupReader(
        ReadingContext context,
        GroupSetting group,
        SettingNode? node,
        string path,
        SettingLocation location
    )
    {
        _context = context;
        _group = group;
        _node = node;
        Path = path;
        Location = node?.Location ?? location;
        _isMisshaped = node is not null && !HasShape(node);
    }

    /// <summary>The path for people, such as "databases.cellar.snapshots".</summary>
    public string Path { get; }

    /// <summary>Where the group is, or would be.</summary>
    public SettingLocation Location { get; }

    /// <summary>The path of a setting.</summary>
    public string PathOf(Setting setting) => Path.Length == 0 ? setting.Key : $"{Path}.{setting.Key}";

    /// <summary>Where a setting is given; null when it is not.</summary>
    public SettingLocation? LocationOf(Setting setting) => NodeOf(setting)?.Location;

    /// <summary>The node of a setting; null when it is not given.</summary>
    public SettingNode? NodeOf(Setting setting) => _node is null ? null : Effective.Child(_group, setting, _node);

    /// <summary>Reports something about the group or a setting in it.</summary>
    public void Report(SettingLocation location, string message) => _context.Report(location, message);

    /// <summary>Reads a setting that is given or has a default.</summary>
    public bool TryRead<T>(ScalarSetting<T> setting, out T value)
        where T : notnull
    {
        if (NodeOf(setting) is { } node)
        {
            return _context.TryRead(node, PathOf(setting), setting.Type, setting.Secret, out value);
        }

        value = default!;
        if (setting.Default is { } standard)
        {
            var text = new SettingText(standard, standard, hasReference: false, Location);
            return setting.Type.Parse(text, out value) is null;
        }

        if (setting.Required && !_isMisshaped)
        {
            Report(Location, $"{PathOf(setting)} is missing; write for example {setting.Key}: {setting.Example}");
        }

        return false;
    }

    /// <summary>Reads a setting that has a default, or that must be given.</summary>
    public T Read<T>(ScalarSetting<T> setting)
        where T : notnull => TryRead(setting, out var value) ? value : default!;

    /// <summary>Reads a number or the like that need not be given.</summary>
    public T? ReadOptional<T>(ScalarSetting<T> setting)
        where T : struct => TryRead(setting, out var value) ? value : null;

    /// <summary>Reads a text that need not be given.</summary>
    public SettingText? ReadOptionalText(ScalarSetting<SettingText> setting) =>
        TryRead(setting, out var value) ? value : null;

    /// <summary>Reads a group below this one.</summary>
    public GroupReader Group(GroupSetting setting) =>
        new(_context, setting, NodeOf(setting), PathOf(setting), Location);

    /// <summary>Reads a group at a node below this one.</summary>
    public GroupReader Group(GroupSetting setting, SettingNode node, string path) =>
        new(_context, setting, node, path, node.Location);

    /// <summary>Reads the text of a node below this one.</summary>
    public bool TryReadText(SettingNode node, string path, string expected, out SettingText text) =>
        _context.TryReadText(node, path, expected, secret: false, out text);

    private bool HasShape(SettingNode node)
    {
        foreach (var child in node.IsSequence ? [] : node.Children.Where(child => _group.Find(child.Key) is null))
        {
            Report(child.Location, Unknown(child));
        }

        if (node.IsSequence)
        {
            Report(node.ValueLocation, $"{Path} is a list, but takes settings below it: {Known()}");
            return false;
        }

        if (node.Value is null)
        {
            return true;
        }

        if (_group.ShortForm is not { } shortForm)
        {
            Report(node.ValueLocation, $"{Path} is a text, but takes settings below it: {Known()}");
            return false;
        }

        if (node.Child(shortForm.Key)?.HighestLayer == node.ValueLayer)
        {
            Report(node.ValueLocation, $"{Path} and {PathOf(shortForm)} are both given, and mean the same");
        }

        return true;
    }

    private string Unknown(SettingNode child)
    {
        var key = Printable.Text(child.Key);
        var path = Path.Length == 0 ? key : $"{Path}.{key}";
        if (_group.Reserved(child.Key) is { } reserved)
        {
            return $"{path} {reserved}";
        }

        var nearest = Nearest.Of(child.Key, _group.Settings.Select(setting => setting.Key));
        var advice =
            nearest is not null ? $"did you mean {nearest}?"
            : KnownPaths.Of(child.Key) is { } elsewhere ? $"it belongs to {elsewhere}"
            : $"there are {Known()}";
        return $"{path} is not a setting of this version; {advice}";
    }

    private string Known() => string.Join(", ", _group.Settings.Select(setting => setting.Key));
}
