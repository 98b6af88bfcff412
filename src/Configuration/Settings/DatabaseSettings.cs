namespace Holdfast.Configuration.Settings;

/// <summary>A database to keep recoverable.</summary>
public sealed record DatabaseSettings
{
    /// <summary>Its name in the configuration.</summary>
    public required string Name { get; init; }

    /// <summary>Where the name is written.</summary>
    public required SettingLocation Location { get; init; }

    /// <summary>A path, a <c>sqlite:</c> URL or a <c>file:</c> URI.</summary>
    public required SettingText Source { get; init; }

    /// <summary>
    /// Whether the source stands for many databases: a path in which <c>*</c> stands for any characters of a name and
    /// <c>?</c> for one. Each has the name <see cref="NamePrefix"/> and what the wildcards stand for.
    /// </summary>
    // A URL has its own meaning of "?", and is how a file is written whose name has such characters.
    public bool IsPattern =>
        Source.Reveal() is var source
        && source.AsSpan().IndexOfAny('*', '?') >= 0
        && !Uri.CheckSchemeName(source.Split(':', 2) is [var scheme, _] ? scheme : "");

    /// <summary>What the names of the databases of a pattern begin with.</summary>
    public string NamePrefix => $"{Name}-";

    /// <summary>How snapshots are taken and kept.</summary>
    public required SnapshotSettings Snapshots { get; init; }

    /// <summary>
    /// Whether snapshots are taken when nobody asks for this database by name: always, unless there is a timeline and
    /// nothing is said of snapshots.
    /// </summary>
    public required bool TakesSnapshots { get; init; }

    /// <summary>How the timeline is captured and kept; null for none.</summary>
    public TimelineSettings? Timeline { get; init; }

    /// <summary>How old the newest good copy may be; null for no promise.</summary>
    public TimeSpan? Rpo { get; init; }

    /// <summary>How long a restore may take; null for no promise.</summary>
    public TimeSpan? Rto { get; init; }
}
