using System.Security.Cryptography;
using System.Text;
using Holdfast.Engines.Sqlite.Interop;

namespace Holdfast.Crash.Tests.Worlds;

/// <summary>
/// Plays the application, with the SQLite that the engine uses: a second copy in this process would drop its locks.
/// </summary>
internal static class Sql
{
    /// <summary>Opens a database as applications do: it is created when it is missing.</summary>
    public static Connection Open(string path) => Connection.Open(path, Access.Create);

    /// <summary>Creates or changes a database.</summary>
    public static void Run(string path, string sql)
    {
        using var connection = Open(path);
        connection.Execute(sql);
    }

    /// <summary>Adds rows that nobody can guess, and changes some of the others.</summary>
    public static string MoreRows(int count) =>
        FormattableString.Invariant(
            $"""
            CREATE TABLE IF NOT EXISTS items(id INTEGER PRIMARY KEY, payload BLOB NOT NULL);
            BEGIN;
            UPDATE items SET payload = randomblob(300) WHERE id % 3 = 0;
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
            INSERT INTO items(payload) SELECT randomblob(300) FROM n;
            COMMIT;
            """
        );

    /// <summary>What an application finds in a database: all of it, read through SQLite, as a text to compare.</summary>
    public static string Fingerprint(string path)
    {
        using var connection = Open(path);
        return Fingerprint(connection);
    }

    /// <inheritdoc cref="Fingerprint(string)"/>
    public static string Fingerprint(Connection connection)
    {
        Assert.Equal("ok", connection.QueryText("PRAGMA integrity_check"));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var rows = connection.Prepare("SELECT id || ':' || hex(payload) FROM items ORDER BY id");
        var count = 0;
        for (; rows.Step(); count++)
        {
            hash.AppendData(Encoding.ASCII.GetBytes(rows.Text(0)));
        }

        return FormattableString.Invariant($"{count} rows {Convert.ToHexString(hash.GetHashAndReset())[..12]}");
    }
}
