using Holdfast.Core.Timeline.Restore;
using Holdfast.Endurance.Tests.Worlds;
using Holdfast.Testing;
using Microsoft.Data.Sqlite;

namespace Holdfast.Endurance.Tests;

/// <summary>What is too large for every day: part of a soak.</summary>
public sealed class LargeTests
{
    private const long Gigabyte = 1L << 30;

    // The page with byte 2^30 never has content, and is in no hash and in no segment.
    [Theory]
    [InlineData(512)]
    [InlineData(1024)]
    [InlineData(2048)]
    [InlineData(4096)]
    [InlineData(8192)]
    [InlineData(16384)]
    [InlineData(32768)]
    [InlineData(65536)]
    public async Task I_can_restore_a_database_that_grows_and_shrinks_over_the_lock_page(int pageSize)
    {
        RequireSoak(freeBytes: 8 * Gigabyte);
        var random = new Random(Seed.Next());
        using var world = new World(random, pageSize);
        world.Sql(Zeros("d9", Gigabyte - (40 * pageSize)));
        await world.StartAgentAsync();
        _ = await world.Agent.SyncAsync();
        for (var round = 0; round < 2; round++)
        {
            await world.StartWritersAsync(1, most: 60);
            await world.FinishWritersAsync(now: false);
            world.Sql(Zeros("d8", 80L * pageSize));
            await world.StartWritersAsync(1, most: 60);
            await world.FinishWritersAsync(now: false);
            await AssertRestorableAsync(world);
            world.Sql("DROP TABLE zeros_d8; PRAGMA incremental_vacuum");
            await AssertRestorableAsync(world);
        }

        await world.Agent.StopAsync();
    }

    [Fact]
    public async Task I_can_follow_a_WAL_of_more_than_four_gigabytes()
    {
        RequireSoak(freeBytes: 16 * Gigabyte);
        var random = new Random(Seed.Next());
        using var world = new World(random);
        await world.StartAgentAsync();

        // A reader that lets nothing be copied, and one transaction that is larger than 32 bits can tell.
        using (var reader = new SqliteConnection($"Data Source={world.Path};Pooling=False"))
        {
            reader.Open();
            Execute(reader, "BEGIN; SELECT count(*) FROM t");
            for (var part = 1; part <= 5; part++)
            {
                world.Sql(Zeros($"d{part}", Gigabyte * 9 / 10));
            }

            await world.StartWritersAsync(1, "calm", most: 60);
            await world.FinishWritersAsync(now: false);
            Assert.True(new FileInfo(world.Path + "-wal").Length > 4 * Gigabyte);
            Execute(reader, "COMMIT");
        }

        await AssertRestorableAsync(world);
        await world.Agent.StopAsync();
    }

    private static void RequireSoak(long freeBytes)
    {
        if (!Seed.IsSoak)
        {
            Assert.Skip("only in a soak: ./test --soak MINUTES");
        }

        if (new DriveInfo(Path.GetTempPath()).AvailableFreeSpace is var free && free < freeBytes)
        {
            Assert.Skip($"needs {freeBytes >> 30} GiB of free space, and there are {free >> 30}");
        }
    }

    // Rows as applications make them, but of zeros: the content does not follow from a seed, so they are in no digest.
    private static string Zeros(string table, long bytes)
    {
        const int Row = 100_000_000;
        return $"""
            CREATE TABLE zeros_{table}(v BLOB);
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {bytes / Row})
            INSERT INTO zeros_{table} SELECT zeroblob({Row}) FROM n WHERE {bytes / Row} > 0;
            INSERT INTO zeros_{table} VALUES (zeroblob({bytes % Row}));
            """;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        _ = command.ExecuteScalar();
    }

    private static async Task AssertRestorableAsync(World world)
    {
        var live = Content.OfLive(world.Path);
        _ = await world.Agent.SyncAsync();
        var (_, content) = await world.Vault.RestoreAsync(new TimelineRequest());
        Assert.Equal(live, content);
    }
}
