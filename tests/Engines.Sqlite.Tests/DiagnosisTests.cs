using Holdfast.Core.Engines;
using Holdfast.Testing;

namespace Holdfast.Engines.Sqlite.Tests;

public sealed class DiagnosisTests : IDisposable
{
    private readonly ScratchDirectory scratch = new();

    [Fact]
    public async Task DiagnoseAsync_HealthyDatabase_PassesAndCreatesNothing()
    {
        var source = Sql.Bank(scratch["app.db"], "PRAGMA journal_mode=WAL");

        var findings = await DiagnoseAsync(source);

        Assert.DoesNotContain(findings, finding => finding.Severity == FindingSeverity.Fail);
        Assert.Equal(FindingSeverity.Pass, Of(findings, "database").Severity);
        Assert.Equal(FindingSeverity.Pass, Of(findings, "journal mode").Severity);
        Assert.Equal(FindingSeverity.Pass, Of(findings, "foreign keys").Severity);
        Assert.Contains(SqliteLibrary.Version, Of(findings, "sqlite").Message, StringComparison.Ordinal);
        Assert.Equal(["app.db"], Databases.Names(scratch.Path));
    }

    [Theory]
    [InlineData("3.6.23", FindingSeverity.Pass)]
    [InlineData("3.7.0", FindingSeverity.Warn)]
    [InlineData("3.40.1", FindingSeverity.Warn)]
    [InlineData("3.51.2", FindingSeverity.Warn)]
    [InlineData("3.51.3", FindingSeverity.Pass)]
    public void OfVersion_WalResetBug_IsAWarning(string version, FindingSeverity severity)
    {
        var finding = Diagnosing.SqliteDiagnosis.OfVersion(version);

        Assert.Equal(severity, finding.Severity);
        Assert.Equal(severity == FindingSeverity.Warn, finding.Fix is not null);
    }

    [Fact]
    public async Task DiagnoseAsync_RollbackModeAndBrokenForeignKeys_AreWarnings()
    {
        var source = Sql.Run(
            scratch["app.db"],
            "CREATE TABLE a(id INTEGER PRIMARY KEY); CREATE TABLE b(a REFERENCES a); INSERT INTO b VALUES (5)"
        );

        var findings = await DiagnoseAsync(source);

        Assert.Equal(FindingSeverity.Warn, Of(findings, "journal mode").Severity);
        Assert.Equal(FindingSeverity.Warn, Of(findings, "foreign keys").Severity);
    }

    [Fact]
    public async Task DiagnoseAsync_MissingPath_FailsAndCreatesNothing()
    {
        var finding = Assert.Single(await DiagnoseAsync(scratch["missing.db"]));

        Assert.Equal(FindingSeverity.Fail, finding.Severity);
        Assert.Empty(Databases.Names(scratch.Path));
    }

    [Fact]
    public async Task DiagnoseAsync_ForeignFile_Fails()
    {
        await File.WriteAllTextAsync(scratch["app.db"], "a text");

        var finding = Assert.Single(await DiagnoseAsync(scratch["app.db"]));

        Assert.Equal(FindingSeverity.Fail, finding.Severity);
    }

    public void Dispose() => scratch.Dispose();

    private static Task<IReadOnlyList<Finding>> DiagnoseAsync(string path) => Databases.At(path).DiagnoseAsync(default);

    private static Finding Of(IReadOnlyList<Finding> findings, string subject) =>
        Assert.Single(findings, finding => finding.Subject == subject);
}
