using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Holdfast.Engines.Sqlite.Interop;

/// <summary>
/// The database file as SQLite itself has it open (<c>sqlite3_file</c>): closing a descriptor of our own would drop the
/// locks that SQLite holds on it in this process. Valid as long as the connection is open. Not thread-safe.
/// </summary>
internal sealed unsafe class DatabaseFile
{
    private const int FilePointer = 7;
    private const int VersionWithSharedMemory = 2;
    private const int RegionSize = 32 * 1024;
    private const int SyncNormal = 2;

    private readonly IntPtr file;

    private DatabaseFile(IntPtr file) => this.file = file;

    private ref readonly Methods Calls => ref *(*(Methods**)file);

    /// <summary>The main database file of a connection.</summary>
    public static DatabaseFile Of(Connection connection)
    {
        IntPtr file;
        connection.Require(Native.FileControl(connection.Handle, "main", FilePointer, &file));
        return new DatabaseFile(file);
    }

    /// <summary>Its size in bytes.</summary>
    public long Size
    {
        get
        {
            long size;
            var code = Calls.FileSize(file, &size);
            return code == ResultCode.Ok ? size : throw Failure(code);
        }
    }

    /// <summary>
    /// The first region of the shared memory of the WAL, 32 KiB; null when there is none. The connection must have read
    /// in WAL mode; the memory stays as long as a connection to this database in this process is in WAL mode.
    /// </summary>
    public byte* MapWalIndex()
    {
        if (Calls.Version < VersionWithSharedMemory || Calls.ShmMap == null)
        {
            return null;
        }

        byte* memory = null;
        var code = Calls.ShmMap(file, 0, RegionSize, 0, &memory);
        return code == ResultCode.Ok ? memory : throw Failure(code);
    }

    /// <summary>Reads from the database file; what lies beyond its end becomes zero.</summary>
    public void Read(long offset, Span<byte> destination)
    {
        fixed (byte* buffer = destination)
        {
            var code = Calls.Read(file, buffer, destination.Length, offset);
            if (code is not (ResultCode.Ok or ResultCode.ShortRead))
            {
                throw Failure(code);
            }
        }
    }

    /// <summary>Makes what was written to the database file survive a loss of power.</summary>
    public void Sync()
    {
        var code = Calls.Sync(file, SyncNormal);
        if (code != ResultCode.Ok)
        {
            throw Failure(code);
        }
    }

    private static SqliteException Failure(int code) =>
        new(code, Marshal.PtrToStringUTF8(Native.ErrorText(code)) ?? "unknown error");

    // struct sqlite3_io_methods, see https://sqlite.org/c3ref/io_methods.html; its order is a promise of SQLite.
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Methods
    {
        public readonly int Version;
        private readonly IntPtr close;
        public readonly delegate* unmanaged[Cdecl]<IntPtr, byte*, int, long, int> Read;
        private readonly Unused2 writeTruncate;
        public readonly delegate* unmanaged[Cdecl]<IntPtr, int, int> Sync;
        public readonly delegate* unmanaged[Cdecl]<IntPtr, long*, int> FileSize;
        private readonly Unused6 locksControlDevice;
        public readonly delegate* unmanaged[Cdecl]<IntPtr, int, int, int, byte**, int> ShmMap;
    }

    [InlineArray(2)]
    private struct Unused2
    {
        private IntPtr first;
    }

    [InlineArray(6)]
    private struct Unused6
    {
        private IntPtr first;
    }
}
