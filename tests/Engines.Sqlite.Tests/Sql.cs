using Holdfast.Engines.Sqlite.Interop;

namespace Holdfast.Engines.Sqlite.Tests;

/// <summary>
/// Builds and reads databases with the SQLite that the engine uses: a second copy in this process would drop its locks.
/// </summary>
internal static class Sql
{
    /// <summary>Creates or changes a database.</summary>
    public static string Run(string path, string sql)
    {
        using var connection = Connection.Open(path, Access.Create);
        connection.Execute(sql);
        return path;
    }

    public static long Integer(string path, string sql)
    {
        using var connection = Connection.Open(path, Access.Existing);
        return connection.QueryInteger(sql);
    }

    public static string Text(string path, string sql)
    {
        using var connection = Connection.Open(path, Access.Existing);
        return connection.QueryText(sql);
    }

    /// <summary>All rows, a line each.</summary>
    public static IReadOnlyList<string> Rows(string path, string sql, int columns)
    {
        using var connection = Connection.Open(path, Access.Existing);
        using var statement = connection.Prepare(sql);
        var rows = new List<string>();
        while (statement.Step())
        {
            rows.Add(string.Join('|', Enumerable.Range(0, columns).Select(statement.Text)));
        }

        return rows;
    }

    /// <summary>A bank with accounts that transfers can be made between; see the workload.</summary>
    public static string Bank(string path, string pragmas = "", int accounts = 2000) =>
        Run(
            path,
            FormattableString.Invariant(
                $"""
                {pragmas};
                CREATE TABLE accounts(id INTEGER PRIMARY KEY, balance INTEGER NOT NULL, filler BLOB);
                CREATE TABLE transfers(id INTEGER PRIMARY KEY, amount INTEGER NOT NULL);
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {accounts})
                INSERT INTO accounts SELECT i, 1000, randomblob(400) FROM n;
                """
            )
        );

    /// <summary>Whether a copy of a bank is of one moment.</summary>
    public static void AssertBalanced(string path, int accounts = 2000)
    {
        Assert.Equal(accounts * 1000L, Integer(path, "SELECT sum(balance) FROM accounts"));
        Assert.Equal(
            1000,
            Integer(path, "SELECT balance FROM accounts WHERE id = 1")
                + Integer(path, "SELECT coalesce(sum(amount), 0) FROM transfers")
        );
    }
}
