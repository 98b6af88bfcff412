using Holdfast.Core.Engines;
using Holdfast.Testing;

namespace Holdfast.Engines.Sqlite.Tests;

/// <summary>That each check can go red.</summary>
public sealed class CheckTests : IDisposable
{
    private readonly ScratchDirectory scratch = new();

    [Theory]
    [InlineData(CheckLevel.Quick, "quick_check")]
    [InlineData(CheckLevel.Integrity, "integrity_check")]
    public async Task CheckAsync_GoodCopy_SaysWhatWasChecked(CheckLevel level, string name)
    {
        var copy = Sql.Bank(scratch["copy.db"], "PRAGMA journal_mode=WAL");
        var bytes = await File.ReadAllBytesAsync(copy);

        var report = await Databases.CheckAsync(copy, level);

        Assert.Equal(CheckOutcome.Good, report.Outcome);
        Assert.Equal(["size", name, "foreign_key_check", "row_count"], report.Checks);
        Assert.Empty(report.Notes);
        Assert.Equal(2000, report.Rows["accounts"]);
        Assert.Equal(0, report.Rows["transfers"]);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(copy));
        Assert.Equal(["copy.db"], Databases.Names(scratch.Path));
    }

    [Fact]
    public async Task CheckAsync_LevelNone_ChecksNothing()
    {
        var report = await Databases.CheckAsync(scratch["missing.db"], CheckLevel.None);

        Assert.Equal(CheckOutcome.Good, report.Outcome);
        Assert.Empty(report.Checks);
    }

    [Fact]
    public async Task CheckAsync_MissingFile_IsInconclusive()
    {
        var report = await Databases.CheckAsync(scratch["missing.db"]);

        Assert.Equal(CheckOutcome.Inconclusive, report.Outcome);
        Assert.Contains("no file", Assert.Single(report.Problems), StringComparison.Ordinal);
        Assert.Empty(Databases.Names(scratch.Path));
    }

    // SQLite takes a file of one byte for an empty one, too.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task CheckAsync_EmptyFile_IsBad(int length)
    {
        await File.WriteAllBytesAsync(scratch["copy.db"], new byte[length]);

        await AssertBadAsync("is empty");
    }

    [Theory]
    [InlineData(2)]
    [InlineData(100)]
    [InlineData(8192)]
    public async Task CheckAsync_ForeignFile_IsBad(int length)
    {
        var bytes = new byte[length];
        new Random(3).NextBytes(bytes);
        await File.WriteAllBytesAsync(scratch["copy.db"], bytes);

        await AssertBadAsync("not a database");
    }

    [Fact]
    public async Task CheckAsync_CutOffAnywhere_IsBad()
    {
        var copy = Sql.Bank(scratch["copy.db"], "PRAGMA page_size=512", accounts: 20);
        var bytes = await File.ReadAllBytesAsync(copy);

        // Every page boundary, and within each page: near its beginning, its middle and one byte short.
        foreach (var page in Enumerable.Range(0, bytes.Length / 512))
        {
            foreach (var length in new[] { 0, 1, 256, 511 }.Select(rest => (page * 512) + rest))
            {
                await File.WriteAllBytesAsync(copy, bytes[..length]);
                foreach (var level in new[] { CheckLevel.Quick, CheckLevel.Integrity })
                {
                    var report = await Databases.CheckAsync(copy, level);
                    Assert.True(report.Outcome == CheckOutcome.Bad, $"cut to {length} bytes: {report.Outcome}");
                    Assert.NotEmpty(report.Problems);
                }
            }
        }
    }

    [Fact]
    public async Task CheckAsync_PageOverwritten_IsBad()
    {
        var copy = Sql.Bank(scratch["copy.db"], "PRAGMA page_size=512", accounts: 20);
        var bytes = await File.ReadAllBytesAsync(copy);

        foreach (var page in Enumerable.Range(0, bytes.Length / 512))
        {
            var damaged = bytes.ToArray();
            new Random(page).NextBytes(damaged.AsSpan(page * 512, 512));
            await File.WriteAllBytesAsync(copy, damaged);
            Assert.Equal(CheckOutcome.Bad, (await Databases.CheckAsync(copy)).Outcome);
        }
    }

    // SQLite has no checksums: a flip in stored text is for the manifest's hash to find. One in a structure is not.
    [Fact]
    public async Task CheckAsync_BitFlippedInTheStructure_IsBad()
    {
        var copy = Sql.Bank(scratch["copy.db"], "PRAGMA page_size=512", accounts: 20);
        var bytes = await File.ReadAllBytesAsync(copy);
        var missed = new List<string>();

        for (var page = 1; page < bytes.Length / 512; page++)
        {
            var start = page * 512;
            if (bytes[start] is not (2 or 5 or 10 or 13))
            {
                continue; // an overflow page
            }

            if (bytes[start + 3] == 0 && bytes[start + 4] == 0)
            {
                continue; // an empty table has no first cell
            }

            // Kind, first free block, number of cells, start of the cells; the pointer to the first cell.
            foreach (var at in new[] { 0, 3, 4, 5, 6, 8, 9 })
            {
                for (var bit = 0; bit < 8; bit++)
                {
                    var damaged = bytes.ToArray();
                    damaged[start + at] ^= (byte)(1 << bit);
                    await File.WriteAllBytesAsync(copy, damaged);
                    if ((await Databases.CheckAsync(copy)).Outcome != CheckOutcome.Bad)
                    {
                        missed.Add(
                            FormattableString.Invariant($"page {page + 1} kind {bytes[start]} byte {at} bit {bit}")
                        );
                    }
                }
            }
        }

        Assert.Empty(missed);
    }

    [Fact]
    public async Task CheckAsync_IndexLacksARow_IsFoundByIntegrityOnly()
    {
        var copy = Sql.Run(
            scratch["copy.db"],
            """
            CREATE TABLE t(a); CREATE INDEX i ON t(a); INSERT INTO t VALUES (1), (2);
            CREATE TABLE u(a); CREATE INDEX j ON u(a); INSERT INTO u VALUES (1), (3);
            PRAGMA writable_schema=ON;
            UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'j') WHERE name = 'i';
            """
        );

        Assert.Equal(CheckOutcome.Bad, (await Databases.CheckAsync(copy)).Outcome);
    }

    [Fact]
    public async Task CheckAsync_BrokenForeignKeys_AreNotes()
    {
        var copy = Sql.Run(
            scratch["copy.db"],
            """
            CREATE TABLE parent(id INTEGER PRIMARY KEY);
            CREATE TABLE child(id INTEGER PRIMARY KEY, parent REFERENCES parent(id));
            INSERT INTO child(parent) VALUES (1), (2), (NULL);
            CREATE TABLE odd(a REFERENCES nowhere(b)); INSERT INTO odd VALUES (1);
            """
        );

        var report = await Databases.CheckAsync(copy);

        Assert.Equal(CheckOutcome.Good, report.Outcome);
        Assert.Contains("2 rows break the foreign key child → parent", report.Notes);
    }

    [Fact]
    public async Task CheckAsync_RowCounts_AreOfTheApplicationsTables()
    {
        var copy = Sql.Run(
            scratch["copy.db"],
            """
            CREATE TABLE "select ""from"" x"(a); INSERT INTO "select ""from"" x" VALUES (1), (2), (3);
            CREATE TABLE keyed(a TEXT PRIMARY KEY) WITHOUT ROWID; INSERT INTO keyed VALUES ('a');
            CREATE TABLE auto(id INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO auto DEFAULT VALUES;
            CREATE VIRTUAL TABLE search USING fts5(body); INSERT INTO search VALUES ('text');
            CREATE VIEW seen AS SELECT * FROM keyed;
            ANALYZE;
            """
        );

        var report = await Databases.CheckAsync(copy);

        Assert.Equal(CheckOutcome.Good, report.Outcome);
        Assert.Equal(["auto", "keyed", "select \"from\" x"], report.Rows.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(3, report.Rows["select \"from\" x"]);
    }

    [Fact]
    public async Task CheckAsync_StrayWalBesideTheCopy_PlaysNoPart()
    {
        using (var killed = await StartWithWalAsync(scratch["copy.db"])) { }

        var report = await Databases.CheckAsync(scratch["copy.db"]);

        Assert.Equal(0, report.Rows["transfers"]);
    }

    [Fact]
    public async Task CheckAsync_CollationOfTheApplication_IsNoDamage()
    {
        var copy = Sql.Run(scratch["copy.db"], "CREATE TABLE t(a TEXT); INSERT INTO t VALUES ('b'), ('a'), ('B')");
        Sql.Run(
            copy,
            """
            CREATE INDEX i ON t(a COLLATE NOCASE);
            PRAGMA writable_schema=ON;
            UPDATE sqlite_master SET sql = replace(sql, 'NOCASE', 'GERMAN') WHERE name = 'i';
            """
        );

        var report = await Databases.CheckAsync(copy);

        Assert.Equal(CheckOutcome.Good, report.Outcome);
        Assert.Contains("quick_check", report.Checks);
        Assert.Contains(report.Notes, note => note.Contains("GERMAN", StringComparison.Ordinal));
    }

    [Fact]
    public async Task CheckAsync_FunctionOfTheApplication_IsNoDamage()
    {
        var copy = IndexedBy(scratch["copy.db"], "GERMAN(a)");

        var report = await Databases.CheckAsync(copy);

        Assert.Equal(CheckOutcome.Good, report.Outcome);
        Assert.Contains("quick_check", report.Checks);
        Assert.Contains(report.Notes, note => note.Contains("GERMAN", StringComparison.Ordinal));
    }

    [Fact]
    public async Task CheckAsync_FunctionOfTheApplicationAndDamage_IsBad()
    {
        var copy = IndexedBy(scratch["copy.db"], "GERMAN(a)");
        await using (var file = File.OpenWrite(copy))
        {
            file.Position = 4096;
            file.Write(new byte[100]);
        }

        Assert.Equal(CheckOutcome.Bad, (await Databases.CheckAsync(copy)).Outcome);
    }

    [Fact]
    public async Task CaptureAsync_FunctionOfTheApplication_OnlineCopiesAndVacuumNamesIt()
    {
        var source = IndexedBy(scratch["app.db"], "GERMAN(a)");

        _ = await Databases.CopyAsync(source, scratch["copy.db"]);
        var error = await Assert.ThrowsAsync<Core.Errors.HoldfastException>(() =>
            Databases.CopyAsync(source, scratch["other.db"], Databases.By("vacuum-into"))
        );

        Assert.Contains("GERMAN", error.Message, StringComparison.Ordinal);
        Assert.Contains("online", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CheckAsync_HostileSchema_IsAnOutcome()
    {
        var copy = Sql.Run(
            scratch["copy.db"],
            """
            CREATE TABLE t(a);
            PRAGMA writable_schema=ON;
            INSERT INTO sqlite_master VALUES ('table', 'u', 'u', 2, 'CREATE TABLE u(');
            """
        );

        Assert.Equal(CheckOutcome.Bad, (await Databases.CheckAsync(copy)).Outcome);
    }

    [Fact]
    public async Task CheckAsync_Cancelled_Ends()
    {
        var copy = Sql.Bank(scratch["copy.db"]);

        _ = await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            new SqliteEngine(TimeProvider.System).CheckAsync(copy, CheckLevel.Integrity, new CancellationToken(true))
        );
    }

    public void Dispose() => scratch.Dispose();

    private static string IndexedBy(string path, string expression) =>
        Sql.Run(
            path,
            $"""
            CREATE TABLE t(a TEXT); INSERT INTO t VALUES ('b'), ('a'), ('B');
            CREATE INDEX i ON t(lower(a));
            PRAGMA writable_schema=ON;
            UPDATE sqlite_master SET sql = replace(sql, 'lower(a)', '{expression}') WHERE name = 'i';
            """
        );

    private static async Task<Application> StartWithWalAsync(string path)
    {
        Sql.Bank(path, "PRAGMA journal_mode=WAL");
        return await Application.StartAsync("die-with-wal", path, "5");
    }

    private async Task AssertBadAsync(string problem)
    {
        var report = await Databases.CheckAsync(scratch["copy.db"]);
        Assert.Equal(CheckOutcome.Bad, report.Outcome);
        Assert.Contains(problem, Assert.Single(report.Problems), StringComparison.Ordinal);
    }
}
