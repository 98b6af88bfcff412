using Holdfast.Engines.Sqlite.Interop;

namespace Holdfast.Engines.Sqlite.Timeline;

/// <summary>The write lock, held for moments and never used to write.</summary>
internal sealed class Barrier : IDisposable
{
    private readonly Connection connection;
    private readonly Statement begin;
    private readonly Statement rollback;

    public Barrier(Connection connection)
    {
        this.connection = connection;
        begin = connection.Prepare("BEGIN IMMEDIATE");
        rollback = connection.Prepare("ROLLBACK");
    }

    /// <summary>Takes the write lock if it is free.</summary>
    public bool TryTake()
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

    /// <summary>Lets go of it.</summary>
    public void Release()
    {
        _ = rollback.Step();
        rollback.Reset();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        begin.Dispose();
        rollback.Dispose();
        connection.Dispose();
    }
}
