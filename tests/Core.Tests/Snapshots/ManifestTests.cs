using System.Text;
using System.Text.Json.Nodes;
using Holdfast.Core.Codecs;
using Holdfast.Core.Errors;
using Holdfast.Core.Snapshots;
using Holdfast.Core.Stores;
using Holdfast.Testing;

namespace Holdfast.Core.Tests.Snapshots;

public class ManifestTests
{
    private static readonly string Golden = Path.Combine(Repository.Root, "tests/Core.Tests/golden");

    private static readonly SnapshotManifest Example = new()
    {
        Run = "5d41402abc4b2a76b9719d911017c592",
        Name = "cellar-20260314-150926.db.gz",
        Database = "cellar",
        Engine = "sqlite",
        EngineVersion = "3.40.1",
        MadeBy = "0.1.0",
        Source = "/var/lib/cellarsync/cellar.db",
        Host = "grape",
        Time = new DateTimeOffset(2026, 3, 14, 15, 9, 26, 535, TimeSpan.Zero),
        DurationSeconds = 1.25,
        Reason = "before „drop“",
        Compression = "gzip",
        Size = 4711,
        Sha256 = Sha256Digest.Of("stored"u8),
        ContentSize = 81920,
        ContentSha256 = Sha256Digest.Of("content"u8),
        Checks = ["size", "integrity_check", "foreign_key_check", "row_count"],
        Rows = new Dictionary<string, long> { ["bottles"] = 500, ["tastings"] = 0 },
        Details = new JsonObject { ["method"] = "online", ["pageSize"] = 4096 },
    };

    [Fact]
    public void ToBytes_OfTheExample_IsTheGoldenFile()
    {
        var golden = File.ReadAllBytes(Path.Combine(Golden, "manifest-1.json"));
        Assert.Equal(Encoding.UTF8.GetString(golden), Encoding.UTF8.GetString(Example.ToBytes()) + "\n");
    }

    [Fact]
    public void Parse_OfTheGoldenFile_GivesEveryField()
    {
        var read = SnapshotManifest.Parse(File.ReadAllBytes(Path.Combine(Golden, "manifest-1.json")), "golden");
        Assert.Equivalent(Example with { Details = [] }, read with { Details = [] }, strict: true);
        Assert.Equal(Example.Details.ToJsonString(), read.Details.ToJsonString());
    }

    [Fact]
    public void Parse_OfUnknownFields_ToleratesThem()
    {
        var json = ExampleJson();
        json["tomorrow"] = new JsonObject { ["deep"] = new JsonArray(1, "two", null) };
        Assert.Equal(Example.Sha256, Parse(json).Sha256);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(99)]
    public void Parse_OfALaterVersion_IsNoDamage(int version)
    {
        var error = Assert.Throws<HoldfastException>(() =>
            Parse(new JsonObject { ["holdfast"] = version, ["new"] = true })
        );
        Assert.Equal(ErrorCode.Failure, error.Code);
        Assert.Contains("newer", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_CutAnywhere_IsDamage()
    {
        var bytes = Example.ToBytes();
        for (var length = 0; length < bytes.Length; length++)
        {
            AssertDamaged(bytes[..length]);
        }

        AssertDamaged([.. bytes, .. "{}"u8]);
    }

    [Fact]
    public void Parse_OfAnyFlippedBit_IsDamageOrAnotherManifestButNoOtherError()
    {
        var bytes = Example.ToBytes();
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            var damaged = bytes.ToArray();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            try
            {
                _ = SnapshotManifest.Parse(damaged, "it").ToBytes();
            }
            catch (HoldfastException error)
            {
                Assert.NotEmpty(error.Message);
            }
        }
    }

    [Theory]
    [InlineData("holdfast", "0")]
    [InlineData("holdfast", "-1")]
    [InlineData("holdfast", "\"1\"")]
    [InlineData("name", "null")]
    [InlineData("name", "5")]
    [InlineData("database", "null")]
    [InlineData("time", "\"yesterday\"")]
    [InlineData("compression", "\"brotli\"")]
    [InlineData("compression", "null")]
    [InlineData("size", "-1")]
    [InlineData("size", "1.5")]
    [InlineData("size", "99999999999999999999")]
    [InlineData("size", "\"4711\"")]
    [InlineData("contentSize", "-5")]
    [InlineData("contentSize", "null")]
    [InlineData("sha256", "\"\"")]
    [InlineData("sha256", "\"zz\"")]
    [InlineData("sha256", "5")]
    [InlineData("sha256", "null")]
    [InlineData("contentSha256", "[]")]
    [InlineData("checks", "null")]
    [InlineData("checks", "{}")]
    [InlineData("rows", "null")]
    [InlineData("rows", "{\"a\":\"b\"}")]
    [InlineData("rows", "{\"a\":1,\"a\":2}")]
    [InlineData("details", "null")]
    [InlineData("details", "[]")]
    [InlineData("details", "{\"a\":1,\"a\":2}")]
    public void Parse_OfAFieldThatCannotBe_IsDamage(string field, string value)
    {
        var json = ExampleJson();
        json.Remove(field);
        var text = json.ToJsonString();
        AssertDamaged(Encoding.UTF8.GetBytes($"{text[..^1]},\"{field}\":{value}}}"));
    }

    [Fact]
    public void Parse_OfAFieldGivenTwice_IsDamage()
    {
        var text = ExampleJson().ToJsonString();
        AssertDamaged(Encoding.UTF8.GetBytes($"{text[..^1]},\"size\":4711}}"));
    }

    [Fact]
    public void Parse_OfAMissingRequiredField_IsDamage()
    {
        foreach (var field in ExampleJson().Select(f => f.Key).Except(["reason", "rows", "details"]).ToList())
        {
            var json = ExampleJson();
            json.Remove(field);
            AssertDamaged(Encoding.UTF8.GetBytes(json.ToJsonString()));
        }
    }

    [Fact]
    public void Parse_WithoutOptionalFields_Succeeds()
    {
        var json = ExampleJson();
        Assert.True(json.Remove("reason") && json.Remove("rows") && json.Remove("details"));
        var read = Parse(json);
        Assert.Null(read.Reason);
        Assert.Empty(read.Rows);
        Assert.Empty(read.Details);
    }

    [Fact]
    public void Parse_OfDeepNesting_IsDamage()
    {
        var deep = string.Concat(Enumerable.Repeat("[", 5000));
        AssertDamaged(Encoding.UTF8.GetBytes($"{{\"x\":{deep}"));
        AssertDamaged(
            Encoding.UTF8.GetBytes(ExampleJson().ToJsonString()[..^1] + $",\"x\":{deep}{deep.Replace('[', ']')}}}")
        );
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("5")]
    [InlineData("{}")]
    [InlineData("{\"name\":\"app\",\"version\":\"1.0.0\",\"dependencies\":{}}")]
    [InlineData("\uFEFF{}")]
    public void Parse_OfSomethingElse_IsDamage(string text) => AssertDamaged(Encoding.UTF8.GetBytes(text));

    [Fact]
    public void Bounded_OfVeryManyTables_IsShortEnoughToBeReadAgain()
    {
        var rows = Enumerable.Range(0, 200_000).ToDictionary(i => $"a_table_with_a_long_name_{i}", _ => 1L);
        var manifest = (Example with { Rows = rows }).Bounded();
        Assert.Empty(manifest.Rows);
        Assert.InRange(manifest.ToBytes().Length, 1, SnapshotManifest.MaxBytes);
        Assert.Same(Example, Example.Bounded());
    }

    [Theory]
    [InlineData(Compression.None)]
    [InlineData(Compression.Gzip)]
    [InlineData(Compression.Zstd)]
    public void Compression_OfEveryCodec_IsKnownToManifests(Compression compression) =>
        Assert.Equal(
            compression.Name(),
            SnapshotManifest.Parse((Example with { Compression = compression.Name() }).ToBytes(), "it").Compression
        );

    private static JsonObject ExampleJson() => JsonNode.Parse(Example.ToBytes())!.AsObject();

    private static SnapshotManifest Parse(JsonObject json) =>
        SnapshotManifest.Parse(Encoding.UTF8.GetBytes(json.ToJsonString()), "it");

    private static void AssertDamaged(byte[] bytes)
    {
        var error = Assert.Throws<StoreException>(() => SnapshotManifest.Parse(bytes, "it"));
        Assert.Equal(StoreFault.Damaged, error.Fault);
        Assert.Equal(ErrorCode.VerificationFailed, error.Code);
    }
}
