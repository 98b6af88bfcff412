using Holdfast.Testing;

namespace Holdfast.Examples.Tests.Cellarsync;

/// <summary>What went wrong for others, with CellarSync's configuration.</summary>
public sealed class TroubleTests : CellarsyncPlace
{
    [Fact]
    public async Task Copies_of_one_second_all_survive()
    {
        await Place.DoAsync($"for i in 1 2 3 4; do {Backup}; done");

        Assert.Equal(4, Copies().Count);
    }

    [Fact]
    public async Task A_killed_backup_leaves_nothing_that_the_next_one_does_not_remove()
    {
        await SqlAsync(Database, "CREATE TABLE big AS SELECT randomblob(60000000) AS x");

        (
            await Place.RunAsync(
                $$"""
                {{Backup}} & backup=$!
                until [ -n "$(find '{{Place.Scratch}}' -type f -size +1M)" ] || ! kill -0 $backup; do :; done
                kill -9 $backup
                wait $backup
                """
            )
        ).Exits(137);
        Assert.NotEmpty(Staged());
        Assert.Empty(Copies());

        await Place.DoAsync(Backup);

        Assert.Empty(Staged());
        var copy = Assert.Single(Copies());
        Assert.Equal(
            [copy, $"{copy}.json"],
            Directory
                .EnumerateFileSystemEntries(Place["backups"])
                .Select(Path.GetFileName)
                .Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task A_stale_wal_beside_a_missing_database_does_not_get_into_the_restored_one()
    {
        await BackUpAsync();
        using (var application = await Application.StartAsync("die-with-wal", Place[Database], "50"))
        {
            await application.EndAsync();
        }

        Assert.True(new FileInfo(Place[$"{Database}-wal"]).Length > 0);
        File.Delete(Place[Database]);

        await Place.DoAsync("holdfast restore cellar");

        Assert.Equal("0", await SqlAsync(Database, "SELECT count(*) FROM transfers"));
        Assert.Equal("ok", await SqlAsync(Database, "PRAGMA integrity_check"));
    }

    [Fact]
    public async Task A_restored_database_has_its_mode_and_its_wal_mode_again()
    {
        await Place.DoAsync($"{Backup} --method vacuum-into && chmod 640 {Database}");

        await Place.DoAsync("holdfast restore cellar --force");

        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead,
            File.GetUnixFileMode(Place[Database])
        );
        Assert.Equal("wal", await SqlAsync(Database, "PRAGMA journal_mode"));
        await Example.AssertOfOneMomentAsync(Place, Database);
    }

    [Fact]
    public async Task A_restore_is_refused_while_the_application_runs_and_says_which()
    {
        await BackUpAsync();
        using var application = await Application.StartAsync("hold-open", Place[Database]);

        var result = (await Place.RunAsync("holdfast restore cellar")).Exits(16);

        Assert.Contains("is in use by Holdfast", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_database_is_an_error_and_is_not_created()
    {
        await Place.DoAsync($"rm {Database}*");

        (await Place.RunAsync(Backup)).Exits(13);

        Assert.False(File.Exists(Place[Database]));
    }

    [Fact]
    public async Task A_missing_holdfast_is_an_error()
    {
        (await Place.RunAsync($"HOLDFAST=/nowhere/holdfast {Backup}")).Exits(1);
        (await Place.RunAsync($"HOLDFAST=/nowhere/holdfast {Verify}")).Exits(1);
    }
}
