namespace Holdfast.Examples.Tests.Quartermaster;

/// <summary>
/// The recipes. Plain SQL runs with SQLite's own shell; in the place of the other tools stands a program that changes the
/// database, writes down how it was called, and ends with a code of its own.
/// </summary>
public sealed class RecipeTests : QuartermasterPlace
{
    [Fact]
    public async Task Sql_is_carried_out_after_a_copy()
    {
        await SqlAsync("app.db", "CREATE TABLE t(x); INSERT INTO t VALUES (1)");
        File.WriteAllText(Place["clean up.sql"], "DELETE FROM t;");

        await Place.DoAsync("recipes/sql.sh 'clean up.sql'");

        Assert.Equal("0", await SqlAsync("app.db", "SELECT count(*) FROM t"));
        await AssertCopiedAsync("app.db", "sql clean up", "1");
    }

    [Fact]
    public async Task Sql_that_fails_changes_nothing()
    {
        await SqlAsync("app.db", "CREATE TABLE t(x); INSERT INTO t VALUES (1)");
        File.WriteAllText(Place["bad.sql"], "DELETE FROM t; DELETE FROM no_such_table;");

        (await Place.RunAsync("recipes/sql.sh bad.sql")).Exits(1);

        Assert.Equal("1", await SqlAsync("app.db", "SELECT x FROM t"));
    }

    [Theory]
    [InlineData("ef-core.sh --no-build", "app.db", "dotnet", "ef database update --no-build", "ef-core")]
    [InlineData("prisma.sh", "prisma/dev.db", "npx", "prisma migrate dev", "prisma")]
    [InlineData("prisma.sh deploy", "prisma/dev.db", "npx", "prisma migrate deploy", "prisma")]
    [InlineData("drizzle.sh", "app.db", "npx", "drizzle-kit migrate", "drizzle")]
    [InlineData("flyway.sh", "app.db", "flyway", "-url=jdbc:sqlite:app.db migrate", "flyway")]
    public async Task A_migration_is_preceded_by_a_copy(
        string recipe,
        string database,
        string tool,
        string arguments,
        string reason
    )
    {
        await PrepareAsync(database, tool, endsWith: 7);

        (await Place.RunAsync($"recipes/{recipe}")).Exits(7);

        Assert.Equal(arguments, (await Place.DoAsync("cat called")).Output.Trim());
        Assert.Equal("2", await SqlAsync(database, "SELECT x FROM t"));
        await AssertCopiedAsync(database, reason, "1");
    }

    [Theory]
    [InlineData("ef-core.sh", "app.db", "dotnet")]
    [InlineData("prisma.sh", "prisma/dev.db", "npx")]
    [InlineData("drizzle.sh", "app.db", "npx")]
    public async Task In_development_a_copy_that_fails_does_not_stop_the_migration(
        string recipe,
        string database,
        string tool
    )
    {
        await PrepareAsync(database, tool, endsWith: 0);
        File.WriteAllText(Place["backups"], "not a directory");

        var result = await Place.DoAsync($"recipes/{recipe}");

        Assert.Contains("WITHOUT a copy", result.Errors, StringComparison.Ordinal);
        Assert.True(File.Exists(Place["called"]));
    }

    [Theory]
    [InlineData("flyway.sh", "flyway")]
    [InlineData("sql.sh change.sql", "flyway")]
    public async Task Where_no_copy_means_no_change_the_tool_is_not_run(string recipe, string tool)
    {
        await PrepareAsync("app.db", tool, endsWith: 0);
        File.WriteAllText(Place["change.sql"], "DELETE FROM t;");
        File.WriteAllText(Place["backups"], "not a directory");

        Assert.NotEqual(0, (await Place.RunAsync($"recipes/{recipe}")).ExitCode);

        Assert.False(File.Exists(Place["called"]));
        Assert.Equal("1", await SqlAsync("app.db", "SELECT x FROM t"));
    }

    [Fact]
    public async Task Without_a_database_the_tool_is_run()
    {
        await PrepareAsync("app.db", "flyway", endsWith: 0);
        File.Delete(Place["app.db"]);

        await Place.DoAsync("recipes/flyway.sh");

        Assert.True(File.Exists(Place["called"]));
    }

    private async Task PrepareAsync(string database, string tool, int endsWith)
    {
        await Place.DoAsync($"mkdir -p $(dirname {database})");
        await SqlAsync(database, "CREATE TABLE t(x); INSERT INTO t VALUES (1)");
        var program = Path.Combine(Place.Programs, tool);
        File.WriteAllText(
            program,
            $"#!/bin/sh\necho \"$@\" > called\nsqlite3 {database} 'UPDATE t SET x = 2'\nexit {endsWith}\n"
        );
        await Place.DoAsync($"chmod +x '{program}'");
    }

    private async Task AssertCopiedAsync(string database, string reason, string content)
    {
        Assert.Equal(reason, (string?)Manifest(Assert.Single(Copies()))["reason"]);
        await Place.DoAsync($"holdfast restore {database} --from backups --output before.db");
        Assert.Equal(content, await SqlAsync("before.db", "SELECT x FROM t"));
    }
}
