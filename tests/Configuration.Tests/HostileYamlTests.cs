namespace Holdfast.Configuration.Tests;

public sealed class HostileYamlTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [InlineData("scratch: /a\n---\nscratch: /b\n", "2:1: holds more than one document (---)")]
    [InlineData("a text", "1:1: holds a text and not settings")]
    [InlineData("- a\n- b\n", "1:1: holds a list and not settings")]
    [InlineData("? [a]\n: b\n", "1:3: a key must be a text, not a list or a mapping")]
    [InlineData("targets:\n\tlocal: /b\n", "2:1: is not YAML: a tab indents this line; YAML wants spaces")]
    [InlineData(
        "scratch: 'open\n",
        "1:10: is not YAML: While scanning a quoted scalar, found unexpected end of stream"
    )]
    [InlineData(
        "targets: {local: /b\n",
        "2:1: is not YAML: While parsing a flow mapping, did not find expected ',' or '}'"
    )]
    [InlineData("\"databases:app:source\": x\n", "1:1: the key databases:app:source may not hold a \":\"")]
    [InlineData("'': x\n", "1:1: a key may not be empty")]
    [InlineData("scratch: &a /x\n", "1:10: an anchor (&name) cannot be used here; remove it")]
    [InlineData("scratch: !!str /x\n", "1:10: a tag (!name) cannot be used here; remove it")]
    [InlineData("targets: {l: !env /x}\n", "1:14: a tag (!name) cannot be used here; remove it")]
    public void Load_YamlThatIsNotForConfiguration_IsTold(string yaml, string expected) =>
        Assert.Equal([$"holdfast.yaml:{expected}"], _workspace.Problems(yaml));

    [Fact]
    public void Load_Aliases_AreNotFollowed()
    {
        var problems = _workspace.Problems("targets:\n  a: &x {url: /a}\n  b: *x\n  <<: *x\n");

        Assert.Equal("holdfast.yaml:2:6: an anchor (&name) cannot be used here; remove it", problems[0]);
        Assert.Equal("holdfast.yaml:3:6: an alias (*name) cannot be used here; write the value again", problems[1]);
        Assert.Contains("holdfast.yaml:4:7: an alias (*name) cannot be used here; write the value again", problems);
    }

    [Fact]
    public void Load_NestedTooDeeply_IsTold()
    {
        var problem = Assert.Single(_workspace.Problems(string.Concat(Enumerable.Repeat("{a: ", 20_000))));

        Assert.Equal("holdfast.yaml:1:65: is nested deeper than 16 levels", problem);
        Assert.Contains(
            "nested deeper than 16",
            Assert.Single(_workspace.Problems("targets: " + new string('[', 100_000))),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Load_TooManyEntries_IsTold()
    {
        var problem = Assert.Single(
            _workspace.Problems(string.Concat(Enumerable.Range(0, 20_000).Select(number => $"k{number}: 1\n")))
        );

        Assert.Equal("holdfast.yaml:5001:1: has more than 5000 entries", problem);
    }

    [Fact]
    public void Load_AsManyEntriesAsMayBe_EndsAndTellsTheFirstHundredProblems()
    {
        var problems = _workspace.Problems(
            string.Concat(Enumerable.Range(0, 5_000).Select(number => $"k{number}: 1\n"))
        );

        Assert.Equal(101, problems.Length);
        Assert.Equal("holdfast.yaml:101:1: and 4900 problems more", problems[^1]);
    }

    [Fact]
    public void Load_TerminalCommandsInKeysAndValues_AreNotPrinted()
    {
        var problems = _workspace.Problems("\"\\e[2Jx\": 1\ntargets: {\"a\\e]0;x\": /b}\nscratch: \"\\e[2J\"\n");

        Assert.Equal(3, problems.Length);
        Assert.DoesNotContain(problems, problem => problem.Any(char.IsControl));
    }

    [Fact]
    public void Load_ValueThatIsTooLong_IsTold() =>
        Assert.Equal(
            ["holdfast.yaml:1:10: scratch is longer than 4096 characters"],
            _workspace.Problems($"scratch: {new string('x', 4097)}")
        );

    /// <summary>Whatever is in the file, there is an answer, and it is never a defect of the program.</summary>
    [Fact]
    public void Load_DamagedText_IsRightOrTold()
    {
        const int Seed = 20251120;
        var random = new Random(Seed);
        const string Signs = "{}[]:,-?&*!|>'\"%@`#\t\n \\~$\0\u00e9\u20ac";
        _workspace.Set("KEY", "k").Set("SECRET", "s").Set("CELLAR", "c");
        for (var round = 0; round < 500; round++)
        {
            var text = Examples.Full.ToCharArray();
            for (var change = random.Next(1, 6); change > 0; change--)
            {
                text[random.Next(text.Length)] = Signs[random.Next(Signs.Length)];
            }

            var damaged = new string(text, 0, random.Next(4) == 0 ? random.Next(text.Length) : text.Length);
            _workspace.Write("holdfast.yaml", damaged);
            try
            {
                _ = HoldfastConfiguration.Read(_workspace.Sources()).View.ToYaml();
            }
            catch (ConfigurationException exception)
            {
                Assert.NotEmpty(exception.Problems);
            }
            catch (Exception exception)
            {
                Assert.Fail($"seed {Seed}, round {round}: {exception}\n{damaged}");
            }
        }
    }
}
