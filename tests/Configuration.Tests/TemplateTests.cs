using System.Text.RegularExpressions;
using Holdfast.Configuration.Presentation;
using Holdfast.Configuration.Settings;

namespace Holdfast.Configuration.Tests;

/// <summary>What <c>init</c> writes.</summary>
public sealed partial class TemplateTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [InlineData("/var/backups/app")]
    [InlineData("./backups")]
    [InlineData("s3://bucket/prefix")]
    [InlineData("/strange: path # with \"all\" ${env:X} \\ of 'it'")]
    public void Write_Target_Loads(string target)
    {
        var settings = _workspace.Load(ConfigurationTemplate.Write(["app.db"], target)).Settings;

        Assert.Equal(target, Assert.Single(settings.Targets).Url.Reveal());
        Assert.Equal("app.db", Assert.Single(settings.Databases).Source.Reveal());
    }

    [Fact]
    public void Write_Databases_GetNamesOfTheirOwn()
    {
        string[] sources =
        [
            "app.db",
            "/srv/App.sqlite3",
            "sqlite:////var/lib/a b/kellerbuch (alt).db?mode=ro",
            "/data/.hidden.db",
            "/x/库.db",
            "no",
            "123",
            "x.db.db",
            new string('l', 300) + ".db",
        ];

        var settings = _workspace.Load(ConfigurationTemplate.Write(sources, "/b")).Settings;

        Assert.Equal(sources, settings.Databases.Select(database => database.Source.Reveal()));
        Assert.Equal(
            ["app", "App-2", "kellerbuch-alt", "hidden", "database", "no", "123", "x.db-2", new string('l', 50)],
            settings.Databases.Select(database => database.Name)
        );
    }

    [Fact]
    public void Write_Vault_IsPinnedWithAllItsKeys()
    {
        string[] keys = [new string('a', 32), new string('1', 32)];
        var text = ConfigurationTemplate.Write(["a.db"], "/b", TargetEncryption.P256Hpke, new string('0', 32), keys);
        var target = Assert.Single(_workspace.Load(text).Settings.Targets);

        Assert.Equal(TargetEncryption.P256Hpke, target.Encryption);
        Assert.Equal(new string('0', 32), target.Vault?.Reveal());
        Assert.Equal(keys, target.Recipients);
    }

    [Fact]
    public void Write_NoDatabase_Loads() =>
        Assert.Empty(_workspace.Load(ConfigurationTemplate.Write([], "/b")).Settings.Databases);

    [Fact]
    public void Write_CommentedSettings_HoldWithoutTheirMark()
    {
        var secret = _workspace.Write("secret", "secret");
        _workspace.Set("HOLDFAST_ACCESS_KEY", "key").Set("AWS_SESSION_TOKEN", "token");
        var template = ConfigurationTemplate.Write(["app.db"], "s3://bucket");
        var uncommented = CommentedSetting()
            .Replace(template, "${indent}${key}")
            .Replace("/run/secrets/holdfast", secret, StringComparison.Ordinal);

        var loaded = _workspace.Load(uncommented);

        Assert.DoesNotMatch(CommentedSetting(), uncommented);
        var target = loaded.Settings.Targets[0];
        Assert.NotNull(target.CaFile);
        Assert.Equal("token", target.SessionToken?.Reveal());
        Assert.NotNull(loaded.Settings.Databases[0].Rto);
        Assert.Equal(TimeSpan.FromHours(48), loaded.Settings.Databases[0].Timeline?.Keep[0].EveryCommit);
        Assert.Equal(4, loaded.Settings.Databases[0].Snapshots.Keep[0].Rules.Count);
    }

    [GeneratedRegex("^(?<indent> *)#(?<key>[a-zA-Z]+:)", RegexOptions.Multiline)]
    private static partial Regex CommentedSetting();
}
