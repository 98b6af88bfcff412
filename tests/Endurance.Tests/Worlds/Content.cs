using Holdfast.Workload;
using Microsoft.Data.Sqlite;

namespace Holdfast.Endurance.Tests.Worlds;

/// <summary>What a database holds, read row by row.</summary>
/// <param name="Number">Its newest transaction.</param>
/// <param name="Digest">The digest of the rows that are there.</param>
/// <param name="Rows">Their number.</param>
internal readonly record struct Content(long Number, ulong Digest, long Rows)
{
    /// <summary>Reads a file that nobody writes, past its WAL.</summary>
    public static Content OfFile(string path) => Read($"file:{path}?immutable=1", check: true);

    /// <summary>Reads a database that is in use.</summary>
    public static Content OfLive(string path) => Read($"file:{path}?mode=rw", check: false);

    private static Content Read(string uri, bool check)
    {
        SQLitePCL.Batteries_V2.Init();
        using var connection = new SqliteConnection($"Data Source={uri};Pooling=False");
        connection.Open();
        if (check)
        {
            Assert.Equal(["ok"], Texts(connection, "PRAGMA integrity_check"));
        }

        using var transaction = connection.BeginTransaction(deferred: true);
        var content = new Content(Integer(connection, "SELECT number FROM state"), 0, 0);
        foreach (
            var table in Texts(
                connection,
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'state' AND name NOT LIKE 'zeros%'"
            )
        )
        {
            content = Add(content, connection, table);
        }

        return content;
    }

    private static Content Add(Content content, SqliteConnection connection, string table)
    {
        var (digest, rows) = (content.Digest, content.Rows);
        var expected = new byte[16 * 1024];
        using var command = Command(connection, $"SELECT id, seed, v FROM {table}");
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            var (seed, found) = (reader.GetInt64(1), (byte[])reader.GetValue(2));
            var wanted = expected.AsSpan(0, found.Length);
            EnduringContent.Fill(seed, wanted);
            Assert.True(wanted.SequenceEqual(found), $"row {reader.GetInt64(0)} of {table} has another content");
            digest ^= EnduringContent.Mark(EnduringContent.NumberOf(table), reader.GetInt64(0), seed, found.Length);
            rows++;
        }

        return content with
        {
            Digest = digest,
            Rows = rows,
        };
    }

    private static SqliteCommand Command(SqliteConnection connection, string sql)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        return command;
    }

    private static long Integer(SqliteConnection connection, string sql)
    {
        using var command = Command(connection, sql);
        return (long)command.ExecuteScalar()!;
    }

    private static List<string> Texts(SqliteConnection connection, string sql)
    {
        var found = new List<string>();
        using var command = Command(connection, sql);
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            found.Add(reader.GetString(0));
        }

        return found;
    }
}
