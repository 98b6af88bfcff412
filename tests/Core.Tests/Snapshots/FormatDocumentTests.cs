using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Holdfast.Core.Snapshots;
using Holdfast.Testing;

namespace Holdfast.Core.Tests.Snapshots;

/// <summary>docs/format.md and the code say the same.</summary>
public class FormatDocumentTests
{
    private static readonly string Text = File.ReadAllText(Path.Combine(Repository.Root, "docs/format.md"));

    [Fact]
    public void Manifest_InTheDocument_IsReadAndComplete()
    {
        var example = Example("manifest");
        var manifest = SnapshotManifest.Parse(Encoding.UTF8.GetBytes(example), "docs/format.md");
        Assert.Equal(500, manifest.Rows["bottles"]);
        AssertDocumented(SnapshotJson.Default.SnapshotManifest, example, "## Manifest");
    }

    [Fact]
    public void Verification_InTheDocument_IsReadAndComplete()
    {
        var example = Example("verification");
        var record = StoredRecords.Parse(
            Encoding.UTF8.GetBytes(example),
            SnapshotJson.Default.VerificationRecord,
            "docs/format.md"
        );
        Assert.Equal(3.402, record.Proven!.DurationSeconds);
        AssertDocumented(SnapshotJson.Default.VerificationRecord, example, "## Verification record");
    }

    [Fact]
    public void Mark_InTheDocument_IsReadAndComplete()
    {
        var example = Example("mark");
        var mark = StoredRecords.Parse(
            Encoding.UTF8.GetBytes(example),
            SnapshotJson.Default.SnapshotMark,
            "docs/format.md"
        );
        Assert.Equal("no rule keeps it", mark.Reason);
        AssertDocumented(SnapshotJson.Default.SnapshotMark, example, "## Pin and mark");
    }

    [Fact]
    public void Sidecars_InTheDocument_AreAllThereAre()
    {
        var documented = Section("## Objects")
            .Split('\n')
            .Where(line => line.StartsWith("| `NAME.", StringComparison.Ordinal))
            .Select(line => line.Split('`')[1]);
        var known = Enum.GetValues<Sidecar>().Select(sidecar => sidecar.For(new("NAME")).Value);
        Assert.Equal(known.Order(), documented.Order());
    }

    [Fact]
    public void Templates_InTheDocument_AreTheKnownOnes()
    {
        var section = Section("## Names");
        Assert.Contains($"`{NameTemplate.Default}.db`", section, StringComparison.Ordinal);
        Assert.All(
            KnownTemplates
                .For("x", "")
                .Select(template => template.Text.Replace("-{reason}", "", StringComparison.Ordinal)),
            text => Assert.Contains($"`{text}`", section, StringComparison.Ordinal)
        );
    }

    private static void AssertDocumented(JsonTypeInfo type, string example, string heading)
    {
        var rows = Section(heading).Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal));
        var documented = rows.Select(line => line.Split('|'))
            .ToDictionary(
                cells => cells[1].Trim(' ', '`'),
                cells => cells[2].Contains("optional", StringComparison.Ordinal)
            );
        var fields = type.Properties.ToDictionary(field => field.Name, field => !field.IsRequired);
        Assert.Equal(
            fields.OrderBy(f => f.Key, StringComparer.Ordinal),
            documented.OrderBy(f => f.Key, StringComparer.Ordinal)
        );

        using var json = JsonDocument.Parse(example);
        Assert.Equal(fields.Keys, json.RootElement.EnumerateObject().Select(field => field.Name));
    }

    private static string Section(string heading)
    {
        var start = Text.IndexOf(heading + "\n", StringComparison.Ordinal);
        Assert.True(start >= 0, $"there is no {heading}");
        var end = Text.IndexOf("\n## ", start + 1, StringComparison.Ordinal);
        return end < 0 ? Text[start..] : Text[start..end];
    }

    private static string Example(string name)
    {
        var mark = $"<!-- example: {name} -->\n```json\n";
        var start = Text.IndexOf(mark, StringComparison.Ordinal) + mark.Length;
        Assert.True(start > mark.Length, $"there is no example {name}");
        return Text[start..Text.IndexOf("```", start, StringComparison.Ordinal)];
    }
}
