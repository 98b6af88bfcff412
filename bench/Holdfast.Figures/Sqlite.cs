using System.Runtime.InteropServices;

namespace Holdfast.Figures;

/// <summary>A connection as an application has it. Not thread-safe.</summary>
internal sealed unsafe partial class Sqlite : IDisposable
{
    private const int Row = 100;
    private const int Done = 101;
    private const int BusyTimeout = 5000;
    private readonly nint handle;

    public Sqlite(string path)
    {
        Check(Open(path, out handle));
        Check(SetBusyTimeout(handle, BusyTimeout));
    }

    public void Execute(string sql) => Check(Exec(handle, sql, 0, 0, 0));

    public nint Prepare(string sql)
    {
        Check(Prepare(handle, sql, -1, out var statement, 0));
        return statement;
    }

    public void Run(nint statement, long? value = null)
    {
        if (value is { } number)
        {
            Check(Bind(statement, 1, number));
        }

        while (Step(statement) is var result && result != Done)
        {
            if (result != Row)
            {
                throw new InvalidOperationException($"SQLite answers {result}");
            }
        }

        Check(Reset(statement));
    }

    public void Dispose() => _ = Close(handle);

    private static void Check(int result)
    {
        if (result != 0)
        {
            throw new InvalidOperationException($"SQLite answers {result}");
        }
    }

    private const string Library = "libsqlite3.so.0";

    [LibraryImport(Library, EntryPoint = "sqlite3_open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, out nint handle);

    [LibraryImport(Library, EntryPoint = "sqlite3_busy_timeout")]
    private static partial int SetBusyTimeout(nint handle, int milliseconds);

    [LibraryImport(Library, EntryPoint = "sqlite3_exec", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Exec(nint handle, string sql, nint callback, nint argument, nint message);

    [LibraryImport(Library, EntryPoint = "sqlite3_prepare_v2", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Prepare(nint handle, string sql, int length, out nint statement, nint tail);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_int64")]
    private static partial int Bind(nint statement, int index, long value);

    [LibraryImport(Library, EntryPoint = "sqlite3_step")]
    private static partial int Step(nint statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_reset")]
    private static partial int Reset(nint statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_close_v2")]
    private static partial int Close(nint handle);
}
