using System.Text.Json.Nodes;
using Holdfast.Configuration.Presentation;

namespace Holdfast.Configuration.Tests;

public sealed class SchemaTests : IDisposable
{
    private readonly Workspace _workspace = new();
    private readonly SchemaCheck _check = new(ConfigurationSchema.ToJson());

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public void Schema_File_IsWhatIsGenerated() =>
        GoldenFile.AssertEqual("tests/Configuration.Tests/golden/holdfast.schema.json", ConfigurationSchema.ToJson());

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"targets": null, "databases": {}}""")]
    [InlineData("""{"scratch": "/x"}""")]
    [InlineData("""{"targets": {"l": "/b"}, "databases": {"a": {"source": "/x/*.db", "timeline": null}}}""")]
    [InlineData(
        """{"targets": {"l": "/b"}, "databases": {"a": {"source": "x", "timeline": {"to": "l", "interval": "50ms", "switchToWal": true, "spool": "64MiB", "keep": {"l": {"every-commit": "forever"}}}}}}"""
    )]
    [InlineData("""{"targets": {"l": "/b"}, "databases": {"a": {"source": "x", "snapshots": null}}}""")]
    [InlineData("""{"targets": {"l": {"url": "s3://b", "pathStyle": false, "endpoint": "http://x:1"}}}""")]
    [InlineData("""{"targets": {"l": {"url": "s3://b", "pathStyle": "${env:FLAG}", "endpoint": "${env:ENDPOINT}"}}}""")]
    [InlineData(
        """{"targets": {"l": "/b"}, "databases": {"a": {"source": "x", "snapshots": {"to": "l", "level": 3, "busyTimeout": "9s"}}}}"""
    )]
    [InlineData(
        """{"targets": {"l": "/b"}, "databases": {"a": {"source": "x", "snapshots": {"to": ["l"], "timezone": "Europe/Berlin", "keep": {"last": 3, "grace": "none"}}}}}"""
    )]
    [InlineData(
        """{"targets": {"l": "/b"}, "databases": {"a": {"source": "x", "snapshots": {"keep": {"l": {"daily": "30d", "forever": true}}}}}}"""
    )]
    public void Schema_RightConfiguration_IsRightForTheLoader(string json)
    {
        Assert.Null(_check.FirstError(JsonNode.Parse(json)));
        Assert.Empty(Problems(json));
    }

    [Theory]
    [InlineData("""{"schedule": "daily"}""")]
    [InlineData("""{"scratch": ["/x"]}""")]
    [InlineData("""{"scratch": ""}""")]
    [InlineData("""{"targets": {"a b": "/b"}}""")]
    [InlineData("""{"targets": {"l": {}}}""")]
    [InlineData("""{"targets": {"l": null}}""")]
    [InlineData("""{"targets": {"l": {"url": "s3://b", "pathStyle": "yes"}}}""")]
    [InlineData("""{"targets": {"l": {"url": "s3://b", "endpoint": "host"}}}""")]
    [InlineData("""{"targets": {"l": {"url": "s3://b", "enforcedBy": "both"}}}""")]
    [InlineData("""{"targets": {"l": "/b"}, "databases": {"a": {}}}""")]
    [InlineData(
        """{"targets": {"l": "/b"}, "databases": {"a": {"source": "x", "timeline": {"keep": {"hourly": "often"}}}}}"""
    )]
    [InlineData(
        """{"targets": {"l": "/b"}, "databases": {"a": {"source": "x", "timeline": {"keep": {"every-commit": "30m"}}}}}"""
    )]
    [InlineData("""{"targets": {"l": "/b"}, "databases": {"a": {"source": "x", "timeline": {"interval": "1"}}}}""")]
    [InlineData("""{"targets": {"l": "/b"}, "databases": {"a": {"source": "x", "snapshots": {"level": 20}}}}""")]
    [InlineData("""{"targets": {"l": "/b"}, "databases": {"a": {"source": "x", "snapshots": {"busyTimeout": "9"}}}}""")]
    [InlineData("""{"targets": {"l": "/b"}, "databases": {"a": {"source": "x", "snapshots": {"to": []}}}}""")]
    [InlineData("""{"targets": {"l": "/b"}, "databases": {"a": {"source": "x", "snapshots": {"to": ["l", "l"]}}}}""")]
    [InlineData(
        """{"targets": {"l": "/b"}, "databases": {"a": {"source": "x", "snapshots": {"keep": {"last": 0}}}}}"""
    )]
    [InlineData(
        """{"targets": {"l": "/b"}, "databases": {"a": {"source": "x", "snapshots": {"keep": {"within": "30"}}}}}"""
    )]
    [InlineData(
        """{"targets": {"l": "/b"}, "databases": {"a": {"source": "x", "snapshots": {"keep": {"l": {"lst": 3}}}}}}"""
    )]
    [InlineData(
        """{"targets": {"l": "/b"}, "databases": {"a": {"source": "x", "snapshots": {"keep": {"last": 3, "l": {"last": 3}}}}}}"""
    )]
    public void Schema_WrongConfiguration_IsWrongForTheLoader(string json)
    {
        Assert.NotNull(_check.FirstError(JsonNode.Parse(json)));
        Assert.NotEmpty(Problems(json));
    }

    private IReadOnlyList<ConfigurationProblem> Problems(string json)
    {
        _workspace.Set("FLAG", "true").Set("ENDPOINT", "http://x");
        _workspace.Write("settings.json", $$"""{"Holdfast": {{json}} }""");
        return HoldfastConfiguration.Read(_workspace.Sources("settings.json")).Problems;
    }
}
