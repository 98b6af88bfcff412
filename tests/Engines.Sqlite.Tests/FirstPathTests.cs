using Holdfast.Core.Engines;
using Holdfast.Testing;

namespace Holdfast.Engines.Sqlite.Tests;

public class FirstPathTests
{
    [Fact]
    public async Task I_can_copy_check_and_restore()
    {
        using var scratch = new ScratchDirectory();
        var source = Sql.Bank(scratch["app.db"], "PRAGMA journal_mode=WAL");
        var database = new SqliteDatabase(source, new SqliteOptions(), TimeProvider.System);
        var report = await database.CaptureAsync(scratch["copy.db"], null, default);
        Assert.Equal("wal", report.Details["journalMode"]!.GetValue<string>());
        Assert.Equal(["app.db", "copy.db"], Directory.GetFiles(scratch.Path).Select(Path.GetFileName).Order());
        var check = await database.Engine.CheckAsync(scratch["copy.db"], CheckLevel.Integrity, default);
        Assert.Equal(CheckOutcome.Good, check.Outcome);
        Assert.Equal(2000, check.Rows["accounts"]);
        await using var destination = await database.Engine.PrepareRestoreAsync(scratch["restored.db"], false, default);
        await destination.Staging.WriteAsync(File.ReadAllBytes(scratch["copy.db"]));
        var placement = await destination.CommitAsync(default);
        Assert.Null(placement.KeptPrevious);
        Sql.AssertBalanced(scratch["restored.db"]);
    }
}
