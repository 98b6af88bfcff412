namespace Holdfast.Configuration.Tests;

/// <summary>References to variables and files.</summary>
public sealed class ReferencesTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public void I_can_keep_secrets_in_variables_and_files()
    {
        var file = _workspace.Write("secret", "from a file\r\n");
        _workspace.Set("NAME", "from-a-variable").Set("HOLDFAST__targets__t__secretKey", $"${{file:{file}}}");

        var target = _workspace
            .Load("targets: { t: { url: 's3://b/${env:NAME}/x/${env:NAME}', accessKey: '${env:NAME}' } }")
            .Settings.Targets[0];

        Assert.Equal("s3://b/from-a-variable/x/from-a-variable", target.Url.Reveal());
        Assert.Equal("s3://b/${env:NAME}/x/${env:NAME}", target.Url.ToString());
        Assert.Equal("from-a-variable", target.AccessKey?.Reveal());
        Assert.Equal("${env:NAME}", target.AccessKey?.ToString());
        Assert.Equal("from a file", target.SecretKey?.Reveal());
        Assert.Equal($"${{file:{file}}}", target.SecretKey?.ToString());
    }

    [Fact]
    public void Load_ReferenceInAnyType_IsRead()
    {
        _workspace
            .Set("TIMEOUT", "7s")
            .Set("STYLE", "true")
            .Set("LAST", "3")
            .Set("TO", "local")
            .Set("ZONE", "Asia/Tokyo");

        var snapshots = _workspace
            .Load(
                """
                targets: { local: /b, s: { url: s3://b, pathStyle: "${env:STYLE}" } }
                databases:
                  app:
                    source: app.db
                    snapshots:
                      { to: ["${env:TO}"], timezone: "${env:ZONE}", busyTimeout: "${env:TIMEOUT}", keep: { last: "${env:LAST}" } }
                """
            )
            .Settings.Databases[0]
            .Snapshots;

        Assert.Equal("local", Assert.Single(snapshots.To).Name);
        Assert.Equal(TimeSpan.FromSeconds(7), snapshots.BusyTimeout);
        Assert.Equal("Asia/Tokyo", snapshots.TimeZone.Id);
        Assert.Equal("3", snapshots.Keep[0].Rules[0].Value.Reveal());
    }

    [Fact]
    public void Load_EscapedReference_IsText()
    {
        _workspace.Set("X", "${env:Y}").Set("Y", "no");

        Assert.Equal("/a/${env:X}/$$x", _workspace.Load("scratch: /a/$${env:X}/$$x").Settings.Scratch.Reveal());
        Assert.Equal("/a/${env:Y}", _workspace.Load("scratch: /a/${env:X}").Settings.Scratch.Reveal());
    }

    [Theory]
    [InlineData("${env:MISSING}", "scratch: the environment variable MISSING is not set")]
    [InlineData("a${env:EMPTY}", "scratch: the environment variable EMPTY is empty")]
    [InlineData("${file:/none/such}", "scratch: the file /none/such does not exist")]
    [InlineData("${file:/etc}", "scratch: the file /etc is a directory")]
    [InlineData("${file:/dev/null}", "scratch: the file /dev/null is empty")]
    [InlineData("${file:/dev/zero}", "scratch: the file /dev/zero is larger than 64 KiB")]
    [InlineData(
        "${file:relative}",
        "scratch: has a ${…} that is neither ${env:NAME} nor ${file:/path}; write $${ for a literal ${"
    )]
    [InlineData(
        "${HOME}",
        "scratch: has a ${…} that is neither ${env:NAME} nor ${file:/path}; write $${ for a literal ${"
    )]
    [InlineData(
        "${env:A B}",
        "scratch: has a ${…} that is neither ${env:NAME} nor ${file:/path}; write $${ for a literal ${"
    )]
    [InlineData(
        "${env:X",
        "scratch: has a ${…} that is neither ${env:NAME} nor ${file:/path}; write $${ for a literal ${"
    )]
    public void Load_ReferenceThatDoesNotResolve_IsTold(string written, string expected)
    {
        _workspace.Set("EMPTY", "").Set("X", "x");

        Assert.Equal([$"holdfast.yaml:1:10: {expected}"], _workspace.Problems($"scratch: '{written}'"));
    }

    [Fact]
    public void Load_ReferenceOfAnotherType_IsToldWithoutItsText()
    {
        _workspace.Set("X", "hunter2");

        Assert.Equal(
            [
                "holdfast.yaml:2:37: databases.app.objectives.rpo: the value of ${env:X} is not a duration; write a number and ms, s, m, h, d or w, such as 30s",
                "holdfast.yaml:2:77: databases.app.snapshots.to: \"${env:X}\" is not the name of a target; there are l",
            ],
            _workspace.Problems(
                "targets: { l: /b }\ndatabases: {app: {objectives: {rpo: '${env:X}'}, source: x, snapshots: {to: '${env:X}'}}}"
            )
        );
    }

    [Theory]
    [InlineData("/plain/path@2x", "/plain/path@2x")]
    [InlineData("sqlite:////var/lib/a@b/app.db", "sqlite:////var/lib/a@b/app.db")]
    [InlineData("s3://bucket/prefix", "s3://bucket/prefix")]
    [InlineData("http://127.0.0.1:9000", "http://127.0.0.1:9000")]
    [InlineData("postgres://app:hunter2@host/db", "postgres://app:***@host/db")]
    [InlineData("postgres://app:hun/ter@2:x@host/db", "postgres://app:***@host/db")]
    [InlineData("postgres://app:${env:P}@host/db", "postgres://app:${env:P}@host/db")]
    [InlineData("postgres://${env:U}:${env:P}@host/db", "postgres://${env:U}:${env:P}@host/db")]
    [InlineData("postgres://${env:U}:a${env:P}@host/db", "postgres://${env:U}:***@host/db")]
    [InlineData("redis://:hunter2@host", "redis://:***@host")]
    [InlineData("https://hunter2@host/x", "https://***@host/x")]
    [InlineData("https://host/x?authToken=hunter2&a=b", "https://host/x?authToken=***&a=b")]
    [InlineData("libsql://host?a=b&SECRET_thing=hunter2", "libsql://host?a=b&SECRET_thing=***")]
    [InlineData("https://host/?X-Amz-Signature=hunter2#sig=hunter2", "https://host/?X-Amz-Signature=***#sig=***")]
    [InlineData("https://host/?token=${env:T}", "https://host/?token=${env:T}")]
    [InlineData("$${env:T}", "$${env:T}")]
    public void Display_Address_HidesCredentials(string written, string expected) =>
        Assert.Equal(expected, References.Redaction.Display(written, secret: false));

    [Theory]
    [InlineData("hunter2", "***")]
    [InlineData("${env:S}", "${env:S}")]
    [InlineData("a${env:S}b$${c", "***${env:S}***")]
    [InlineData("${hunter2}", "***")]
    public void Display_Secret_ShowsReferencesOnly(string written, string expected) =>
        Assert.Equal(expected, References.Redaction.Display(written, secret: true));

    [Fact]
    public void Display_LongestHostileText_Ends()
    {
        foreach (var piece in new[] { "://", "?key", "://a:", "?key=", "${", "://a@", "&token" })
        {
            var text = string.Concat(Enumerable.Repeat(piece, 4096 / piece.Length));
            Assert.NotNull(References.Redaction.Display(text, secret: false));
        }
    }
}
