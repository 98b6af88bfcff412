using Holdfast.Cli.Tests.Driving;
using Holdfast.Testing;

namespace Holdfast.Cli.Tests;

public sealed class RestoreStories : IDisposable
{
    private readonly Place place = new();

    public void Dispose() => place.Dispose();

    [Fact]
    public async Task I_can_choose_the_copy_by_position_id_name_or_time()
    {
        var ids = await ThreeCopiesAsync();
        Assert.Equal(3, await RestoredAsync());
        Assert.Equal(3, await RestoredAsync("--latest"));
        Assert.Equal(2, await RestoredAsync("--nth", "2"));
        Assert.Equal(1, await RestoredAsync("--nth", "3"));
        Assert.Equal(1, await RestoredAsync("--id", ids[0].Id));
        Assert.Equal(2, await RestoredAsync("--id", ids[1].Id[..5]));
        Assert.Equal(2, await RestoredAsync("--id", ids[1].Name));
        Assert.Equal(2, await RestoredAsync("--at", ids[1].Time));
        Assert.Equal(1, await RestoredAsync("--at", "2026-01-31T12:00:00Z"));
    }

    [Fact]
    public async Task I_am_told_when_no_copy_satisfies_and_never_get_another()
    {
        await ThreeCopiesAsync();
        await Refuse("--nth", "4").Invoke("3 snapshots");
        await Refuse("--at", "2020-01-01T00:00:00Z").Invoke("the oldest is of 2026-01-01");
        await Refuse("--id", "0123456789").Invoke("has the id 0123456789");
        Assert.False(File.Exists(place["r.db"]));

        Func<string, Task> Refuse(params string[] choice) =>
            async reason =>
                (await place.RunAsync(["restore", "app.db", "--output", "r.db", .. choice]))
                    .Ends(15)
                    .SaysNothing()
                    .Tells(reason, "holdfast list");
    }

    [Fact]
    public async Task I_cannot_ask_for_two_different_copies()
    {
        await ThreeCopiesAsync();
        (await place.RunAsync("restore", "app.db", "--nth", "2", "--latest")).Ends(2).Tells("exclude each other");
        (await place.RunAsync("restore", "app.db", "--nth", "0")).Ends(2).Tells("--nth counts from 1");
        (await place.RunAsync("restore", "app", "--from", "backups")).Ends(2).Tells("--output");
    }

    [Fact]
    public async Task I_see_the_plan_and_nothing_changes()
    {
        await ThreeCopiesAsync();
        var run = (await place.RunAsync("restore", "app.db", "--nth", "2", "--dry-run")).Ends(0);
        run.Says("would restore app-20260201-000000", "exists; --force");
        var plan = Assert.Single((await place.RunAsync("restore", "app.db", "--dry-run", "--json")).Ends(0).Json);
        Assert.Equal("plan", (string)plan["type"]!);
        Assert.Equal("app-20260301-000000.db.gz", (string)plan["name"]!);
        Assert.True((bool)plan["exists"]!);
        Assert.Equal(3, Bank.LastPaid(place["app.db"]));
        Assert.Equal(["app.db", "backups"], place.Names("").Where(n => !n.Contains('-')));
    }

    [Fact]
    public async Task I_cannot_overwrite_a_database_by_mistake_and_force_keeps_it()
    {
        await ThreeCopiesAsync();
        var before = await File.ReadAllBytesAsync(place["app.db"]);
        (await place.RunAsync("restore", "app.db", "--nth", "3")).Ends(16).SaysNothing().Tells("exists", "--force");
        Assert.Equal(before, await File.ReadAllBytesAsync(place["app.db"]));
        var run = (await place.RunAsync("restore", "app.db", "--nth", "3", "--force", "--json")).Ends(0);
        var kept = (string)Assert.Single(run.JsonOf("restore"))["kept"]!;
        Assert.StartsWith(place["app.db.before-restore-"], kept);
        Assert.Equal(1, Bank.LastPaid(place["app.db"]));
        Assert.Equal(3, Bank.LastPaid(kept));
    }

    [Fact]
    public async Task I_cannot_pull_a_database_from_under_a_program_that_uses_it()
    {
        await ThreeCopiesAsync();
        using var application = await Application.StartAsync("hold-open", place["app.db"]);
        (await place.RunAsync("restore", "app.db")).Ends(16).SaysNothing().Tells($"process {application.Id}");
        Assert.Equal(3, Bank.LastPaid(place["app.db"]));
    }

    [Fact]
    public async Task I_can_start_on_a_machine_where_the_database_is_missing()
    {
        await ThreeCopiesAsync();
        File.Delete(place["app.db"]);
        (await place.RunAsync("restore", "app.db", "--if-missing")).Ends(0).Says("->");
        Assert.Equal(3, Bank.LastPaid(place["app.db"]));
        (await place.RunAsync("restore", "app.db", "--if-missing")).Ends(0).Says("exists; nothing was restored");
    }

    [Fact]
    public async Task I_start_without_asking_the_store_when_the_database_is_there()
    {
        place.Bank();
        using var store = new SilentStore(place);
        (await place.RunAsync("restore", "app.db", "--from", store.Target, "--if-missing")).Ends(0).Says("exists");
        Assert.False(store.IsAsked);
    }

    [Fact]
    public async Task I_start_empty_with_a_warning_when_there_is_no_copy_yet()
    {
        Directory.CreateDirectory(place["backups"]);
        var run = (await place.RunAsync("restore", "app.db", "--if-missing")).Ends(0).SaysNothing();
        run.Tells("warning: ", "nothing to restore it from");
        var json = (await place.RunAsync("restore", "app.db", "--if-missing", "--json")).Ends(0).TellsNothing();
        Assert.Equal("warning", (string)Assert.Single(json.Json)["type"]!);
        Assert.False(File.Exists(place["app.db"]));
    }

    [Fact]
    public async Task I_do_not_start_empty_when_the_store_cannot_be_asked()
    {
        Directory.CreateDirectory(place["backups"]);
        string[] dead = ["--from", place.DeadTarget()];
        (await place.RunAsync(["restore", "app.db", "--if-missing", .. dead])).Ends(14).Tells("127.0.0.1:1");
        (await place.RunAsync(["restore", "app.db", "--if-missing", "--from", "./backups", .. dead])).Ends(14);
        (await place.RunAsync("restore", "app.db", "--if-missing", "--from", "./not-mounted")).Ends(10);
        Assert.False(File.Exists(place["app.db"]));
    }

    [Fact]
    public async Task I_get_the_newest_copy_of_all_targets_and_am_told_which_one_was_not_asked()
    {
        await ThreeCopiesAsync();
        Directory.CreateDirectory(place["older"]);
        foreach (var name in place.Names().Where(n => n.Contains("20260101")))
        {
            File.Copy(place[$"backups/{name}"], place[$"older/{name}"]);
        }

        string[] command = ["restore", "app", "--from", "older", "--from", "backups", "--from", place.DeadTarget()];
        var run = (await place.RunAsync([.. command, "--output", "r.db"])).Ends(0);
        run.Tells("warning: ", "may hold a newer copy");
        Assert.Equal(3, Bank.LastPaid(place["r.db"]));
    }

    [Fact]
    public async Task I_keep_what_I_have_when_the_copy_is_damaged()
    {
        await ThreeCopiesAsync();
        Damage.FlipBit(place["backups/app-20260301-000000.db.gz"]);
        var before = await File.ReadAllBytesAsync(place["app.db"]);
        (await place.RunAsync("restore", "app.db", "--force")).Ends(4).SaysNothing().Tells("damaged", "--on-corrupt");
        Assert.Equal(before, await File.ReadAllBytesAsync(place["app.db"]));
        (await place.RunAsync("restore", "app.db", "--output", "r.db")).Ends(4);
        Assert.False(File.Exists(place["r.db"]));
        place.AssertNothingIsLeft();
    }

    [Fact]
    public async Task I_can_fall_back_to_the_next_older_copy_and_am_told()
    {
        await ThreeCopiesAsync();
        Damage.FlipBit(place["backups/app-20260301-000000.db.gz"]);
        Damage.Empty(place["backups/app-20260201-000000.db.gz"]);
        string[] command = ["restore", "app.db", "--output", "r.db", "--on-corrupt", "fallback"];
        var run = (await place.RunAsync(command)).Ends(0).Says("20260101-000000");
        run.Tells("warning: ", "20260301-000000", "20260201-000000", "an older copy was taken");
        Assert.Equal(1, Bank.LastPaid(place["r.db"]));
    }

    [Fact]
    public async Task I_can_restore_a_copy_that_another_tool_made()
    {
        var app = place.Bank();
        Bank.Run(app, "PRAGMA journal_mode=DELETE");
        Directory.CreateDirectory(place["theirs"]);
        await using (var copy = File.Create(place["theirs/db-backup-1767225600.db.gz"]))
        await using (
            var gzip = new System.IO.Compression.GZipStream(copy, System.IO.Compression.CompressionLevel.Fastest)
        )
        {
            await gzip.WriteAsync(await File.ReadAllBytesAsync(app));
        }

        string[] from = ["db-backup", "--from", "theirs"];
        (await place.RunAsync(["list", .. from])).Ends(0).Says("2026-01-01 00:00:00", "unverified");
        (await place.RunAsync(["restore", .. from, "--output", "r.db"])).Ends(0).Says("integrity_check");
        Bank.AssertWhole(place["r.db"]);
    }

    private async Task<long> RestoredAsync(params string[] choice)
    {
        (await place.RunAsync(["restore", "app.db", "--output", "r.db", .. choice])).Ends(0);
        var paid = Bank.LastPaid(place["r.db"]);
        File.Delete(place["r.db"]);
        return paid;
    }

    private Task<IReadOnlyList<(string Id, string Name, string Time)>> ThreeCopiesAsync() => History.MakeAsync(place);
}
