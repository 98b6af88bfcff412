using Holdfast.Agent;

namespace Holdfast.Cli.Setup;

/// <summary>Whose timeline is kept: a database, or every file that a pattern matches; and how.</summary>
internal sealed record TimelineSetup
{
    /// <summary>The name of the database; of a pattern what stands before what it matched, or nothing.</summary>
    public required string Name { get; init; }

    /// <summary>The path of the database; null when it is a pattern.</summary>
    public string? Path { get; init; }

    /// <summary>The pattern; null when it is one database.</summary>
    public FilePattern? Pattern { get; init; }

    /// <summary>Where commits go.</summary>
    public required IReadOnlyList<TargetSetup> Targets { get; init; }

    /// <summary>How commits are shipped, and how much may wait on disk.</summary>
    public TimelineOptions Options { get; init; } = new();

    /// <summary>Whether a database in a rollback mode is switched to WAL; else it is refused.</summary>
    public bool SwitchToWal { get; init; }
}
