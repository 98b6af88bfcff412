using Holdfast.Engines.Sqlite.Interop;

namespace Holdfast.Cli.Tests.Driving;

/// <summary>A database with accounts, as the workload changes it, made by the real SQLite.</summary>
internal static class Bank
{
    /// <summary>Creates it.</summary>
    public static string Create(string path, int accounts, string pragmas = "PRAGMA journal_mode=WAL") =>
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

    /// <summary>Creates or changes a database.</summary>
    public static string Run(string path, string sql)
    {
        using var connection = Connection.Open(path, Access.Create);
        connection.Execute("PRAGMA busy_timeout=30000");
        connection.Execute(sql);
        return path;
    }

    /// <summary>Asks a database for a number.</summary>
    public static long Integer(string path, string sql)
    {
        using var connection = Connection.Open(path, Access.Existing);
        return connection.QueryInteger(sql);
    }

    /// <summary>Moves money, so that this moment can be told from others.</summary>
    public static void Pay(string path, int amount) =>
        Run(path, FormattableString.Invariant($"INSERT INTO transfers(amount) VALUES ({amount})"));

    /// <summary>The last payment: tells of which moment a database is.</summary>
    public static long LastPaid(string path) =>
        Integer(path, "SELECT coalesce((SELECT amount FROM transfers ORDER BY id DESC LIMIT 1), 0)");

    /// <summary>Fails unless it is a whole bank.</summary>
    public static void AssertWhole(string path, int accounts = 200) =>
        Assert.Equal(accounts * 1000L, Integer(path, "SELECT sum(balance) FROM accounts"));
}
