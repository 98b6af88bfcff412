using Holdfast.Core.Errors;
using Holdfast.Testing;

namespace Holdfast.Engines.Sqlite.Tests;

/// <summary>What a source can be besides a healthy database at rest.</summary>
public sealed class CaptureSourceTests : IDisposable
{
    private readonly ScratchDirectory scratch = new();

    [Fact]
    public async Task CaptureAsync_MissingPath_CreatesNothing()
    {
        var error = await RefusedAsync(scratch["missing.db"]);

        Assert.Contains("there is no database at", error.Message, StringComparison.Ordinal);
        Assert.Empty(Databases.Names(scratch.Path));
    }

    [Fact]
    public async Task CaptureAsync_MissingDirectory_CreatesNothing()
    {
        _ = await RefusedAsync(scratch["missing/app.db"]);

        Assert.Empty(Databases.Names(scratch.Path));
    }

    [Fact]
    public async Task CaptureAsync_Directory_SaysSo()
    {
        var error = await RefusedAsync(scratch.Path);

        Assert.Contains("is a directory", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CaptureAsync_Device_SaysSo()
    {
        var error = await RefusedAsync("/dev/null");

        Assert.Contains("not a regular file", error.Message, StringComparison.Ordinal);
    }

    // SQLite takes a file of one byte for an empty one, too.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task CaptureAsync_EmptyFile_SaysSoAndLeavesItAlone(int length)
    {
        await File.WriteAllBytesAsync(scratch["app.db"], new byte[length]);

        var error = await RefusedAsync(scratch["app.db"]);

        Assert.Contains("is empty", error.Message, StringComparison.Ordinal);
        Assert.Equal(["app.db"], Databases.Names(scratch.Path));
        Assert.Equal(length, new FileInfo(scratch["app.db"]).Length);
    }

    // SQLite deletes the -wal beside an empty file as soon as it opens it: here it holds all that is left.
    [Fact]
    public async Task CaptureAsync_EmptyFileWithWal_DoesNotLetSqliteDeleteTheWal()
    {
        await MakeWalAsync(rows: 3);
        await File.WriteAllBytesAsync(scratch["app.db"], []);
        var wal = await File.ReadAllBytesAsync(scratch["app.db-wal"]);

        var error = await RefusedAsync(scratch["app.db"]);

        Assert.Contains("-wal", error.Hint, StringComparison.Ordinal);
        Assert.Equal(wal, await File.ReadAllBytesAsync(scratch["app.db-wal"]));
        Assert.NotEmpty(wal);
    }

    public static TheoryData<string, byte[]> ForeignFiles() =>
        new()
        {
            { "text", "this is a text about databases\n"u8.ToArray() },
            { "two bytes", [1, 2] },
            { "zeros", new byte[8192] },
            { "encrypted", SampleBytes(8192) },
            { "a cut header", "SQLite format 3\0"u8.ToArray() },
        };

    [Theory]
    [MemberData(nameof(ForeignFiles))]
    public async Task CaptureAsync_ForeignFile_SaysSoAndLeavesItAlone(string kind, byte[] content)
    {
        _ = kind;
        await File.WriteAllBytesAsync(scratch["app.db"], content);

        var error = await RefusedAsync(scratch["app.db"]);

        Assert.Contains("not a SQLite database, or it is encrypted", error.Message, StringComparison.Ordinal);
        Assert.Equal(["app.db"], Databases.Names(scratch.Path));
        Assert.Equal(content, await File.ReadAllBytesAsync(scratch["app.db"]));
    }

    [Fact]
    public async Task CaptureAsync_DamagedDatabase_IsCopiedAndFoundByTheCheck()
    {
        var source = Sql.Bank(scratch["app.db"]);
        await using (var file = File.OpenWrite(source))
        {
            file.Position = 5 * 4096;
            file.Write(new byte[4096]);
        }

        _ = await Databases.CopyAsync(source, scratch["copy.db"]);

        Assert.Equal(Core.Engines.CheckOutcome.Bad, (await Databases.CheckAsync(scratch["copy.db"])).Outcome);
    }

    [Fact]
    public async Task CaptureAsync_CopyExists_LeavesItAlone()
    {
        var source = Sql.Bank(scratch["app.db"]);
        await File.WriteAllTextAsync(scratch["copy.db"], "precious");

        _ = await Assert.ThrowsAsync<IOException>(() => Databases.CopyAsync(source, scratch["copy.db"]));

        Assert.Equal("precious", await File.ReadAllTextAsync(scratch["copy.db"]));
    }

    [Theory]
    [InlineData("online")]
    [InlineData("vacuum-into")]
    public async Task CaptureAsync_HotJournal_CopiesWhatWasCommitted(string method)
    {
        var source = Sql.Bank(scratch["app.db"]);
        using (await Application.StartAsync("die-in-transaction", source)) { }
        Assert.NotEqual(0, new FileInfo(source + "-journal").Length);

        _ = await Databases.CopyAsync(source, scratch["copy.db"], Databases.By(method));

        Sql.AssertBalanced(scratch["copy.db"]);
        Assert.Equal(["app.db", "copy.db"], Databases.Names(scratch.Path));
    }

    [Theory]
    [InlineData("online")]
    [InlineData("vacuum-into")]
    public async Task CaptureAsync_WalOfAKilledProgram_IsInTheCopyAndStays(string method)
    {
        await MakeWalAsync(rows: 7);
        var options = Databases.By(method) with { Checkpoint = SqliteCheckpoint.None };
        var wal = await File.ReadAllBytesAsync(scratch["app.db-wal"]);

        _ = await Databases.CopyAsync(scratch["app.db"], scratch["copy.db"], options);

        Assert.Equal(7, Sql.Integer(scratch["copy.db"], "SELECT count(*) FROM transfers"));
        Assert.Equal(wal, await File.ReadAllBytesAsync(scratch["app.db-wal"]));
    }

    [Fact]
    public async Task CaptureAsync_ApplicationHasItOpen_LeavesItsSideFiles()
    {
        var source = Sql.Bank(scratch["app.db"], "PRAGMA journal_mode=WAL");
        using var application = await Application.StartAsync("hold-open", source);
        var before = Databases.Names(scratch.Path).ToList();

        _ = await Databases.CopyAsync(source, scratch["copy.db"]);

        Assert.Contains("app.db-wal", before);
        Assert.Equal([.. before, "copy.db"], Databases.Names(scratch.Path));
    }

    [Fact]
    public async Task CaptureAsync_ThroughASymbolicLink_FindsTheWal()
    {
        await MakeWalAsync(rows: 4);
        Directory.CreateDirectory(scratch["elsewhere"]);
        File.CreateSymbolicLink(scratch["elsewhere/link.db"], scratch["app.db"]);

        _ = await Databases.CopyAsync(scratch["elsewhere/link.db"], scratch["copy.db"]);

        Assert.Equal(4, Sql.Integer(scratch["copy.db"], "SELECT count(*) FROM transfers"));
        Assert.Equal(["link.db"], Databases.Names(scratch["elsewhere"]));
    }

    [Theory]
    [InlineData("a b%20c?d#e.db")]
    [InlineData("grün 'quoted' \"twice\".db")]
    [InlineData("file:app.db")]
    public async Task CaptureAsync_StrangeName_IsJustAName(string name)
    {
        var source = Sql.Bank(scratch[name], accounts: 10);

        _ = await Databases.CopyAsync(source, scratch["copy of " + name]);

        Sql.AssertBalanced(scratch["copy of " + name], accounts: 10);
        Assert.Equal(Core.Engines.CheckOutcome.Good, (await Databases.CheckAsync(scratch["copy of " + name])).Outcome);
    }

    [Fact]
    public async Task Identity_HoweverAddressed_IsTheSame()
    {
        var source = Sql.Bank(scratch["app.db"]);
        Directory.CreateDirectory(scratch["dir"]);
        File.CreateSymbolicLink(scratch["dir/link.db"], source);
        var identity = Databases.At(source).Identity;

        Assert.Equal(identity, Databases.At(scratch["dir/link.db"]).Identity);
        Assert.Equal(identity, Databases.At(scratch["dir/../app.db"]).Identity);
        Assert.NotEqual(identity, Databases.At(scratch["other.db"]).Identity);
        await Task.CompletedTask;
    }

    [Fact]
    public async Task EstimateSizeAsync_WithWal_CountsWhatIsInIt()
    {
        await MakeWalAsync(rows: 500);

        var estimate = await Databases.At(scratch["app.db"]).EstimateSizeAsync(default);

        _ = await Databases.CopyAsync(scratch["app.db"], scratch["copy.db"]);
        Assert.Equal(new FileInfo(scratch["copy.db"]).Length, estimate);
    }

    [Fact]
    public async Task EstimateSizeAsync_MissingPath_CreatesNothing()
    {
        var error = await Assert.ThrowsAsync<HoldfastException>(() =>
            Databases.At(scratch["missing.db"]).EstimateSizeAsync(default)
        );

        Assert.Equal(ErrorCode.SourceMissing, error.Code);
        Assert.Empty(Databases.Names(scratch.Path));
    }

    public void Dispose() => scratch.Dispose();

    private async Task<HoldfastException> RefusedAsync(string path)
    {
        var error = await Assert.ThrowsAsync<HoldfastException>(() => Databases.CopyAsync(path, scratch["copy.db"]));
        Assert.Equal(ErrorCode.SourceMissing, error.Code);
        return error;
    }

    private async Task MakeWalAsync(int rows)
    {
        var source = Sql.Bank(scratch["app.db"], "PRAGMA journal_mode=WAL");
        using var killed = await Application.StartAsync("die-with-wal", source, FormattableString.Invariant($"{rows}"));
        _ = await killed.FinishAsync();
        Assert.NotEqual(0, new FileInfo(source + "-wal").Length);
    }

    private static byte[] SampleBytes(int length)
    {
        var bytes = new byte[length];
        new Random(7).NextBytes(bytes);
        return bytes;
    }
}
