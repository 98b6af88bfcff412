using Holdfast.Configuration.Settings;

namespace Holdfast.Configuration.Tests;

/// <summary>Which file is read, and what lies over what.</summary>
public sealed class SourceTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public void Load_SeveralFiles_ReadsTheFirstThatIsThere()
    {
        Directory.CreateDirectory(_workspace.File("etc"));
        Assert.Null(Load().File);

        _workspace.Write("etc/holdfast.yaml", "scratch: /machine");
        Assert.Equal("/machine", Scratch());

        _workspace.Write("holdfast.yaml", "scratch: /local");
        Assert.Equal("/local", Scratch());

        _workspace.Set("HOLDFAST_CONFIG", "");
        Assert.Equal("/local", Scratch());

        _workspace.Set("HOLDFAST_CONFIG", _workspace.Write("variable.yaml", "scratch: /variable"));
        Assert.Equal("/variable", Scratch());

        _workspace.Write("option.yaml", "scratch: /option");
        Assert.Equal("/option", Scratch("option.yaml"));
        Assert.Equal(_workspace.File("option.yaml"), Load("option.yaml").File);
    }

    [Fact]
    public void Load_NamedFileIsMissing_FailsAlthoughOthersAreThere()
    {
        _workspace.Write("holdfast.yaml", "scratch: /local");

        Assert.Equal(["none.yaml: does not exist"], _workspace.Problems(_workspace.Sources("none.yaml")));

        _workspace.Set("HOLDFAST_CONFIG", _workspace.File("gone/none.yaml"));
        Assert.Equal(["gone/none.yaml: does not exist"], _workspace.Problems(_workspace.Sources()));
        Assert.Contains(
            "holdfast init",
            Assert.Throws<ConfigurationException>(() => Load()).Hint,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Load_FileIsNoText_Fails()
    {
        Directory.CreateDirectory(_workspace.File("directory.yaml"));
        File.WriteAllBytes(_workspace.File("binary.yaml"), [0x73, 0xFF, 0xFE, 0x00]);
        File.WriteAllText(_workspace.File("large.yaml"), new string('#', (256 * 1024) + 1));

        Assert.Equal(["directory.yaml: is a directory"], _workspace.Problems(_workspace.Sources("directory.yaml")));
        Assert.Equal(["binary.yaml: is not UTF-8 text"], _workspace.Problems(_workspace.Sources("binary.yaml")));
        Assert.Equal(["large.yaml: is larger than 256 KiB"], _workspace.Problems(_workspace.Sources("large.yaml")));
    }

    [Fact]
    public void Load_ByteOrderMark_IsNotPartOfTheText()
    {
        File.WriteAllBytes(_workspace.File("holdfast.yaml"), [0xEF, 0xBB, 0xBF, .. "scratch: /a"u8]);

        Assert.Equal("/a", Scratch());
    }

    [Fact]
    public void I_can_do_without_a_file()
    {
        _workspace.Set("HOLDFAST__targets__local", "/b");
        _workspace.Set("HOLDFAST__databases__app__source", "app.db");
        _workspace.Set("HOLDFAST__databases__app__snapshots__keep__last", "3");

        var database = Assert.Single(Load().Settings.Databases);

        Assert.Equal("/b", Assert.Single(database.Snapshots.To).Url.Reveal());
        Assert.Equal("3", Assert.Single(database.Snapshots.Keep[0].Rules).Value.Reveal());
    }

    [Fact]
    public void Load_Variables_LieOverTheFile()
    {
        _workspace.Set("HOLDFAST__targets__offsite__url", "s3://other/prefix");
        _workspace.Set("HOLDFAST__TARGETS__LOCAL", "/over");
        _workspace.Set("HOLDFAST__databases__app__snapshots__to", "local");
        _workspace.Set("Holdfast__databases__app__snapshots__level", "9");
        _workspace.Set("HOLDFAST__databases__app__snapshots__keep__local__last", "5");
        _workspace.Set("OTHER__targets__local", "/no");

        var settings = _workspace
            .Load(
                """
                targets:
                  local: /b
                  offsite: s3://bucket
                databases:
                  app:
                    source: app.db
                    snapshots: { to: [offsite, local], level: 1, keep: { local: { last: 3, within: 2d } } }
                """
            )
            .Settings;

        Assert.Equal(["/over", "s3://other/prefix"], settings.Targets.Select(target => target.Url.Reveal()));
        Assert.Equal(["local", "offsite"], settings.Targets.Select(target => target.Name));
        var snapshots = settings.Databases[0].Snapshots;
        Assert.Equal("local", Assert.Single(snapshots.To).Name);
        Assert.Equal(9, snapshots.Level);
        Assert.Equal(
            ["last=5", "within=2d"],
            snapshots.Keep[0].Rules.Select(rule => $"{rule.Key}={rule.Value.Reveal()}")
        );
    }

    [Fact]
    public void Load_ListInVariables_ReplacesElements()
    {
        _workspace.Set("HOLDFAST__databases__app__snapshots__to__0", "b");
        _workspace.Set("HOLDFAST__databases__app__snapshots__to__1", "c");

        var settings = _workspace
            .Load("targets: {a: /a, b: /b, c: /c}\ndatabases: {app: {source: x, snapshots: {to: a}}}")
            .Settings;

        Assert.Equal(["b", "c"], settings.Databases[0].Snapshots.To.Select(target => target.Name));
    }

    [Fact]
    public void Load_VariablesThatContradictThemselves_AreTold()
    {
        _workspace.Set("HOLDFAST__targets__local", "/a").Set("HOLDFAST__targets__local__url", "/b");
        _workspace.Set("HOLDFAST__scratch", "/a").Set("HOLDFAST__SCRATCH", "/b");
        _workspace.Set("HOLDFAST__targets____x", "/a").Set("HOLDFAST__", "/a").Set("HOLDFAST__a:b", "/a");

        Assert.Equal(
            [
                "HOLDFAST__: is not of the form HOLDFAST__targets__local",
                "HOLDFAST__a:b: is not of the form HOLDFAST__targets__local",
                "HOLDFAST__scratch: scratch is given twice, first as HOLDFAST__SCRATCH (upper and lower case are the same)",
                "HOLDFAST__targets____x: is not of the form HOLDFAST__targets__local",
                "HOLDFAST__targets__local: targets.local and targets.local.url are both given, and mean the same",
            ],
            _workspace.Problems(_workspace.Sources())
        );
    }

    [Theory]
    [InlineData("[]", "appsettings.json: has no section \"Holdfast\"")]
    [InlineData("{}", "appsettings.json: has no section \"Holdfast\"")]
    [InlineData("""{"Holdfast": 3}""", "appsettings.json:1:14: \"Holdfast\" is not an object")]
    [InlineData("""{"Holdfast": {}, "holdfast": {}}""", "appsettings.json:1:18: holds \"Holdfast\" twice")]
    [InlineData(
        """{"Holdfast:Scratch": "/x"}""",
        "appsettings.json:1:2: settings are read from the object \"Holdfast\", not from keys with a \":\""
    )]
    [InlineData("{\n\"Holdfast\": {\n  \"scratch\": }\n}", "appsettings.json:3:14: is not JSON")]
    [InlineData(
        "{\"Holdfast\": {\n  \"ü\": 1, \"scrath\": 1}}",
        "appsettings.json:2:3: ü is not a setting of this version; there are targets, databases, scratch|appsettings.json:2:11: scrath is not a setting of this version; did you mean scratch?"
    )]
    [InlineData(
        """{"Holdfast": {"scratch": "/x", "Scratch": "/y"}}""",
        "appsettings.json:1:32: Scratch is given twice, first in line 1 (upper and lower case are the same)"
    )]
    [InlineData(
        """{"Holdfast": {"scratch": null}}""",
        "appsettings.json:1:15: scratch has no value; it takes the path of a directory"
    )]
    [InlineData("""{"Holdfast": {"a:b": "/x"}}""", "appsettings.json:1:15: the key a:b may not hold a \":\"")]
    public void Load_JsonIsWrong_IsTold(string json, string expected) =>
        Assert.Equal(expected.Split('|'), _workspace.Problems(json, "appsettings.json"));

    private LoadedConfiguration Load(string? file = null) => HoldfastConfiguration.Load(_workspace.Sources(file));

    private string Scratch(string? file = null) => Load(file).Settings.Scratch.Reveal();
}
