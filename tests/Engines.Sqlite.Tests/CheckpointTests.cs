using System.Text.Json.Nodes;
using Holdfast.Testing;

namespace Holdfast.Engines.Sqlite.Tests;

/// <summary>The checkpoint before a copy: tried, recorded, never in the way (bug B18).</summary>
public sealed class CheckpointTests : IDisposable
{
    private readonly ScratchDirectory scratch = new();

    [Fact]
    public async Task Truncate_NobodyElse_EmptiesTheWal()
    {
        using var application = await BankWithWalAsync();

        var result = await CheckpointAsync(SqliteCheckpoint.Truncate);

        Assert.Equal("""{"mode":"truncate","busy":false,"walFrames":0,"checkpointed":0}""", result?.ToJsonString());
        Assert.Equal(0, new FileInfo(scratch["app.db-wal"]).Length);
    }

    [Fact]
    public async Task Truncate_AReaderIsInTheWay_IsRecordedAndTheCopyIsMade()
    {
        using var application = await BankWithWalAsync();
        using var reader = await Application.StartAsync("hold-read", scratch["app.db"]);
        Sql.Run(scratch["app.db"], "INSERT INTO transfers(amount) VALUES (0)");

        var result = await CheckpointAsync(SqliteCheckpoint.Truncate);

        Assert.True(result!["busy"]!.GetValue<bool>());
        Assert.NotEqual(0, new FileInfo(scratch["app.db-wal"]).Length);
    }

    [Fact]
    public async Task Passive_NobodyElse_WritesBackAllFrames()
    {
        using var application = await BankWithWalAsync();

        var result = await CheckpointAsync(SqliteCheckpoint.Passive);

        Assert.False(result!["busy"]!.GetValue<bool>());
        Assert.NotEqual(0, result["walFrames"]!.GetValue<int>());
        Assert.Equal(result["walFrames"]!.GetValue<int>(), result["checkpointed"]!.GetValue<int>());
    }

    [Fact]
    public async Task None_IsNotTried()
    {
        using var application = await BankWithWalAsync();

        Assert.Null(await CheckpointAsync(SqliteCheckpoint.None));
    }

    [Fact]
    public async Task Passive_RollbackMode_IsSkipped()
    {
        Sql.Bank(scratch["app.db"]);

        var result = await CheckpointAsync(SqliteCheckpoint.Passive);

        Assert.Equal("not in WAL mode", result!["skipped"]!.GetValue<string>());
    }

    public void Dispose() => scratch.Dispose();

    private async Task<Application> BankWithWalAsync()
    {
        Sql.Bank(scratch["app.db"], "PRAGMA journal_mode=WAL");
        var application = await Application.StartAsync("hold-open", scratch["app.db"]);
        Sql.Run(scratch["app.db"], "INSERT INTO transfers(amount) VALUES (0)");
        return application;
    }

    private async Task<JsonNode?> CheckpointAsync(SqliteCheckpoint kind)
    {
        var options = new SqliteOptions { Checkpoint = kind };
        var report = await Databases.CopyAsync(scratch["app.db"], scratch["copy.db"], options);
        Assert.Equal(
            Sql.Integer(scratch["app.db"], "SELECT count(*) FROM transfers"),
            Sql.Integer(scratch["copy.db"], "SELECT count(*) FROM transfers")
        );
        return report.Details["checkpoint"];
    }
}
