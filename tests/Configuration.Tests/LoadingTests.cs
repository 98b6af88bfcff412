using Holdfast.Configuration.Settings;
using Holdfast.Configuration.Units;
using Holdfast.Core.Codecs;
using Holdfast.Core.Engines;

namespace Holdfast.Configuration.Tests;

public sealed class LoadingTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public void I_can_write_every_setting()
    {
        var settings = _workspace
            .Set("KEY", "the-key")
            .Set("SECRET", "the-secret")
            .Set("CELLAR", "/var/lib/cellarsync/cellar.db")
            .Load(Examples.Full)
            .Settings;

        Assert.Equal(["local", "offsite"], settings.Targets.Select(target => target.Name));
        var (local, offsite) = (settings.Targets[0], settings.Targets[1]);
        Assert.Equal("/var/backups/cellarsync", local.Url.Reveal());
        Assert.False(local.IsS3);
        Assert.Equal(EnforcedBy.Tool, local.EnforcedBy);
        Assert.True(offsite.IsS3);
        Assert.Equal("s3://cellar-backups/prod", offsite.Url.Reveal());
        Assert.Equal("http://127.0.0.1:9000", offsite.Endpoint?.Reveal());
        Assert.Equal("eu-central-1", offsite.Region?.Reveal());
        Assert.True(offsite.PathStyle);
        Assert.Equal("the-key", offsite.AccessKey?.Reveal());
        Assert.Equal("the-secret", offsite.SecretKey?.Reveal());
        Assert.Equal("a-token", offsite.SessionToken?.Reveal());
        Assert.Equal("/etc/ssl/my-ca.pem", offsite.CaFile?.Reveal());
        Assert.Equal(EnforcedBy.Bucket, offsite.EnforcedBy);

        var database = Assert.Single(settings.Databases);
        Assert.Equal("cellar", database.Name);
        Assert.Equal("/var/lib/cellarsync/cellar.db", database.Source.Reveal());
        Assert.Equal(TimeSpan.FromMinutes(15), database.Rpo);
        Assert.Equal(TimeSpan.FromHours(1), database.Rto);
        var snapshots = database.Snapshots;
        Assert.Equal([offsite, local], snapshots.To);
        Assert.Equal("Europe/Berlin", snapshots.TimeZone.Id);
        Assert.Equal(SnapshotMethod.VacuumInto, snapshots.Method);
        Assert.Equal(CheckpointBefore.Truncate, snapshots.Checkpoint);
        Assert.Equal(TimeSpan.FromSeconds(5), snapshots.BusyTimeout);
        Assert.Equal(CheckLevel.Quick, snapshots.Check);
        Assert.Equal("cellar-backup-{time:yyyy-MM-dd-HHmmss}.db", snapshots.NameTemplate.Reveal());
        Assert.Equal(Compression.Zstd, snapshots.Compress);
        Assert.Equal(19, snapshots.Level);
        Assert.Equal(new ByteSize(1024 * 1024), snapshots.CompressAbove);
        Assert.Equal([offsite, local], snapshots.Keep.Select(keep => keep.Target));
        Assert.Equal("within=90d", Rules(snapshots.Keep[0]));
        Assert.Equal("within=30d min=5", Rules(snapshots.Keep[1]));
        Assert.Equal("/srv/scratch", settings.Scratch.Reveal());
    }

    [Fact]
    public void Load_LeastConfiguration_HasDefaults()
    {
        var settings = _workspace.Load("targets: {local: /b}\ndatabases: {app: {source: app.db}}\n").Settings;

        var snapshots = Assert.Single(settings.Databases).Snapshots;
        Assert.Equal(settings.Targets, snapshots.To);
        Assert.Equal(TimeZoneInfo.Utc, snapshots.TimeZone);
        Assert.Equal(SnapshotMethod.Online, snapshots.Method);
        Assert.Equal(CheckpointBefore.Passive, snapshots.Checkpoint);
        Assert.Equal(TimeSpan.FromSeconds(30), snapshots.BusyTimeout);
        Assert.Equal(CheckLevel.Integrity, snapshots.Check);
        Assert.Equal(Compression.Gzip, snapshots.Compress);
        Assert.Null(snapshots.Level);
        Assert.Equal(default, snapshots.CompressAbove);
        Assert.Equal("{database}-{time:yyyyMMdd-HHmmss}.db", snapshots.NameTemplate.Reveal());
        Assert.Empty(Assert.Single(snapshots.Keep).Rules);
        Assert.Equal("/var/tmp", settings.Scratch.Reveal());
        Assert.Null(settings.Databases[0].Rpo);
    }

    [Fact]
    public void Load_RulesWithoutTarget_AreForAllTargets()
    {
        var settings = _workspace
            .Load(
                """
                targets: { a: /a, b: /b }
                databases:
                  app:
                    source: app.db
                    snapshots: { keep: { last: 3, daily: 48h, forever: false, grace: none } }
                """
            )
            .Settings;

        var keep = settings.Databases[0].Snapshots.Keep;
        Assert.Equal(["a", "b"], keep.Select(rules => rules.Target.Name));
        Assert.All(keep, rules => Assert.Equal("last=3 daily=48h forever=false grace=none", Rules(rules)));
        Assert.Equal(5, keep[0].Rules[0].Value.Location.Line);
    }

    [Fact]
    public void Load_TargetNamedAsRule_IsToldByItsMapping()
    {
        var settings = _workspace
            .Load(
                """
                targets: { last: /a, b: /b }
                databases: { app: { source: app.db, snapshots: { keep: { last: { within: 1d } } } } }
                """
            )
            .Settings;

        var keep = settings.Databases[0].Snapshots.Keep;
        Assert.Equal(["within=1d", ""], keep.Select(Rules));
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing but a comment\n")]
    [InlineData("---\n...\n")]
    [InlineData("{}")]
    [InlineData("targets:\ndatabases:\n")]
    public void Load_NothingInIt_IsRight(string yaml)
    {
        var settings = _workspace.Load(yaml).Settings;

        Assert.Empty(settings.Targets);
        Assert.Empty(settings.Databases);
    }

    [Fact]
    public void Load_KeysInOtherCase_AreTheSame()
    {
        var settings = _workspace.Load("Targets: {local: /b}\nDATABASES: {App: {Source: app.db}}\n").Settings;

        Assert.Equal("App", Assert.Single(settings.Databases).Name);
        Assert.NotNull(settings.FindDatabase("app"));
        Assert.NotNull(settings.FindTarget("LOCAL"));
        Assert.Null(settings.FindTarget("elsewhere"));
    }

    [Fact]
    public void I_can_put_the_settings_into_appsettings_json()
    {
        _workspace.Write(
            "appsettings.json",
            """
            {
              // other sections belong to others
              "Logging": { "LogLevel": { "Default": "Warning" } },
              "Holdfast": {
                "Targets": { "local": "/b" },
                "Databases": {
                  "app": { "Source": "app.db", "Snapshots": { "To": ["local"], "Level": 9, "Keep": { "Forever": true } } },
                },
              },
            }
            """
        );

        var settings = HoldfastConfiguration.Load(_workspace.Sources("appsettings.json")).Settings;

        var snapshots = Assert.Single(settings.Databases).Snapshots;
        Assert.Equal(9, snapshots.Level);
        Assert.Equal("forever=true", Rules(Assert.Single(snapshots.Keep)));
    }

    private static string Rules(TargetKeep keep) =>
        string.Join(' ', keep.Rules.Select(rule => $"{rule.Key}={rule.Value.Reveal()}"));
}
