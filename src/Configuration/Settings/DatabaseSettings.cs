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

    /// <summary>How snapshots are taken and kept.</summary>
    public required SnapshotSettings Snapshots { get; init; }

    /// <summary>How old the newest good copy may be; null for no promise.</summary>
    public TimeSpan? Rpo { get; init; }

    /// <summary>How long a restore may take; null for no promise.</summary>
    public TimeSpan? Rto { get; init; }
}
