using Holdfast.Configuration.Definition;
using Holdfast.Configuration.Presentation;

namespace Holdfast.Configuration.Tests;

public sealed class ReferenceTests
{
    private const string Document = "docs/configuration.md";

    [Fact]
    public void Document_Reference_IsWhatIsGenerated()
    {
        var text = File.ReadAllText(Path.Combine(GoldenFile.Repository(), Document));
        var begin = text.IndexOf(ConfigurationReference.Begin, StringComparison.Ordinal);
        var end = text.IndexOf(ConfigurationReference.End, StringComparison.Ordinal);
        Assert.True(begin >= 0 && end > begin, "the document has lost the marks of the reference");

        var generated = $"{ConfigurationReference.Begin}\n\n{ConfigurationReference.ToMarkdown()}";

        GoldenFile.AssertEqual(Document, text[..begin] + generated + text[end..]);
    }

    [Fact]
    public void Document_YamlExamples_Load()
    {
        var text = File.ReadAllText(Path.Combine(GoldenFile.Repository(), Document));
        var examples = text.Split("```yaml\n").Skip(1).Select(part => part.Split("```")[0]).ToArray();
        Assert.Equal(3, examples.Length);
        using var workspace = new Workspace();
        workspace.Set("BACKUP_KEY", "key").Set("DATABASE_URL", "sqlite:///app.db");
        var secret = workspace.Write("secret", "a secret\n");

        foreach (var example in examples)
        {
            var loaded = workspace.Load(
                example.Replace("/run/secrets/backup-secret", secret, StringComparison.Ordinal)
            );
            Assert.Single(loaded.Settings.Databases);
        }
    }

    [Fact]
    public void Document_Errors_AreTheMessagesOfTheProgram()
    {
        var text = File.ReadAllText(Path.Combine(GoldenFile.Repository(), Document));
        var shown = text.Split("```text\n")[1].Split("\n```")[0].Split('\n');
        using var workspace = new Workspace();
        workspace.Set("HOLDFAST__scratsh", "/srv");

        var problems = workspace.Problems(
            """
            targets:
              local: /var/backups/cellarsync
            databases:
              cellar:
                source: /var/lib/cellarsync/cellar.db
                snapshot:
                  check: quick
                objectives:
                  rpo: 15
            """
        );

        Assert.Equal(shown, problems);
    }

    [Fact]
    public void Definition_ExamplesAndDefaults_AreValid()
    {
        foreach (var (path, setting) in AllSettings.Scalars())
        {
            Assert.EndsWith(".", setting.Description, StringComparison.Ordinal);
            Assert.Null(AllSettings.Check(setting, setting.Example));
            Assert.True(setting.Default is null || AllSettings.Check(setting, setting.Default) is null, path);
        }
    }
}
