using System.Runtime.InteropServices;

namespace Holdfast.Engines.Sqlite.Interop;

/// <summary>The functions of the SQLite library, see https://sqlite.org/c3ref/funclist.html.</summary>
internal static unsafe partial class Native
{
    private const string Library = SqliteLibrary.ImportName;

    static Native() => NativeLibrary.SetDllImportResolver(typeof(Native).Assembly, SqliteLibrary.Resolve);

    [LibraryImport(Library, EntryPoint = "sqlite3_libversion")]
    public static partial IntPtr LibraryVersion();

    [LibraryImport(Library, EntryPoint = "sqlite3_open_v2", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, out ConnectionHandle connection, int flags, string? vfs);

    [LibraryImport(Library, EntryPoint = "sqlite3_close_v2")]
    public static partial int Close(IntPtr connection);

    [LibraryImport(Library, EntryPoint = "sqlite3_extended_result_codes")]
    public static partial int UseExtendedResultCodes(ConnectionHandle connection, int on);

    [LibraryImport(Library, EntryPoint = "sqlite3_extended_errcode")]
    public static partial int ExtendedErrorCode(ConnectionHandle connection);

    [LibraryImport(Library, EntryPoint = "sqlite3_errmsg")]
    public static partial IntPtr ErrorMessage(ConnectionHandle connection);

    [LibraryImport(Library, EntryPoint = "sqlite3_errstr")]
    public static partial IntPtr ErrorText(int code);

    [LibraryImport(Library, EntryPoint = "sqlite3_busy_timeout")]
    public static partial int SetBusyTimeout(ConnectionHandle connection, int milliseconds);

    [LibraryImport(Library, EntryPoint = "sqlite3_interrupt")]
    public static partial void Interrupt(ConnectionHandle connection);

    // Variadic in C; with integers and pointers only, the call is the same on Linux x64 and arm64.
    [LibraryImport(Library, EntryPoint = "sqlite3_db_config")]
    public static partial int Configure(ConnectionHandle connection, int option, int value, out int result);

    [LibraryImport(Library, EntryPoint = "sqlite3_file_control", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int FileControl(ConnectionHandle connection, string database, int operation, void* argument);

    [LibraryImport(Library, EntryPoint = "sqlite3_collation_needed")]
    public static partial int OnCollationNeeded(
        ConnectionHandle connection,
        IntPtr context,
        delegate* unmanaged[Cdecl]<IntPtr, IntPtr, int, byte*, void> callback
    );

    [LibraryImport(Library, EntryPoint = "sqlite3_create_collation")]
    public static partial int CreateCollation(
        IntPtr connection,
        byte* name,
        int encoding,
        IntPtr context,
        delegate* unmanaged[Cdecl]<IntPtr, int, byte*, int, byte*, int> compare
    );

    [LibraryImport(Library, EntryPoint = "sqlite3_prepare_v2")]
    public static partial int Prepare(
        ConnectionHandle connection,
        byte* sql,
        int bytes,
        out StatementHandle statement,
        out byte* tail
    );

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_text", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int BindText(StatementHandle statement, int index, string text, int bytes, IntPtr destructor);

    [LibraryImport(Library, EntryPoint = "sqlite3_step")]
    public static partial int Step(StatementHandle statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_reset")]
    public static partial int Reset(StatementHandle statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_finalize")]
    public static partial int FinalizeStatement(IntPtr statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_int64")]
    public static partial long ColumnInteger(StatementHandle statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_text")]
    public static partial byte* ColumnText(StatementHandle statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_bytes")]
    public static partial int ColumnBytes(StatementHandle statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_wal_checkpoint_v2", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Checkpoint(
        ConnectionHandle connection,
        string database,
        int mode,
        out int walFrames,
        out int checkpointed
    );

    [LibraryImport(Library, EntryPoint = "sqlite3_backup_init", StringMarshalling = StringMarshalling.Utf8)]
    public static partial BackupHandle BackupInit(
        ConnectionHandle target,
        string targetName,
        ConnectionHandle source,
        string sourceName
    );

    [LibraryImport(Library, EntryPoint = "sqlite3_backup_step")]
    public static partial int BackupStep(BackupHandle backup, int pages);

    [LibraryImport(Library, EntryPoint = "sqlite3_backup_remaining")]
    public static partial int BackupRemaining(BackupHandle backup);

    [LibraryImport(Library, EntryPoint = "sqlite3_backup_pagecount")]
    public static partial int BackupPageCount(BackupHandle backup);

    [LibraryImport(Library, EntryPoint = "sqlite3_backup_finish")]
    public static partial int BackupFinish(IntPtr backup);
}
