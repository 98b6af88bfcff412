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
    [InlineData("/var/tenants/*.db", true)]
    [InlineData("/var/*/app.db", true)]
    [InlineData("app-?.db", true)]
    [InlineData("/var/app.db", false)]
    [InlineData("sqlite:///app.db?mode=ro", false)]
    [InlineData("sqlite+aiosqlite:////var/a*.db", false)]
    [InlineData("file:app.db?mode=ro", false)]
    [InlineData("postgres://host/db?sslmode=require", false)]
    public void IsPattern_Source_IsAPathWithAWildcard(string source, bool expected)
    {
        _workspace.Set("HOLDFAST__databases__app__source", source);

        Assert.Equal(expected, Database("").IsPattern);
    }

    private DatabaseSettings Database(string below) =>
        _workspace
            .Load($"targets: {{ local: /b, offsite: s3://b }}\ndatabases:\n  app:\n    source: app.db\n    {below}\n")
            .Settings.Databases[0];
}
