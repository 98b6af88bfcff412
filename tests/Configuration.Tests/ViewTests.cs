namespace Holdfast.Configuration.Tests;

/// <summary>What <c>config show</c> prints.</summary>
public sealed class ViewTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public void ToYaml_AllSources_ShowsWhatHoldsAndFromWhere()
    {
        _workspace.Set("KEY", "k").Set("HOLDFAST__databases__app__snapshots__to", "local");
        var loaded = _workspace.Load(
            """
            targets:
              local: /b
              offsite: { url: s3://b, accessKey: "${env:KEY}", secretKey: inline }
            databases:
              app:
                source: "sqlite:///a b.db"
                snapshots: { keep: { local: { last: 3 } } }
            """
        );

        var shown = loaded.View.ToYaml().Replace(_workspace.Root + "/", "", StringComparison.Ordinal);

        Assert.Equal(
            """
            targets:
              local:
                url: /b  # holdfast.yaml:2
                enforcedBy: tool  # default
              offsite:
                url: s3://b  # holdfast.yaml:3
                accessKey: "${env:KEY}"  # holdfast.yaml:3
                secretKey: "***"  # holdfast.yaml:3
                enforcedBy: tool  # default
            databases:
              app:
                source: "sqlite:///a b.db"  # holdfast.yaml:6
                snapshots:
                  to: [local]  # HOLDFAST__databases__app__snapshots__to
                  timezone: UTC  # default
                  method: online  # default
                  checkpoint: passive  # default
                  busyTimeout: 30s  # default
                  check: integrity  # default
                  name: "{database}-{time:yyyyMMdd-HHmmss}.db"  # default
                  compress: gzip  # default
                  compressAbove: 0B  # default
                  encrypt: false  # default
                  keep:
                    local:
                      last: 3  # holdfast.yaml:7
            scratch: /var/tmp  # default

            """,
            shown
        );
        Assert.Contains(
            loaded.View.Settings,
            setting => setting is { Path: "targets.offsite.secretKey", Value: "***" }
        );
    }

    [Fact]
    public void ToYaml_ConfigurationWithoutInlineSecrets_LoadsToTheSame()
    {
        _workspace.Set("KEY", "k").Set("SECRET", "s").Set("CELLAR", "c.db");
        var first = _workspace.Load(Examples.Full.Replace("a-token", "${env:KEY}", StringComparison.Ordinal));

        var second = _workspace.Load(first.View.ToYaml());

        Assert.Equal(Comparable(first), Comparable(second));
        Assert.Equal(
            first.View.Settings.Select(setting => (setting.Path, setting.Value)),
            second.View.Settings.Select(setting => (setting.Path, setting.Value))
        );
    }

    [Fact]
    public void ToYaml_TimelineAlone_ShowsNoSnapshotsThatAreNotTaken()
    {
        var first = _workspace.Load("targets: { t: /b }\ndatabases: { app: { source: app.db, timeline: } }\n");

        var shown = first.View.ToYaml().Replace(_workspace.Root + "/", "", StringComparison.Ordinal);

        Assert.Equal(
            """
            targets:
              t:
                url: /b  # holdfast.yaml:1
                enforcedBy: tool  # default
            databases:
              app:
                source: app.db  # holdfast.yaml:2
                timeline:
                  interval: 1s  # default
                  switchToWal: false  # default
                  spool: 1GiB  # default
                  timezone: UTC  # default
            scratch: /var/tmp  # default

            """,
            shown
        );
        Assert.Equal(Comparable(first), Comparable(_workspace.Load(shown)));
    }

    [Fact]
    public void ToYaml_NoConfiguration_ShowsDefaults() =>
        Assert.Equal("scratch: /var/tmp  # default\n", HoldfastConfiguration.Load(_workspace.Sources()).View.ToYaml());

    [Fact]
    public void Read_WrongConfiguration_IsShownNevertheless()
    {
        _workspace.Write("holdfast.yaml", "targets: { l: { url: /b, colour: red } }\nscratch: [a]\n");

        var loaded = HoldfastConfiguration.Read(_workspace.Sources());

        Assert.Equal(2, loaded.Problems.Count);
        Assert.Contains("url: /b", loaded.View.ToYaml(), StringComparison.Ordinal);
        Assert.DoesNotContain("colour", loaded.View.ToYaml(), StringComparison.Ordinal);
    }

    private static string Comparable(LoadedConfiguration loaded)
    {
        var settings = loaded.Settings;
        var parts = settings
            .Targets.Select(target => $"{target with { Location = new SettingLocation("") }}")
            .Concat(
                settings.Databases.Select(database =>
                    $"{database.Source} {database.Rpo} {database.Rto} {database.Snapshots} {database.TakesSnapshots} {database.Timeline}"
                )
            )
            .Concat(settings.Databases.SelectMany(database => database.Snapshots.To).Select(target => target.Name))
            .Concat(
                settings
                    .Databases.SelectMany(database => database.Timeline?.Keep ?? [])
                    .Select(keep => $"{keep.EveryCommit}")
            )
            .Concat(
                settings
                    .Databases.SelectMany(database => database.Snapshots.Keep)
                    .SelectMany(keep => keep.Rules)
                    .Select(rule => $"{rule}")
            )
            .Append($"{settings.Scratch}");
        return string.Join('\n', parts);
    }
}
