using System.Runtime.InteropServices;
using System.Text;

namespace Holdfast.Engines.Sqlite.Interop;

/// <summary>
/// A connection to a database. One thread at a time, except <see cref="Interrupt"/>. It never waits for a lock: the
/// callers retry, because SQLite's own waiting cannot be cancelled.
/// </summary>
internal sealed class Connection : IDisposable
{
    private const int FullMutex = 0x00010000;
    private const int LookasideOption = 1001;

    private Connection(ConnectionHandle handle) => Handle = handle;

    /// <summary>For the functions of <see cref="Native"/>.</summary>
    public ConnectionHandle Handle { get; }

    /// <summary>Opens a database; the file itself is first read by the first statement.</summary>
    /// <param name="path">An absolute path, or a URI made by <see cref="ImmutableUri"/>.</param>
    /// <param name="access">What is permitted.</param>
    /// <exception cref="SqliteException">It cannot be opened.</exception>
    public static Connection Open(string path, Access access)
    {
        var code = Native.Open(path, out var handle, (int)access | FullMutex, vfs: null);
        var connection = new Connection(handle);
        if (code == ResultCode.Ok)
        {
            _ = Native.UseExtendedResultCodes(handle, on: 1);
            return connection;
        }

        using (connection)
        {
            throw handle.IsInvalid ? new SqliteException(code, TextOf(Native.ErrorText(code))) : connection.Failure();
        }
    }

    /// <summary>
    /// The URI of a file that nobody changes: SQLite takes no lock, creates nothing beside it and ignores what is there.
    /// </summary>
    public static string ImmutableUri(string path) =>
        "file://" + string.Join('/', Path.GetFullPath(path).Split('/').Select(Uri.EscapeDataString)) + "?immutable=1";

    /// <summary>Runs statements for their effect.</summary>
    public void Execute(string sql)
    {
        ReadOnlySpan<byte> rest = Encoding.UTF8.GetBytes(sql);
        while (!rest.IsEmpty)
        {
            using var statement = Statement.Prepare(this, rest, out var used);
            rest = rest[used..];
            while (statement?.Step() == true) { }
        }
    }

    /// <summary>Prepares one statement.</summary>
    public Statement Prepare(string sql) =>
        Statement.Prepare(this, Encoding.UTF8.GetBytes(sql), out _)
        ?? throw new ArgumentException("No statement.", nameof(sql));

    /// <summary>The first column of the first row as a number; 0 without a row.</summary>
    public long QueryInteger(string sql)
    {
        using var statement = Prepare(sql);
        return statement.Step() ? statement.Integer(0) : 0;
    }

    /// <summary>The first column of the first row as text; empty without a row.</summary>
    public string QueryText(string sql)
    {
        using var statement = Prepare(sql);
        return statement.Step() ? statement.Text(0) : "";
    }

    /// <summary>Sets a switch of the connection; a library that is too old to know it ignores it.</summary>
    public void Set(Switch option, bool on) => _ = Native.Configure(Handle, (int)option, on ? 1 : 0, out _);

    /// <summary>
    /// Does without the memory that SQLite sets aside for small objects: for connections that stay open and do little.
    /// </summary>
    public void ReleaseLookaside() => _ = Native.ConfigureLookaside(Handle, LookasideOption, IntPtr.Zero, 0, 0);

    /// <summary>Makes the running statement end with <see cref="ResultCode.Interrupted"/>. Any thread.</summary>
    public void Interrupt() => Native.Interrupt(Handle);

    /// <summary>Throws what SQLite reported unless the code is success.</summary>
    public void Require(int code)
    {
        if (code != ResultCode.Ok)
        {
            throw Failure();
        }
    }

    /// <summary>The last error of this connection.</summary>
    public SqliteException Failure() => new(Native.ExtendedErrorCode(Handle), TextOf(Native.ErrorMessage(Handle)));

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();

    private static string TextOf(IntPtr text) => Marshal.PtrToStringUTF8(text) ?? "unknown error";
}

/// <summary>What a connection may do.</summary>
internal enum Access
{
    /// <summary>Read; the path may be a URI.</summary>
    ReadUri = 0x00000001 | 0x00000040,

    /// <summary>Read and write an existing file; only read when it is write-protected.</summary>
    Existing = 0x00000002,

    /// <summary>Read and write, and create what is missing.</summary>
    Create = 0x00000002 | 0x00000004,
}

/// <summary>Switches of a connection.</summary>
internal enum Switch
{
    /// <summary>Leave the WAL as it is when the last connection closes.</summary>
    NoCheckpointOnClose = 1006,

    /// <summary>SQL cannot damage the file on purpose.</summary>
    Defensive = 1010,

    /// <summary>The schema may use functions and tables with side effects.</summary>
    TrustedSchema = 1017,
}
