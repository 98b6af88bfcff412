using Holdfast.Core.Errors;

namespace Holdfast.Engines.Sqlite.Tests;

public class SqliteAddressTests
{
    [Theory]
    [InlineData("app.db", "app.db")]
    [InlineData("/var/lib/app.db", "/var/lib/app.db")]
    [InlineData("dir:with/colon.db", "dir:with/colon.db")]
    [InlineData("sqlite:///app.db", "app.db")]
    [InlineData("sqlite:///data/app.db?timeout=5", "data/app.db")]
    [InlineData("sqlite:////var/lib/app.db", "/var/lib/app.db")]
    [InlineData("SQLite:////var/lib/my%20app.db", "/var/lib/my app.db")]
    [InlineData("sqlite+aiosqlite:///app.db", "app.db")]
    [InlineData("sqlite3:///app.db", "app.db")]
    [InlineData("file:app.db", "app.db")]
    [InlineData("file:./prisma/dev.db?connection_limit=1", "./prisma/dev.db")]
    [InlineData("file:/var/lib/app.db#part", "/var/lib/app.db")]
    [InlineData("file:///var/lib/a%23b.db?mode=ro&cache=shared", "/var/lib/a#b.db")]
    [InlineData("file://localhost/var/lib/app.db", "/var/lib/app.db")]
    public void TryParse_Address_GivesThePath(string text, string path) =>
        Assert.Equal(path, SqliteAddress.TryParse(text)?.Path);

    [Theory]
    [InlineData("postgres://localhost/app")]
    [InlineData("redis://localhost")]
    [InlineData("libsql://app.turso.io")]
    [InlineData("https://example.com/app.db")]
    public void TryParse_AnotherScheme_IsNotOurs(string text) => Assert.Null(SqliteAddress.TryParse(text));

    [Theory]
    [InlineData("")]
    [InlineData(":memory:")]
    [InlineData("sqlite://app.db")]
    [InlineData("sqlite:app.db")]
    [InlineData("sqlite://")]
    [InlineData("sqlite:///")]
    [InlineData("sqlite:///:memory:")]
    [InlineData("file://server/share/app.db")]
    [InlineData("file::memory:?cache=shared")]
    public void TryParse_NoFile_SaysSo(string text) =>
        Assert.Equal(ErrorCode.Usage, Assert.Throws<HoldfastException>(() => SqliteAddress.TryParse(text)).Code);

    [Theory]
    [InlineData("sqlite:////var/lib/cellar.db", "cellar")]
    [InlineData("data/quartermaster.sqlite3", "quartermaster")]
    [InlineData("noextension", "noextension")]
    public void DefaultName_IsTheFileNameWithoutExtension(string text, string name) =>
        Assert.Equal(name, SqliteAddress.TryParse(text)!.DefaultName);
}
