namespace Holdfast.Engines.Sqlite;

/// <summary>How a SQLite database is copied.</summary>
public sealed record SqliteOptions
{
    /// <summary>How the copy is made.</summary>
    /// <value>The default is <see cref="SqliteMethod.Online"/>.</value>
    public SqliteMethod Method { get; init; } = SqliteMethod.Online;

    /// <summary>Which checkpoint is tried before the copy; its failure is recorded and never fatal.</summary>
    /// <value>The default is <see cref="SqliteCheckpoint.Passive"/>.</value>
    public SqliteCheckpoint Checkpoint { get; init; } = SqliteCheckpoint.Passive;

    /// <summary>How long to wait for a database that another process has locked; positive.</summary>
    /// <value>The default is 30 seconds.</value>
    public TimeSpan BusyTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Whether a database in a rollback mode is switched to WAL when its timeline is to be captured; else it is refused.
    /// </summary>
    /// <value>The default is false: the journal mode is the application's.</value>
    public bool SwitchToWal { get; init; }
}

/// <summary>How a copy is made.</summary>
public enum SqliteMethod
{
    /// <summary>Page by page with SQLite's backup API: the same pages, rowids and free space.</summary>
    Online,

    /// <summary>With VACUUM INTO: smaller and defragmented, slower; rowids without INTEGER PRIMARY KEY may change.</summary>
    VacuumInto,
}

/// <summary>A checkpoint before the copy.</summary>
public enum SqliteCheckpoint
{
    /// <summary>None; a copy does not need one.</summary>
    None,

    /// <summary>As much as is possible without waiting for anybody.</summary>
    Passive,

    /// <summary>All, and the WAL is cut to nothing; waits shortly for readers and writers.</summary>
    Truncate,
}
