using Holdfast.Cli.Tests.Driving;
using Holdfast.Testing;

namespace Holdfast.Cli.Tests;

public sealed class BackupStories : IDisposable
{
    private readonly Place place = new();

    public void Dispose() => place.Dispose();

    [Fact]
    public async Task I_can_back_up_with_no_configuration_and_get_it_back()
    {
        var app = place.Bank();
        Bank.Pay(app, 7);
        var backup = (await place.RunAsync("backup", "app.db", "--to", "./copies")).Ends(0);
        backup.Says($"{app} -> {place["copies"]}/app-", "integrity_check, foreign_key_check ok");
        backup.Tells("get it back:  holdfast restore app --from ./copies --output restored.db");
        File.Delete(app);
        var restore = await place.RunAsync("restore", "app", "--from", "./copies", "--output", "restored.db");
        restore.Ends(0).Says($"{place.Copy("copies")} -> {place["restored.db"]}", "sha256 ok");
        Bank.AssertWhole(place["restored.db"]);
        Assert.Equal(7, Bank.LastPaid(place["restored.db"]));
        place.AssertNothingIsLeft("copies");
    }

    [Fact]
    public async Task I_can_get_a_copy_back_without_holdfast()
    {
        place.Bank();
        (await place.RunAsync("backup", "app.db")).Ends(0);
        (await place.BashAsync("gunzip -c backups/app-*.db.gz > by-hand.db && mv by-hand.db again.db")).Ends(0);
        Bank.AssertWhole(place["again.db"]);
    }

    [Fact]
    public async Task I_find_the_copies_in_backups_beside_the_database_when_I_say_nothing()
    {
        Directory.CreateDirectory(place["data"]);
        place.Bank("data/app.db");
        (await place.RunAsync("backup", "data/app.db")).Ends(0);
        Assert.Equal(2, place.Names("data/backups").Count);
        (await place.RunAsync("restore", "data/app.db", "--output", "again.db")).Ends(0);
        Bank.AssertWhole(place["again.db"]);
    }

    [Fact]
    public async Task I_am_warned_when_two_databases_go_under_one_name_and_neither_is_pruned()
    {
        Directory.CreateDirectory(place["a"]);
        Directory.CreateDirectory(place["b"]);
        var first = place.Bank("a/app.db");
        place.Bank("b/app.db");
        string[] kept = ["--to", "copies", "--keep", "last=1", "--keep", "min=1"];
        (await place.RunAsync(["backup", "a/app.db", .. kept])).Ends(0);
        var second = (await place.RunAsync(["backup", "b/app.db", .. kept])).Ends(0);
        second.Tells($"was taken of {first} on", "--name", "nothing was pruned");
        Assert.Equal(4, place.Names("copies").Count);
        var third = (await place.RunAsync(["backup", "b/app.db", .. kept, "--yes"])).Ends(0);
        Assert.DoesNotContain("was taken of", third.Errors, StringComparison.Ordinal);
        Assert.Equal(2, place.Names("copies").Count);
    }

    [Fact]
    public async Task I_can_back_up_beside_an_application_that_writes()
    {
        var app = place.Bank(accounts: 2000);
        using (await Application.StartAsync("write-transfers", app))
        {
            (await place.RunAsync("backup", "app.db")).Ends(0);
        }

        (await place.RunAsync("restore", "app.db", "--output", "again.db")).Ends(0);
        Bank.AssertWhole(place["again.db"], accounts: 2000);
        Assert.True(Bank.Integer(place["again.db"], "SELECT count(*) FROM transfers") > 0);
    }

    [Fact]
    public async Task I_keep_both_copies_when_two_are_made_in_one_second()
    {
        place.Bank();
        for (var i = 0; i < 3; i++)
        {
            (await place.RunAsync("backup", "app.db", "--name", "{database}-{time:yyyy}")).Ends(0);
        }

        Assert.Equal(3, place.Names().Count(n => !n.EndsWith(".json")));
    }

    [Fact]
    public async Task I_am_told_that_the_database_does_not_exist_and_none_is_created()
    {
        var run = (await place.RunAsync("backup", "nowhere.db")).Ends(13).SaysNothing();
        run.Tells("error: ", "nowhere.db", "  try: ");
        Assert.Empty(Directory.EnumerateFileSystemEntries(place.Work));
    }

    [Fact]
    public async Task I_can_accept_that_there_is_nothing_to_back_up()
    {
        (await place.RunAsync("backup", "nowhere.db", "--missing-ok"))
            .Ends(0)
            .Says("nothing to back up")
            .TellsNothing();
        var json = (await place.RunAsync("backup", "nowhere.db", "--missing-ok", "--json")).Ends(0).TellsNothing();
        Assert.Equal("nowhere", (string)Assert.Single(json.JsonOf("nothing"))["database"]!);
        Assert.Empty(Directory.EnumerateFileSystemEntries(place.Work));
    }

    [Fact]
    public async Task I_am_told_that_a_file_is_no_database()
    {
        await File.WriteAllTextAsync(place["notes.db"], new string('x', 5000));
        (await place.RunAsync("backup", "notes.db")).Ends(13).SaysNothing().Tells("notes.db");
        (await place.RunAsync("backup", "notes.db", "--missing-ok")).Ends(13);
        Assert.Empty(place.Names());
    }

    [Fact]
    public async Task I_can_name_the_database_by_a_URL_in_a_variable()
    {
        place.Bank();
        place.Variables["QUARTERMASTER_DB_URL"] = "sqlite:///app.db";
        (await place.RunAsync("backup", "--source-env", "QUARTERMASTER_DB_URL")).Ends(0).Says($"{place["app.db"]} -> ");
        place.Variables["QUARTERMASTER_DB_URL"] = $"sqlite:///{place["app.db"]}";
        (await place.RunAsync("backup", "--source-env", "QUARTERMASTER_DB_URL")).Ends(0).Says($"{place["app.db"]} -> ");
        (await place.RunAsync("backup", "--source-env", "UNSET_URL")).Ends(2).Tells("UNSET_URL is not set");
    }

    [Fact]
    public async Task I_am_told_that_other_databases_are_not_supported_and_the_password_is_not_repeated()
    {
        place.Variables["DATABASE_URL"] = "postgres://app:hunter2@db.example.com/app";
        var run = (await place.RunAsync("backup", "--source-env", "DATABASE_URL", "-v")).Ends(2).SaysNothing();
        run.Tells("postgres://…", "no other");
        Assert.DoesNotContain("hunter2", run.Errors);
        Assert.Empty(Directory.EnumerateFileSystemEntries(place.Work));
    }

    [Fact]
    public async Task I_can_say_why_and_read_it_in_the_name_and_in_the_list()
    {
        place.Bank();
        string[] name = ["--name", "{database}-{time:yyyyMMdd-HHmmss}-{reason}.db"];
        (
            await place.RunAsync([
                "backup",
                "app.db",
                "--reason",
                "Before: the / migration",
                "--compress",
                "none",
                .. name,
            ])
        )
            .Ends(0)
            .Says("-before-the-migration.db");
        (await place.RunAsync(["list", "app.db", .. name])).Ends(0).Says("Before: the / migration");
        Assert.Equal("SQLite format 3", System.Text.Encoding.ASCII.GetString(File.ReadAllBytes(place.Copy())[..15]));
    }

    [Fact]
    public async Task I_cannot_be_fooled_by_what_a_reason_does_to_a_terminal()
    {
        place.Bank();
        (await place.RunAsync("backup", "app.db", "--reason", "red \u001b[31m\nline", "--quiet")).Ends(0);
        var run = (await place.RunAsync("list", "app.db")).Ends(0).Says("red \uFFFD[31m\uFFFDline");
        Assert.DoesNotContain('\u001b', run.Output);
    }

    [Fact]
    public async Task I_cannot_mix_the_copies_of_two_databases_of_one_name()
    {
        Directory.CreateDirectory(place["other"]);
        place.Bank();
        place.Bank("other/app.db");
        var run = (await place.RunAsync("backup", "app.db", "other/app.db", "--to", "backups")).Ends(2).SaysNothing();
        run.Tells("2 databases are called 'app'");
        Assert.Empty(place.Names());
    }

    [Fact]
    public async Task I_get_JSON_lines_on_standard_output_and_nothing_else()
    {
        var app = place.Bank();
        var run = (await place.RunAsync("backup", "app.db", "--reason", "why", "--compress", "zstd", "--json"))
            .Ends(0)
            .TellsNothing();
        var line = Assert.Single(run.Json);
        Assert.Equal("backup", (string)line["type"]!);
        Assert.Equal("app", (string)line["database"]!);
        Assert.Equal(app, (string)line["source"]!);
        Assert.Equal("zstd", (string)line["compression"]!);
        Assert.Equal("why", (string)line["reason"]!);
        Assert.Equal(new FileInfo(place.Copy()).Length, (long)line["size"]!);
        Assert.Equal(place["backups"], (string)line["address"]!);
        Assert.Equal(64, ((string)line["sha256"]!).Length);
    }

    [Fact]
    public async Task I_see_results_only_when_I_want_it_quiet()
    {
        place.Bank();
        (await place.RunAsync("backup", "app.db", "--quiet")).Ends(0).Says(" -> ").TellsNothing();
        (await place.RunAsync("backup", "app.db")).Ends(0).Tells("copy app", "compress app", "get it back");
    }

    [Fact]
    public async Task I_keep_the_copy_at_one_target_when_the_other_fails_and_am_told_so()
    {
        place.Bank();
        string[] command = ["backup", "app.db", "--to", place.DeadTarget(), "--to", "./backups"];
        var run = (await place.RunAsync(command)).Ends(3).Says($" -> {place["backups"]}/app-");
        run.Tells("127.0.0.1:1", "1 of 2 targets failed");
        var json = (await place.RunAsync([.. command, "--json"])).Ends(3).TellsNothing();
        Assert.Equal(["backup", "error", "error"], json.Json.Select(o => (string)o["type"]!));
        Assert.Equal([14, 3], json.JsonOf("error").Select(o => (int)o["code"]!));
        place.AssertNothingIsLeft();
    }

    [Fact]
    public async Task I_am_told_when_every_target_fails()
    {
        place.Bank();
        (await place.RunAsync("backup", "app.db", "--to", place.DeadTarget())).Ends(14).SaysNothing();
        await File.WriteAllTextAsync(place["file"], "");
        (await place.RunAsync("backup", "app.db", "--to", "file/below")).Ends(1).SaysNothing().Tells("file");
        place.AssertNothingIsLeft();
    }

    [Fact]
    public async Task I_get_the_copies_of_the_databases_that_are_well_when_another_is_not()
    {
        place.Bank();
        var run = (await place.RunAsync("backup", "app.db", "nowhere.db")).Ends(3).Says($"{place["app.db"]} -> ");
        run.Tells("nowhere.db", "1 of 2 databases failed");
        (await place.RunAsync("backup", "nowhere.db", "never.db")).Ends(13).Tells("2 of 2 databases failed");
    }

    [Fact]
    public async Task I_am_warned_of_a_damaged_database_and_no_copy_of_it_is_stored()
    {
        var app = place.Bank(accounts: 2000);
        Bank.Run(app, "PRAGMA journal_mode=DELETE");
        Damage.Overwrite(app, new FileInfo(app).Length / 2, 4096);
        (await place.RunAsync("backup", "app.db")).Ends(4).SaysNothing().Tells("damaged", "nothing was stored");
        Assert.Empty(place.Names());
        place.AssertNothingIsLeft();
    }

    [Fact]
    public async Task I_am_told_who_is_backing_up_already_and_since_when()
    {
        place.Bank();
        using var store = new SilentStore(place);
        using var first = place.Start("backup", "app.db", "--to", store.Target);
        await store.IsAskedAsync();
        var second = (await place.RunAsync("backup", "app.db")).Ends(11).SaysNothing();
        second.Tells($"is running already: process {first.Id} since {DateTime.UtcNow:yyyy-}", "ends with its process");
        (await place.RunAsync("backup", $"sqlite:///{place["app.db"]}")).Ends(11);
        var json = (await place.RunAsync("backup", "app.db", "--json")).Ends(11).TellsNothing();
        Assert.Equal(11, (int)json.Json[^1]["code"]!);
        first.Signal(HoldfastProcess.Interrupt);
        (await first.EndAsync()).Ends(130);
        (await place.RunAsync("backup", "app.db")).Ends(0);
    }

    [Fact]
    public async Task I_never_have_to_unlock_after_a_kill()
    {
        place.Bank();
        using (var store = new SilentStore(place))
        using (place.Start("backup", "app.db", "--to", store.Target))
        {
            await store.IsAskedAsync();
        }

        Assert.True(place.IsStaging);
        (await place.RunAsync("backup", "app.db")).Ends(0);
        place.AssertNothingIsLeft();
    }

    [Fact]
    public async Task I_can_prune_with_each_backup()
    {
        place.Bank();
        for (var i = 0; i < 5; i++)
        {
            (await place.RunAsync("backup", "app.db", "--keep", "last=3", "--keep", "min=1")).Ends(0);
        }

        Assert.Equal(3, place.Names().Count(n => !n.EndsWith(".json")));
    }
}
