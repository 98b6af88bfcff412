using Holdfast.Core.Errors;
using Holdfast.Engines.Sqlite.Files;
using Holdfast.Engines.Sqlite.Interop;

namespace Holdfast.Engines.Sqlite.Timeline;

/// <summary>
/// Reads the database file as it lies, for others than the capture's thread: with a connection of its own, because SQLite
/// reads by moving the position in its file. Thread-safe.
/// </summary>
internal sealed class FileReader(string path) : IDisposable
{
    private readonly Lock gate = new();
    private FileIdentity identity;
    private Connection? connection;
    private DatabaseFile? file;

    /// <summary>The size of a page in bytes.</summary>
    public int PageSize { get; set; }

    /// <summary>Reads this database from now on.</summary>
    public void Use(Attachment attachment)
    {
        lock (gate)
        {
            Close();
            identity = attachment.Identity;
        }
    }

    /// <summary>Reads pages; those beyond the end become zero.</summary>
    /// <exception cref="HoldfastException">The file was replaced.</exception>
    public void Read(uint first, Span<byte> destination)
    {
        lock (gate)
        {
            (file ??= Open()).Read((first - 1L) * PageSize, destination);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (gate)
        {
            Close();
        }
    }

    // Opening opens the file, and nothing else: no lock is taken, no WAL is joined.
    private DatabaseFile Open()
    {
        connection = Connection.Open(path, Access.Existing);
        connection.Set(Switch.NoCheckpointOnClose, on: true);
        if (FileStatus.Of(path)?.Identity != identity)
        {
            Close();
            throw new HoldfastException(ErrorCode.Failure, $"the database {path} was replaced", "try again");
        }

        return DatabaseFile.Of(connection);
    }

    private void Close()
    {
        file = null;
        connection?.Dispose();
        connection = null;
    }
}
