using Holdfast.Engines.Sqlite.Interop;

namespace Holdfast.Engines.Sqlite.Timeline;

/// <summary>
/// A read transaction: what it sees stays in the database file and the WAL. It reads one number of the first page, never
/// the schema: that costs nothing, however large the schema is, and needs nothing that only the application knows.
/// </summary>
internal sealed class Pin : IDisposable
{
    private readonly Connection connection;
    private readonly Statement read;

    public Pin(Connection connection)
    {
        this.connection = connection;
        read = connection.Prepare("PRAGMA schema_version");
    }

    /// <summary>Begins the transaction on the newest commit; the statement that is not finished holds it.</summary>
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

    /// <summary>Ends the transaction.</summary>
    public void Release() => read.Reset();

    /// <inheritdoc/>
    public void Dispose()
    {
        read.Dispose();
        connection.Dispose();
    }
}
