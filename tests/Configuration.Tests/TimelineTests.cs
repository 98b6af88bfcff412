using Holdfast.Configuration.Settings;
using Holdfast.Configuration.Units;

namespace Holdfast.Configuration.Tests;

/// <summary>What is said of timelines, and of sources that are patterns.</summary>
public sealed class TimelineTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [InlineData("timeline:")]
    [InlineData("timeline: {}")]
    [InlineData("timeline: { keep: {} }")]
    public void Load_TimelineWithNothingBelow_HasItsDefaults(string timeline)
    {
        var database = Database(timeline);

        Assert.NotNull(database.Timeline);
        Assert.Equal(["local", "offsite"], database.Timeline.To.Select(target => target.Name));
        Assert.Equal(TimeSpan.FromSeconds(1), database.Timeline.Interval);
        Assert.Equal(new ByteSize(1L << 30), database.Timeline.Spool);
        Assert.False(database.Timeline.SwitchToWal);
        Assert.All(database.Timeline.Keep, keep => Assert.Equal(TimeSpan.FromHours(48), keep.EveryCommit));
        Assert.False(database.TakesSnapshots);
    }

    [Fact]
    public void Load_NoTimeline_TakesSnapshotsAlone()
    {
        var database = Database("");

        Assert.Null(database.Timeline);
        Assert.True(database.TakesSnapshots);
    }

    [Fact]
    public void Load_TimelineAndSnapshots_HasBoth()
    {
        var database = Database("timeline: { to: offsite }\n    snapshots:");

        Assert.True(database.TakesSnapshots);
        Assert.Equal("offsite", Assert.Single(database.Timeline!.To).Name);
        Assert.Equal(2, database.Snapshots.To.Count);
    }

    [Fact]
    public void Load_TimelineAlone_SnapshotsThatAreAskedForGoWhereItGoes() =>
        Assert.Equal("offsite", Assert.Single(Database("timeline: { to: offsite }").Snapshots.To).Name);

    [Fact]
    public void Load_KeepOfEachTarget_IsItsOwn()
    {
        var keep = Database(
            "timeline: { keep: { local: { every-commit: 2w }, offsite: { every-commit: forever } } }"
        ).Timeline!.Keep;

        Assert.Equal([TimeSpan.FromDays(14), null], keep.Select(target => target.EveryCommit));
    }

    [Fact]
    public void Load_Variable_MakesATimeline()
    {
        _workspace.Set("HOLDFAST__databases__app__timeline__interval", "5s");

        Assert.Equal(TimeSpan.FromSeconds(5), Database("").Timeline?.Interval);
    }

    [Theory]
    [InlineData("/var/tenants/*.db", "acme.db", "tenants-acme")]
    [InlineData("*.db", "a.b.db", "tenants-a.b")]
    [InlineData("/v/app-?.db", "app-1.db", "tenants-1")]
    [InlineData("/v/app-*-v?.db", "app-acme-v2.db", "tenants-acme-v2")]
    [InlineData("/v/*", "acme.db", "tenants-acme.db")]
    [InlineData("/v/*", "acme.db-wal", null)]
    [InlineData("/v/*", "acme.db-shm", null)]
    [InlineData("/v/*.db", "acme.db-journal", null)]
    [InlineData("/v/*.db", ".db", null)]
    [InlineData("/v/*.db", "acme.DB", null)]
    [InlineData("/v/app-?.db", "app-10.db", null)]
    public void TryName_File_IsADatabaseOfThePattern(string source, string file, string? expected)
    {
        var pattern = SourcePattern.TryParse(source);

        Assert.NotNull(pattern);
        Assert.Equal(expected is not null, pattern.TryName("tenants", file, out var name));
        Assert.Equal(expected, name);
    }

    [Theory]
    [InlineData("/var/app.db")]
    [InlineData("sqlite:///app.db?mode=ro")]
    [InlineData("sqlite+aiosqlite:////var/a*.db")]
    [InlineData("file:app.db?mode=ro")]
    [InlineData("postgres://host/db?sslmode=require")]
    public void TryParse_OneDatabase_IsNoPattern(string source) => Assert.Null(SourcePattern.TryParse(source));

    private DatabaseSettings Database(string below) =>
        _workspace
            .Load($"targets: {{ local: /b, offsite: s3://b }}\ndatabases:\n  app:\n    source: app.db\n    {below}\n")
            .Settings.Databases[0];
}
