using Holdfast.Engines.Sqlite.Files;
using Holdfast.Engines.Sqlite.Interop;

namespace Holdfast.Engines.Sqlite.Capture;

/// <summary>A connection to the database that is to be copied, proven to be one.</summary>
internal sealed class Source : IDisposable
{
    private Source(Connection connection, FrozenSource? frozen)
    {
        Connection = connection;
        Frozen = frozen;
        JournalMode = frozen?.JournalMode ?? connection.QueryText("PRAGMA journal_mode");
    }

    public Connection Connection { get; }

    /// <summary>The journal mode, such as "wal" or "delete".</summary>
    public string JournalMode { get; }

    public bool IsWal => JournalMode == "wal";

    /// <summary>How it is read when it lies on a read-only file system and SQLite cannot read it there; else null.</summary>
    public FrozenSource? Frozen { get; }

    /// <summary>Opens the database where it is.</summary>
    /// <param name="path">As <see cref="SourceFile.Require"/> gave it.</param>
    /// <param name="scratch">A directory for a copy of it, should one be needed; null reads without what is in its WAL.</param>
    /// <param name="busy">For a database in use.</param>
    /// <param name="token">Ends the waiting.</param>
    /// <exception cref="SqliteException">It cannot be read, or is no database.</exception>
    public static async Task<Source> OpenAsync(string path, string? scratch, BusyRetry busy, CancellationToken token)
    {
        try
        {
            return await OpenInPlaceAsync(path, busy, token);
        }
        catch (SqliteException error)
            when (error.Code is ResultCode.CannotOpen or ResultCode.ReadOnly && Posix.IsOnReadOnlyFileSystem(path))
        {
            var frozen = await FrozenSource.CreateAsync(path, scratch, token);
            try
            {
                return await OpenAsync(frozen.Open(), frozen, busy, token);
            }
            catch
            {
                frozen.Dispose();
                throw;
            }
        }
    }

    /// <summary>Throws when the copy may be torn.</summary>
    public void EnsureUnchanged() => Frozen?.EnsureUnchanged();

    /// <inheritdoc/>
    public void Dispose()
    {
        Connection.Dispose();
        Frozen?.Dispose();
    }

    // Writable, because a hot journal must be rolled back first; without permission SQLite makes it read-only itself.
    private static Task<Source> OpenInPlaceAsync(string path, BusyRetry busy, CancellationToken token)
    {
        var hadWal = FileStatus.Of(path + SideFiles.Wal) is not null;
        var connection = Connection.Open(path, Access.Existing);

        // The last one to close buries the WAL. When there was one before us, it is not ours to bury: other programs
        // may be reading it. When there was none, SQLite takes away again what it made for us.
        connection.Set(Switch.NoCheckpointOnClose, hadWal);
        return OpenAsync(connection, frozen: null, busy, token);
    }

    private static async Task<Source> OpenAsync(
        Connection connection,
        FrozenSource? frozen,
        BusyRetry busy,
        CancellationToken token
    )
    {
        try
        {
            return await busy.RunAsync(
                () =>
                {
                    // Reads the first page under a lock: recovers, and finds out whether it is a database.
                    _ = connection.QueryInteger("PRAGMA schema_version");
                    return new Source(connection, frozen);
                },
                token
            );
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
