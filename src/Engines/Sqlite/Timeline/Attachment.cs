using Holdfast.Core.Errors;
using Holdfast.Engines.Sqlite.Capture;
using Holdfast.Engines.Sqlite.Files;
using Holdfast.Engines.Sqlite.Interop;

namespace Holdfast.Engines.Sqlite.Timeline;

/// <summary>
/// The connections of a capture to one database file, its WAL and its wal-index. None of them writes: no checkpoint of
/// their own accord, none when they close, so that another program's WAL, and the place in it, stay as they are.
/// </summary>
internal sealed class Attachment : IDisposable
{
    // In the header of a database file: which versions of SQLite may write and read it.
    private const int FormatVersionsOffset = 18;
    private const byte WalFormat = 2;

    private readonly List<IDisposable> parts = [];
    private readonly DatabaseFile file;
    private readonly Connection first;

    private unsafe Attachment(string path, FileIdentity identity, SqliteOptions options)
    {
        Path = path;
        Identity = identity;
        try
        {
            first = Open();
            file = DatabaseFile.Of(first);
            if (!IsInWalMode())
            {
                SwitchToWal(options);
            }

            var memory = file.MapWalIndex();
            Index = memory != null ? new WalIndex(memory) : throw NoSharedMemory(path);
            First = Own(new Pin(first));
            Second = Own(new Pin(Open()));
            Barrier = Own(new Barrier(Open()));
            Checkpointer = Own(new Checkpointer(Open()));
            Wal = Own(WalFile.Open(path));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The real path.</summary>
    public string Path { get; }

    /// <summary>The file that the connections have open, whatever has the name now.</summary>
    public FileIdentity Identity { get; }

    public Pin First { get; }

    public Pin Second { get; }

    public Barrier Barrier { get; }

    public Checkpointer Checkpointer { get; }

    public WalIndex Index { get; }

    public WalFile Wal { get; }

    /// <summary>Attaches to the database that has this name now.</summary>
    /// <exception cref="HoldfastException">There is none, or it cannot be captured.</exception>
    /// <exception cref="SqliteException">It is busy, or no database.</exception>
    public static Attachment To(string path, SqliteOptions options)
    {
        var real = SourceFile.Require(path);
        var before = FileStatus.Of(real)?.Identity;
        var attachment = new Attachment(real, before ?? throw Replaced(path), options);
        if (FileStatus.Of(real)?.Identity == before)
        {
            return attachment;
        }

        attachment.Dispose();
        throw Replaced(path);
    }

    /// <summary>The size of the database file in bytes.</summary>
    public long FileSize => file.Size;

    /// <summary>Reads from the database file as it lies.</summary>
    public void ReadFile(long offset, Span<byte> destination) => file.Read(offset, destination);

    /// <inheritdoc/>
    public void Dispose()
    {
        // Connections are closed in the order that makes the first the last.
        if (Index?.TryRead(out var header) == true && Wal?.HasUnsignedFrames(header) == true)
        {
            first.Set(Switch.NoCheckpointOnClose, on: false);
        }

        for (var i = parts.Count - 1; i >= 0; i--)
        {
            parts[i].Dispose();
        }

        parts.Clear();
    }

    private Connection Open()
    {
        var connection = Own(Connection.Open(Path, Access.Existing));
        connection.Set(Switch.NoCheckpointOnClose, on: true);

        // None of these reads the schema, which may be large. The last reads the first page, and so enters WAL mode.
        connection.Execute("PRAGMA wal_autocheckpoint=0; PRAGMA mmap_size=0");
        _ = connection.QueryInteger("PRAGMA schema_version");
        return connection;
    }

    // Asking SQLite would make it read the schema.
    private bool IsInWalMode()
    {
        Span<byte> versions = stackalloc byte[2];
        file.Read(FormatVersionsOffset, versions);
        return versions is [WalFormat, WalFormat];
    }

    private void SwitchToWal(SqliteOptions options)
    {
        var mode = first.QueryText(options.SwitchToWal ? "PRAGMA journal_mode=WAL" : "PRAGMA journal_mode");
        if (mode != "wal")
        {
            throw new HoldfastException(
                ErrorCode.Refused,
                $"the database {Path} has the journal mode {mode}: its commits can only be captured in WAL mode",
                $"once: sqlite3 {Path} 'PRAGMA journal_mode=WAL', or permit Holdfast to do it"
            );
        }

        _ = first.QueryInteger("PRAGMA schema_version");
    }

    private T Own<T>(T part)
        where T : IDisposable
    {
        parts.Add(part);
        return part;
    }

    private static HoldfastException Replaced(string path) =>
        new(ErrorCode.Failure, $"the database {path} was replaced while it was opened", "try again");

    private static HoldfastException NoSharedMemory(string path) =>
        new(
            ErrorCode.Refused,
            $"the WAL of {path} has no shared memory: its file system, or its locking mode, does not permit a second process",
            "put the database on a local file system"
        );
}
