using Holdfast.Cli.Tests.Driving;
using Holdfast.Testing;

namespace Holdfast.Cli.Tests;

public sealed class RetentionStories : IDisposable
{
    private readonly Place place = new();

    public void Dispose() => place.Dispose();

    [Fact]
    public async Task I_can_see_what_would_go_and_then_let_it_go()
    {
        var copies = await History.MakeAsync(place, count: 5);
        string[] prune = ["prune", "app", "--from", "backups", "--keep", "last=4"];
        var plan = (await place.RunAsync([.. prune, "--dry-run"])).Ends(0).Says($"delete  {copies[0].Name}");
        plan.Tells("4 kept, 1 not kept; nothing was changed");
        Assert.Equal(10, place.Names().Count);
        string[] foreign = ["app.db", "app-notes.txt", "dump-20200101-000000.db.gz"];
        Array.ForEach(foreign, name => File.WriteAllText(place[$"backups/{name}"], "not mine"));
        (await place.RunAsync(prune)).Ends(0).Says("4 copies left, 1 deleted");
        Assert.All(foreign, name => Assert.True(File.Exists(place[$"backups/{name}"])));
        Array.ForEach(foreign, name => File.Delete(place[$"backups/{name}"]));
        Assert.Equal(copies.Skip(1).Select(c => c.Name), place.Names().Where(n => !n.EndsWith(".json")));
        (await place.RunAsync(prune)).Ends(0).Says("4 copies left, 0 deleted");
        place.AssertNothingIsLeft();
    }

    [Fact]
    public async Task I_have_my_copy_although_an_old_one_cannot_be_deleted()
    {
        place.Bank();
        // Copies of one second would have no order.
        string[] backup =
        [
            "backup",
            "app.db",
            "--name",
            "{reason}/app-{time:yyyyMMdd-HHmmssfff}.db",
            "--keep",
            "last=3",
            "--json",
        ];
        for (var copy = 0; copy < 3; copy++)
        {
            (await place.RunAsync([.. backup, "--reason", "old"])).Ends(0);
        }

        var old = place.Names("backups/old");
        Assert.Equal(6, old.Count);
        CommandRun run;
        using (ReadOnlyDirectory.Make(place["backups/old"]))
        {
            run = (await place.RunAsync([.. backup, "--reason", "new"])).Ends(0);
        }

        Assert.Single(run.JsonOf("backup"));
        Assert.Single(run.JsonOf("prune").Single()["failed"]!.AsArray());
        Assert.Equal(old, place.Names("backups/old"));
        var next = (await place.RunAsync([.. backup, "--reason", "new"])).Ends(0).JsonOf("prune").Single();
        Assert.Equal(2, next["deleted"]!.AsArray().Count);
    }

    [Fact]
    public async Task I_must_confirm_before_more_than_half_goes_at_once()
    {
        await History.MakeAsync(place, count: 6);
        string[] prune = ["prune", "app", "--from", "backups", "--keep", "last=1", "--keep", "min=1"];
        (await place.RunAsync([.. prune, "--dry-run"])).Ends(0).Tells("--yes will be needed");
        var refused = (await place.RunAsync(prune)).Ends(16).SaysNothing();
        refused.Tells("5 of 6 copies would be deleted", "nothing was deleted", "--yes");
        Assert.Equal(12, place.Names().Count);
        var done = Assert.Single((await place.RunAsync([.. prune, "--yes", "--json"])).Ends(0).TellsNothing().Json);
        Assert.Equal(5, done["deleted"]!.AsArray().Count);
        Assert.Equal(1, (int)done["left"]!);
        Assert.Equal(2, place.Names().Count);
    }

    [Fact]
    public async Task I_keep_everything_when_I_give_no_rule()
    {
        await History.MakeAsync(place, count: 3);
        (await place.RunAsync("prune", "app", "--from", "backups")).Ends(0).Says("3 copies left, 0 deleted");
        (await place.RunAsync("prune", "app", "--from", "backups", "--keep", "lost=3")).Ends(2).Tells("lost");
    }

    [Fact]
    public async Task I_keep_what_I_have_pinned_until_I_unpin_it()
    {
        var copies = await History.MakeAsync(place, count: 5);
        string[] prune = ["prune", "app", "--from", "backups", "--keep", "last=4"];
        string[] oldest = ["app", "--from", "backups", "--id", copies[0].Id];
        (await place.RunAsync(["pin", .. oldest, "--reason", "audit"])).Ends(0).Says($"pinned {copies[0].Name}");
        (await place.RunAsync("list", "app", "--from", "backups")).Says("checked, pinned");
        (await place.RunAsync(prune)).Ends(0).Says("5 copies left");
        (await place.RunAsync(["unpin", .. oldest])).Ends(0).Says($"unpinned {copies[0].Name}");
        (await place.RunAsync(prune)).Ends(0).Says("4 copies left, 1 deleted");
        (await place.RunAsync("pin", "app", "--from", "backups", "--id", "ffff0000")).Ends(15);
    }

    [Fact]
    public async Task I_am_told_by_which_rule_each_copy_is_kept()
    {
        var copies = await History.MakeAsync(place, count: 5);
        string[] explain =
        [
            "retention",
            "explain",
            "app",
            "--from",
            "backups",
            "--keep",
            "monthly=2",
            "--keep",
            "yearly=1",
        ];
        var run = (await place.RunAsync(explain)).Ends(0).Tells("monthly=2");
        run.Says($"keep    {copies[4].Name}", "monthly 1 of 2", $"{copies[0].Name}  no rule keeps it");
        var json = (await place.RunAsync([.. explain, "--json"])).Ends(0).TellsNothing();
        Assert.Equal(5, json.JsonOf("retention").Count);
        Assert.All(json.Json, line => Assert.NotEmpty(line["reasons"]!.AsArray()));
    }

    [Fact]
    public async Task I_can_try_rules_over_years_without_a_copy()
    {
        string[] rules = ["--keep", "daily=7", "--keep", "weekly=4", "--keep", "monthly=12", "--keep", "yearly=7"];
        var run = (await place.RunAsync(["retention", "simulate", .. rules, "--years", "10", "--json"])).Ends(0);
        var forecast = Assert.Single(run.TellsNothing().Json);
        Assert.Equal(30, (int)forecast["kept"]!);
        Assert.Equal(7, (int)forecast["byRule"]!["yearly"]!);
        (await place.RunAsync(["retention", "simulate", .. rules, "--every", "1h"]))
            .Ends(0)
            .Says("copies made, 27 kept");
        (await place.RunAsync(["retention", "simulate", .. rules, "--years", "0"])).Ends(2).Tells("--years");
        (await place.RunAsync(["retention", "simulate", .. rules, "--every", "often"])).Ends(2).Tells("--every");
        (await place.RunAsync("retention")).Ends(2).SaysNothing().Tells("simulate");
    }

    [Fact]
    public async Task I_am_told_that_an_unreachable_target_was_not_pruned()
    {
        string[] prune = ["prune", "app", "--from", place.DeadTarget(), "--keep", "last=1"];
        (await place.RunAsync(prune)).Ends(14).SaysNothing();
        (await place.RunAsync("prune", "app", "--from", "nowhere", "--keep", "last=1")).Ends(10).SaysNothing();
    }
}
