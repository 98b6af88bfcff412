using Holdfast.Core.Errors;
using Holdfast.Engines.Sqlite.Interop;
using Holdfast.Testing;

namespace Holdfast.Engines.Sqlite.Tests;

public sealed class SqliteLibraryTests : IDisposable
{
    private readonly ScratchDirectory scratch = new();

    [Fact]
    public void Load_MissingLibrary_NamesThePackage()
    {
        var error = Assert.Throws<HoldfastException>(() => SqliteLibrary.Load(scratch["libsqlite3.so.0"]));

        Assert.Contains("cannot be loaded", error.Message, StringComparison.Ordinal);
        Assert.Contains("libsqlite3-0", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void Use_AfterTheFirstUse_IsRefused()
    {
        Assert.NotEmpty(SqliteLibrary.Version);

        _ = Assert.Throws<InvalidOperationException>(() => SqliteLibrary.Use("libsqlite3.so.0"));
    }

    // Two copies of SQLite in one process drop each other's locks, and a committed row gets lost without an error.
    [Theory]
    [InlineData("embed")]
    [InlineData("embed-first")]
    public async Task I_can_embed_it_in_an_application_with_its_own_sqlite(string verb)
    {
        var path = Sql.Bank(scratch["app.db"], "PRAGMA journal_mode=WAL");
        using var application = await Application.StartAsync(verb, path, scratch["copy.db"]);
        while (!File.Exists(scratch["copy.db"]))
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        using (var other = Connection.Open(path, Access.Existing))
        {
            // The application's transaction still holds the write lock.
            Assert.True(Assert.Throws<SqliteException>(() => other.Execute("BEGIN IMMEDIATE")).IsBusy);
        }

        var versions = (await application.FinishAsync()).Split(' ');
        Assert.Equal(versions[1], versions[0]);
        Assert.Equal(1, Sql.Integer(path, "SELECT count(*) FROM transfers"));
        Assert.Equal(0, Sql.Integer(scratch["copy.db"], "SELECT count(*) FROM transfers"));
    }

    public void Dispose() => scratch.Dispose();
}
