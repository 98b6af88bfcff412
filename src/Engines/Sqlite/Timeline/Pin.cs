using Holdfast.Engines.Sqlite.Interop;

namespace Holdfast.Engines.Sqlite.Timeline;

/// <summary>
/// A connection that pins what it sees: a read transaction, in which it reads one number of the first page and never the
/// schema, so that it costs nothing, however large the schema is, and needs nothing that only the application knows.
/// While it pins nothing, it can hold the write lock, which is never used to write, or copy frames into the file.
/// </summary>
internal sealed class Pin : IDisposable
{
    private const int Passive = 0;
    private readonly Connection connection;
    private readonly Statement read;
    private readonly Statement begin;
    private readonly Statement rollback;

    public Pin(Connection connection)
    {
        this.connection = connection;
        read = connection.Prepare("PRAGMA schema_version");
        begin = connection.Prepare("BEGIN IMMEDIATE");
        rollback = connection.Prepare("ROLLBACK");
    }

    /// <summary>Begins the read transaction on the newest commit; the statement that is not finished holds it.</summary>
    /// <exception cref="SqliteException">Among others, that it is busy for a moment.</exception>
    public void Take()
    {
        try
        {
            _ = read.Step();
        }
        catch
        {
            read.Reset();
            throw;
        }
    }

    /// <summary>Ends the read transaction.</summary>
    public void Release() => read.Reset();

    /// <summary>Takes the write lock if it is free.</summary>
    public bool TryLock()
    {
        try
        {
            _ = begin.Step();
            return true;
        }
        catch (SqliteException error) when (error.IsMomentary)
        {
            return false;
        }
        finally
        {
            begin.Reset();
        }
    }

    /// <summary>Lets go of the write lock.</summary>
    public void Unlock()
    {
        _ = rollback.Step();
        rollback.Reset();
    }

    /// <summary>
    /// Copies into the file what no pin of anybody forbids, never waiting for anybody and nobody waiting for it.
    /// </summary>
    /// <returns>False when another process does so now.</returns>
    public bool TryCheckpoint()
    {
        var code = Native.Checkpoint(connection.Handle, "main", Passive, out _, out _);
        return code == ResultCode.Ok
            || (connection.Failure() is { IsMomentary: false } failure ? throw failure : false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        read.Dispose();
        begin.Dispose();
        rollback.Dispose();
        connection.Dispose();
    }
}
