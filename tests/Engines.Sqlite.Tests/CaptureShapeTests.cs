using Holdfast.Core.Engines;
using Holdfast.Testing;

namespace Holdfast.Engines.Sqlite.Tests;

/// <summary>Every shape of database comes out as it went in, by both methods.</summary>
public sealed class CaptureShapeTests : IDisposable
{
    private const string Things = """
        CREATE TABLE things(id INTEGER PRIMARY KEY, name TEXT UNIQUE, data BLOB);
        CREATE INDEX by_data ON things(data);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
        INSERT INTO things SELECT i, 'thing ' || i || ' grün', zeroblob(i % 97) FROM n;
        DELETE FROM things WHERE id % 5 = 0;
        """;

    private readonly ScratchDirectory scratch = new();

    public static TheoryData<string, string> Shapes()
    {
        var data = new TheoryData<string, string>();
        foreach (var method in new[] { "online", "vacuum-into" })
        {
            for (var size = 512; size <= 65536; size *= 2)
            {
                data.Add(method, FormattableString.Invariant($"PRAGMA page_size={size}; {Things}"));
                data.Add(
                    method,
                    FormattableString.Invariant($"PRAGMA page_size={size}; PRAGMA journal_mode=WAL; {Things}")
                );
            }

            data.Add(method, "PRAGMA auto_vacuum=FULL;" + Things);
            data.Add(method, "PRAGMA auto_vacuum=INCREMENTAL;" + Things);
            data.Add(method, "PRAGMA encoding='UTF-16le';" + Things);
            data.Add(method, "PRAGMA encoding='UTF-16be';" + Things);
            data.Add(method, "PRAGMA application_id=1234567; PRAGMA user_version=42;" + Things);
            data.Add(
                method,
                "CREATE TABLE things(id TEXT PRIMARY KEY, data) WITHOUT ROWID; INSERT INTO things VALUES ('a', 1), ('b', 2)"
            );
            data.Add(
                method,
                "CREATE TABLE things(id INTEGER PRIMARY KEY, data ANY) STRICT; INSERT INTO things VALUES (1, x'00'), (2, 'x')"
            );
            data.Add(
                method,
                "CREATE TABLE things(id INTEGER PRIMARY KEY, double AS (id * 2), triple AS (id * 3) STORED); INSERT INTO things(id) VALUES (7)"
            );
            data.Add(
                method,
                "CREATE TABLE things(id INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO things DEFAULT VALUES; DELETE FROM things; INSERT INTO things DEFAULT VALUES"
            );
            data.Add(
                method,
                "CREATE TABLE \"thi\"\"ngs\"(id); INSERT INTO \"thi\"\"ngs\" VALUES (1); CREATE VIEW things AS SELECT * FROM \"thi\"\"ngs\""
            );
            data.Add(method, "PRAGMA user_version=1; CREATE VIEW things AS SELECT 1");
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task CaptureAsync_Shape_IsTheSameInTheCopy(string method, string sql)
    {
        var source = Sql.Run(scratch["app.db"], sql);

        var report = await Databases.CopyAsync(source, scratch["copy.db"], Databases.By(method));

        Assert.Equal(["app.db", "copy.db"], Databases.Names(scratch.Path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(scratch["copy.db"]));
        AssertSame("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name", 4);
        AssertSame("SELECT rowid, * FROM pragma_table_xinfo('things')", 4);
        AssertSame("SELECT * FROM things", Sql.Rows(source, "SELECT * FROM pragma_table_xinfo('things')", 1).Count);
        foreach (
            var pragma in new[]
            {
                "journal_mode",
                "page_size",
                "encoding",
                "auto_vacuum",
                "user_version",
                "application_id",
            }
        )
        {
            AssertSame($"PRAGMA {pragma}", 1);
        }

        Assert.Equal(method, report.Details["method"]!.GetValue<string>());
        Assert.Equal(new FileInfo(scratch["copy.db"]).Length, Number(report, "pageSize") * Number(report, "pageCount"));
        var check = await Databases.CheckAsync(scratch["copy.db"]);
        Assert.Equal(CheckOutcome.Good, check.Outcome);
        Assert.Empty(check.Problems);
    }

    [Theory]
    [InlineData(
        "online",
        "CREATE VIRTUAL TABLE things USING fts5(body); INSERT INTO things VALUES ('lazy dog'), ('quick fox')",
        "things MATCH 'fox'"
    )]
    [InlineData(
        "vacuum-into",
        "CREATE VIRTUAL TABLE things USING fts5(body); INSERT INTO things VALUES ('lazy dog'), ('quick fox')",
        "things MATCH 'fox'"
    )]
    [InlineData(
        "online",
        "CREATE VIRTUAL TABLE things USING rtree(id, a, b); INSERT INTO things VALUES (1, 0, 1), (2, 5, 6)",
        "a > 3"
    )]
    [InlineData(
        "vacuum-into",
        "CREATE VIRTUAL TABLE things USING rtree(id, a, b); INSERT INTO things VALUES (1, 0, 1), (2, 5, 6)",
        "a > 3"
    )]
    public async Task CaptureAsync_VirtualTable_CanBeSearchedInTheCopy(string method, string sql, string condition)
    {
        var source = Sql.Run(scratch["app.db"], sql + "; CREATE TABLE plain(id); INSERT INTO plain VALUES (1)");

        _ = await Databases.CopyAsync(source, scratch["copy.db"], Databases.By(method));

        Assert.Equal(1, Sql.Integer(scratch["copy.db"], $"SELECT count(*) FROM things WHERE {condition}"));
        var check = await Databases.CheckAsync(scratch["copy.db"]);
        Assert.Equal(CheckOutcome.Good, check.Outcome);
        Assert.Equal(["plain"], check.Rows.Keys);
    }

    public void Dispose() => scratch.Dispose();

    private static long Number(CaptureReport report, string name) => report.Details[name]!.GetValue<long>();

    private void AssertSame(string sql, int columns) =>
        Assert.Equal(Sql.Rows(scratch["app.db"], sql, columns), Sql.Rows(scratch["copy.db"], sql, columns));
}
