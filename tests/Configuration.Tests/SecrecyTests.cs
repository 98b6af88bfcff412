using System.Security.Cryptography;

namespace Holdfast.Configuration.Tests;

/// <summary>Secrets come out of no output, wherever they went in.</summary>
public sealed class SecrecyTests : IDisposable
{
    private readonly Workspace _workspace = new();
    private readonly string _secret = "s" + Convert.ToHexString(RandomNumberGenerator.GetBytes(12));

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public void Outputs_SecretByReferenceInAnySetting_AreWithoutIt()
    {
        _workspace.Set("SECRET", _secret);
        var file = _workspace.Write("secret-file", _secret + "\n");
        foreach (
            var reference in new[] { "${env:SECRET}", $"${{file:{file}}}", "x${env:SECRET}", "s3://${env:SECRET}@b" }
        )
        {
            foreach (var (path, _) in AllSettings.Scalars())
            {
                AssertAbsent(Configuration(path, reference), path);
            }
        }
    }

    [Fact]
    public void Outputs_SecretInlineInSecretSetting_AreWithoutIt()
    {
        foreach (var (path, setting) in AllSettings.Scalars().Where(setting => setting.Setting.Secret))
        {
            AssertAbsent(Configuration(path, _secret), path);
            AssertAbsent(Configuration(path, $"{_secret}${{env:MISSING}}"), path);
            AssertAbsent(Configuration(path, $"${{{_secret}}}"), path);
            AssertAbsent(Configuration(path, $"{_secret}\\n"), path);
            AssertAbsent(Configuration(path, $"{_secret}{new string('x', 5000)}"), path);
            AssertAbsent(
                Configuration(path.Replace(setting.Key, setting.Key + "x", StringComparison.Ordinal), _secret),
                path
            );
        }
    }

    [Fact]
    public void Outputs_CredentialsInAddresses_AreWithoutThem()
    {
        foreach (var (path, _) in AllSettings.Scalars())
        {
            AssertAbsent(Configuration(path, $"https://user:{_secret}@host"), path);
            AssertAbsent(Configuration(path, $"s3://{_secret}@host"), path);
            AssertAbsent(Configuration(path, $"libsql://host?authToken={_secret}"), path);
        }
    }

    [Fact]
    public void Outputs_DamagedYamlAroundSecret_AreWithoutIt()
    {
        var text = Configuration("targets.local.secretKey", _secret);
        const string Signs = "{}[]:,-?&*!|>'\"%@`#\t\n \\";
        var random = new Random(17);
        for (var round = 0; round < 300; round++)
        {
            var at = random.Next(text.Length);
            if (!text.AsSpan(at).StartsWith("secretKey", StringComparison.Ordinal))
            {
                AssertAbsent(text.Insert(at, Signs[random.Next(Signs.Length)].ToString()), $"round {round}");
            }
        }
    }

    /// <summary>The least configuration, with one setting more.</summary>
    private static string Configuration(string path, string value)
    {
        var lines = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["targets.local.url"] = "s3://bucket",
            ["targets.local.accessKey"] = "key",
            ["targets.local.secretKey"] = "key",
            ["databases.app.source"] = "app.db",
            [path] = value,
        };
        return Nested(lines.Select(line => (line.Key.Split('.'), line.Value)).ToArray(), 0);
    }

    private static string Nested((string[] Path, string Value)[] lines, int depth) =>
        string.Concat(
            lines
                .GroupBy(line => line.Path[depth], StringComparer.Ordinal)
                .Select(group =>
                    new string(' ', 2 * depth)
                    + group.Key
                    + (
                        group.First().Path.Length == depth + 1
                            ? $": \"{group.First().Value}\"\n"
                            : $":\n{Nested([.. group], depth + 1)}"
                    )
                )
        );

    private void AssertAbsent(string yaml, string what)
    {
        _workspace.Write("holdfast.yaml", yaml);
        foreach (var output in Outputs())
        {
            if (output.Contains(_secret, StringComparison.OrdinalIgnoreCase))
            {
                Assert.Fail($"{what}: the secret is in\n{output}\nof\n{yaml}");
            }
        }
    }

    private List<string> Outputs()
    {
        LoadedConfiguration loaded;
        try
        {
            loaded = HoldfastConfiguration.Read(_workspace.Sources());
        }
        catch (ConfigurationException exception)
        {
            return [exception.ToString(), exception.Hint ?? ""];
        }

        var outputs = new List<string> { loaded.View.ToYaml() };
        outputs.AddRange(loaded.View.Settings.Select(setting => setting.ToString()));
        if (loaded.Problems.Count > 0)
        {
            outputs.Add(Assert.Throws<ConfigurationException>(() => loaded.Settings).ToString());
            return outputs;
        }

        var settings = loaded.Settings;
        outputs.Add(settings.ToString());
        outputs.AddRange(settings.Targets.Select(target => target.ToString()));
        outputs.AddRange(settings.Databases.Select(database => database.ToString()));
        outputs.AddRange(
            settings
                .Databases.SelectMany(database => database.Snapshots.Keep)
                .SelectMany(keep => keep.Rules)
                .Select(rule => rule.ToString())
        );
        return outputs;
    }
}
