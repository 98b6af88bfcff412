namespace Holdfast.Core.Timeline.Spool;

/// <summary>Where a log is, and how much it may hold.</summary>
public sealed record TimelineLogOptions
{
    /// <summary>Its directory; private to one database, created when missing.</summary>
    public required string Directory { get; init; }

    /// <summary>What people call the database.</summary>
    public required string Database { get; init; }

    /// <summary>The names of the targets; commits stay on disk until each of them has let them go.</summary>
    public required IReadOnlyList<string> Targets { get; init; }

    /// <summary>The most bytes that commits take on disk while targets are away.</summary>
    /// <value>The default value is 1 GiB.</value>
    public long CapBytes { get; init; } = 1L << 30;

    /// <summary>The bytes after which a file of commits is finished and the next one begun.</summary>
    /// <value>The default value is 32 MiB.</value>
    public long FileBytes { get; init; } = 32L << 20;
}
