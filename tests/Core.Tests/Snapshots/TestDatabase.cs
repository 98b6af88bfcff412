using System.Runtime.InteropServices;

namespace Holdfast.Core.Tests.Snapshots;

/// <summary>Writes and reads SQLite databases, with the library that the engine uses.</summary>
internal static unsafe partial class TestDatabase
{
    private const string Library = "libsqlite3.so.0";
    private const int Row = 100;

    /// <summary>Creates a database with some rows.</summary>
    public static string Create(string path, int rows = 500)
    {
        Execute(
            path,
            $"""
            CREATE TABLE bottles(id INTEGER PRIMARY KEY, label TEXT);
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})
            INSERT INTO bottles SELECT i, hex(randomblob(100)) FROM n;
            """
        );
        return path;
    }

    /// <summary>Runs statements, or gives the first value of the first row.</summary>
    public static long Execute(string path, string sql)
    {
        Require(Open(path, out var database));
        try
        {
            long value = 0;
            Require(Wait(database, 30_000));
            var text = Marshal.StringToCoTaskMemUTF8(sql);
            try
            {
                for (var at = (byte*)text; *at != 0; )
                {
                    Require(Prepare(database, at, -1, out var statement, out at));
                    while (statement != 0 && Step(statement) == Row)
                    {
                        value = Integer(statement, 0);
                    }

                    Require(Finish(statement));
                }
            }
            finally
            {
                Marshal.FreeCoTaskMem(text);
            }

            return value;
        }
        finally
        {
            _ = Close(database);
        }
    }

    private static void Require(int result) => Assert.Equal(0, result);

    [LibraryImport(Library, EntryPoint = "sqlite3_busy_timeout")]
    private static partial int Wait(nint database, int milliseconds);

    [LibraryImport(Library, EntryPoint = "sqlite3_open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, out nint database);

    [LibraryImport(Library, EntryPoint = "sqlite3_prepare_v2")]
    private static partial int Prepare(nint database, byte* sql, int length, out nint statement, out byte* tail);

    [LibraryImport(Library, EntryPoint = "sqlite3_step")]
    private static partial int Step(nint statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_int64")]
    private static partial long Integer(nint statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_finalize")]
    private static partial int Finish(nint statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_close")]
    private static partial int Close(nint database);
}
