namespace Holdfast.Examples.Tests.Quartermaster;

/// <summary>The hook in alembic/env.py, run by Alembic itself.</summary>
public sealed class AlembicHookTests : QuartermasterPlace
{
    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Example.RequireAsync(Place, "alembic", "alembic");
    }

    [Fact]
    public async Task A_migration_is_preceded_by_a_copy()
    {
        await MigratedAsync("0001");
        await SqlAsync("quartermaster.db", "INSERT INTO items(name, legacy_code) VALUES ('a', 'X')");

        var result = await Place.DoAsync("alembic upgrade head");

        var copy = Assert.Single(Copies());
        Assert.Matches(@"^quartermaster-\d{8}-\d{6}-alembic\.db$", copy);
        Assert.Contains($"-> {Place[$"backups/{copy}"]}", result.Errors, StringComparison.Ordinal);
        Assert.Equal("X", await SqlAsync($"backups/{copy}", "SELECT legacy_code FROM items"));
        Assert.Equal(
            "0",
            await SqlAsync(
                "quartermaster.db",
                "SELECT count(*) FROM pragma_table_info('items') WHERE name = 'legacy_code'"
            )
        );
    }

    [Theory]
    [InlineData("downgrade base")]
    [InlineData("downgrade -1")]
    [InlineData("stamp base")]
    [InlineData("upgrade +1")]
    [InlineData("upgrade base:0001 --sql")]
    public async Task Each_command_that_changes_the_database_is_preceded_by_a_copy(string command)
    {
        await MigratedAsync("0001");

        await Place.DoAsync($"alembic {command}");

        Assert.Single(Copies());
    }

    [Theory]
    [InlineData("current")]
    [InlineData("history --indicate-current")]
    [InlineData("history -r current:head")]
    [InlineData("heads")]
    [InlineData("show current")]
    [InlineData("revision -m more")]
    public async Task A_command_that_reads_makes_no_copy(string command)
    {
        await MigratedAsync("head");

        await Place.DoAsync($"alembic {command}");

        Assert.Empty(Copies());
    }

    [Fact]
    public async Task Comparing_with_the_models_makes_no_copy()
    {
        await MigratedAsync("head");
        await Place.DoAsync(
            "sed -i 's/^target_metadata = None.*/import sqlalchemy; target_metadata = sqlalchemy.MetaData()/' alembic/env.py"
        );

        await Place.DoAsync("alembic revision --autogenerate -m compared");

        Assert.Empty(Copies());
    }

    [Fact]
    public async Task A_script_of_sql_is_printed_without_our_words()
    {
        await MigratedAsync("0001");

        var result = await Place.DoAsync("alembic upgrade base:0001 --sql");

        Assert.DoesNotContain("backup-db.sh", result.Output, StringComparison.Ordinal);
        Assert.Contains("backup-db.sh", result.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HOLDFAST=/nowhere/holdfast")]
    [InlineData("HOLDFAST=false")]
    [InlineData("QUARTERMASTER_BACKUP_DIR=/dev/null/no")]
    public async Task A_copy_that_fails_is_loud_and_does_not_stop_the_migration(string trouble)
    {
        await MigratedAsync("0001");

        var result = await Place.DoAsync($"{trouble} alembic upgrade head");

        Assert.Contains("THE BACKUP BEFORE THIS MIGRATION FAILED", result.Errors, StringComparison.Ordinal);
        Assert.Equal("0002", await SqlAsync("quartermaster.db", "SELECT version_num FROM alembic_version"));
    }

    [Fact]
    public async Task A_script_that_is_gone_is_loud_and_does_not_stop_the_migration()
    {
        await MigratedAsync("0001");

        var result = await Place.DoAsync("rm scripts/backup-db.sh && alembic upgrade head");

        Assert.Contains("THE BACKUP BEFORE THIS MIGRATION FAILED", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_migration_has_nothing_to_copy_and_is_not_alarmed()
    {
        var result = await Place.DoAsync("alembic upgrade head");

        Assert.DoesNotContain("FAILED", result.Errors, StringComparison.Ordinal);
        Assert.Empty(Copies());
    }

    [Fact]
    public async Task The_copy_is_of_the_database_that_is_migrated()
    {
        await Place.DoAsync("mkdir data && QUARTERMASTER_DB_URL=sqlite:///data/other.db alembic upgrade 0001");

        await Place.DoAsync("QUARTERMASTER_DB_URL=sqlite:///data/other.db alembic upgrade head");

        Assert.Single(Copies("data/backups"));
    }

    private async Task MigratedAsync(string revision)
    {
        await Place.DoAsync($"alembic upgrade {revision}");
        Assert.Empty(Copies());
    }
}
