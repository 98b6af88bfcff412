using Holdfast.Testing;
using Holdfast.Testing.CommandLine;

namespace Holdfast.Examples.Tests;

/// <summary>What the examples need: a copy of their folder, and programs that a machine may lack.</summary>
internal static class Example
{
    /// <summary>A database whose rows are of one moment or not; see the workload.</summary>
    private const string Bank = """
        CREATE TABLE accounts(id INTEGER PRIMARY KEY, balance INTEGER NOT NULL, filler BLOB);
        CREATE TABLE transfers(id INTEGER PRIMARY KEY, amount INTEGER NOT NULL);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
        INSERT INTO accounts SELECT i, 1000, randomblob(400) FROM n;
        """;

    /// <summary>Copies an example into the working directory.</summary>
    /// <param name="place">Where.</param>
    /// <param name="name">The folder under examples.</param>
    public static Task CopyAsync(ShellPlace place, string name) =>
        place.DoAsync($"cp -a '{Repository.Root}/examples/{name}/.' .");

    /// <summary>Skips the test when a program is missing.</summary>
    public static async Task RequireAsync(ShellPlace place, string program, string package)
    {
        if (!await place.HasAsync(program))
        {
            Assert.Skip($"{program} is not installed here: sudo apt-get install {package}");
        }
    }

    /// <summary>Creates a database in WAL mode.</summary>
    public static Task CreateBankAsync(ShellPlace place, string path) =>
        SqlAsync(place, path, "PRAGMA journal_mode = wal;" + Bank);

    /// <summary>Runs SQL with SQLite's own shell, another SQLite than that of holdfast.</summary>
    public static async Task<string> SqlAsync(ShellPlace place, string path, string sql)
    {
        await RequireAsync(place, "sqlite3", "sqlite3");
        return (await place.DoAsync($"sqlite3 -bail '{path}' \"{sql}\"")).Output.Trim();
    }

    /// <summary>Asserts that a bank is undamaged and of one moment.</summary>
    public static async Task AssertOfOneMomentAsync(ShellPlace place, string path)
    {
        Assert.Equal("ok", await SqlAsync(place, path, "PRAGMA integrity_check"));
        Assert.Equal("2000000", await SqlAsync(place, path, "SELECT sum(balance) FROM accounts"));
        Assert.Equal(
            "1000",
            await SqlAsync(
                place,
                path,
                "SELECT (SELECT balance FROM accounts WHERE id = 1) + (SELECT coalesce(sum(amount), 0) FROM transfers)"
            )
        );
    }
}
