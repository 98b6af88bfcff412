using System.Globalization;
using Holdfast.Cli.Tests.Driving;

namespace Holdfast.Cli.Tests;

/// <summary>Restoring from the timeline through the command.</summary>
public sealed class RestoreTimelineStories : IDisposable
{
    private readonly Place place = new();

    public void Dispose() => place.Dispose();

    [Fact]
    public async Task I_can_restore_any_commit_by_its_number_and_by_its_time()
    {
        await using var bank = await FiveCommitsAsync();
        foreach (var (commit, paid) in bank.Commits)
        {
            Assert.Equal(paid, await RestoredAsync("--commit", Text(commit.Number)));
            Assert.Equal(paid, await RestoredAsync("--at", commit.Time.ToString("O")));
            if (paid > 0)
            {
                Assert.Equal(paid - 1, await RestoredAsync("--at", commit.Time.AddMicroseconds(-1).ToString("O")));
            }
        }

        Assert.Equal(5, await RestoredAsync());
        Assert.Equal(5, await RestoredAsync("--latest"));
        Assert.Equal(5, await RestoredAsync("--at", "now"));
        Assert.Equal(
            2,
            await RestoredAsync("--commit", Text(bank.Commits[2].Commit.Number), "--lineage", $"{bank.Lineage}")
        );
    }

    [Fact]
    public async Task I_am_told_what_a_restore_would_take_and_then_what_it_took()
    {
        await using var bank = await FiveCommitsAsync();
        var commit = bank.Commits[3].Commit;
        string[] command = ["restore", "app", "--from", "vault", "--output", "r.db", "--commit", Text(commit.Number)];
        (await place.RunAsync([.. command, "--dry-run"]))
            .Ends(0)
            .Says($"commit {commit.Number}", "objects", "to fetch", "to write");
        var plan = (await place.RunAsync([.. command, "--dry-run", "--json"])).Ends(0).JsonOf("plan")[0];
        Assert.False(File.Exists(place["r.db"]));
        Assert.Equal("timeline", (string)plan["source"]!);
        Assert.Equal($"{bank.Lineage}", (string)plan["lineage"]!);
        Assert.Equal(commit.Number, (long)plan["commit"]!);
        Assert.Equal(commit.Time, (DateTimeOffset)plan["time"]!);
        Assert.InRange((long)plan["size"]!, 1, 1_000_000);
        Assert.InRange((int)plan["objects"]!, 2, 10);
        var run = (await place.RunAsync([.. command, "--json"])).Ends(0).JsonOf("restore")[0];
        Assert.Equal(commit.Number, (long)run["commit"]!);
        Assert.Equal("page_hashes", (string)run["checks"]![0]!);
        Assert.Equal((long)plan["contentSize"]!, new FileInfo(place["r.db"]).Length);
    }

    [Fact]
    public async Task The_newest_moment_wins_whether_it_is_a_copy_or_a_commit()
    {
        await using var bank = await FiveCommitsAsync();
        var last = bank.Commits[^1].Commit.Time;
        (await place.RunAsync("backup", "app.db", "--to", "vault", "--quiet")).Ends(0);
        Assert.Equal("snapshot", await SourceAsync());
        Assert.Equal("timeline", await SourceAsync("--at", last.ToString("O")));
        _ = await bank.PayAsync(6);
        Assert.Equal("timeline", await SourceAsync());
        Assert.Equal("snapshot", await SourceAsync("--nth", "1"));
        Assert.Equal(6, await RestoredAsync());
    }

    [Fact]
    public async Task I_am_told_the_nearest_commits_when_there_is_none_that_fits()
    {
        await using var bank = await FiveCommitsAsync();
        var (first, last) = (bank.Commits[0].Commit, bank.Commits[^1].Commit);
        var run = await RunAsync("--commit", Text(last.Number + 10));
        run.Ends(15).Tells($"the newest is {last.Number}", $"--commit {last.Number}");
        run = await RunAsync("--commit", Text(last.Number + 10), "--on-corrupt", "fallback");
        run.Ends(15).SaysNothing();
        run = await RunAsync("--at", "2 hours ago");
        run.Ends(15)
            .Tells("begins later", $"--commit {first.Number} after it ({first.Time.UtcDateTime:yyyy-MM-dd HH:mm}");
        (await RunAsync("--id", "never-named")).Ends(15);
        (await RunAsync("--commit", Text(last.Number), "--lineage", new string('0', 32))).Ends(15).Tells("lineage");
        Assert.False(File.Exists(place["r.db"]));
    }

    [Fact]
    public async Task I_am_told_what_does_not_go_together()
    {
        (await RunAsync("--commit", "1", "--at", "now")).Ends(2).Tells("exclude");
        (await RunAsync("--commit", "0")).Ends(2);
        (await RunAsync("--lineage", new string('0', 32))).Ends(2);
        (await RunAsync("--commit", "1", "--lineage", "x")).Ends(2);
        (await RunAsync("--in-place", "--force")).Ends(2);
        (await RunAsync("--in-place", "--if-missing")).Ends(2);
    }

    [Fact]
    public async Task I_can_restore_a_point_by_its_name_when_it_means_one_moment()
    {
        await using var bank = await FiveCommitsAsync();
        await bank.NameAsync(bank.Commits[2].Commit, "Before the migration!");
        Assert.Equal(2, await RestoredAsync("--id", "before-the-migration"));
        Assert.Equal(2, await RestoredAsync("--id", "Before the migration!"));
        await bank.NameAsync(bank.Commits[4].Commit, "before the migration");
        var run = (await RunAsync("--id", "before-the-migration")).Ends(2);
        run.Tells(
            $"commit {bank.Commits[2].Commit.Number} of ",
            $"commit {bank.Commits[4].Commit.Number} of ",
            "--commit N"
        );
    }

    [Fact]
    public async Task I_am_told_which_commits_a_damaged_object_costs_and_get_the_nearest_good_one_only_when_I_ask()
    {
        await using var bank = await FiveCommitsAsync();
        var (before, lost, after) = (bank.Commits[2].Commit, bank.Commits[3].Commit, bank.Commits[4].Commit);
        Damage.FlipBit(bank.JournalOf(lost));
        foreach (
            var choice in (string[][])
                [
                    ["--commit", Text(lost.Number)],
                    ["--at", lost.Time.ToString("O")],
                    ["--latest"],
                ]
        )
        {
            (await RunAsync(choice)).Ends(4).SaysNothing().Tells($"--commit {before.Number} before it");
            var run = await RunAsync([.. choice, "--on-corrupt", "fallback"]);
            run.Ends(0).Tells("warning: ", "what came after", $"{bank.Vault}");
            Assert.Equal(2, Bank.LastPaid(place["r.db"]));
            File.Delete(place["r.db"]);
        }

        (await RunAsync("--commit", Text(after.Number))).Ends(4);
        Assert.Equal(2, await RestoredAsync("--commit", Text(before.Number)));
        place.AssertNothingIsLeft();
    }

    [Fact]
    public async Task I_get_a_database_that_is_missing_from_its_timeline()
    {
        string[] command = ["restore", "app", "--from", "vault", "--output", "new.db", "--if-missing"];
        Directory.CreateDirectory(place["vault"]);
        (await place.RunAsync(command)).Ends(0).Tells("nothing to restore it from");
        Directory.Delete(place["vault"]);
        await using var bank = await FiveCommitsAsync();
        await File.WriteAllBytesAsync(place["new.db-wal"], new byte[4152], TestContext.Current.CancellationToken);
        (await place.RunAsync(command)).Ends(0).Says("new.db");
        Assert.False(File.Exists(place["new.db-wal"]), "the log of another database is beside it");
        Assert.Single(place.Names("."), n => n.StartsWith("new.db.before-restore-") && n.EndsWith("-wal"));
        Assert.Equal(5, Bank.LastPaid(place["new.db"]));
        (await place.RunAsync(command)).Ends(0).Says("exists; nothing was restored");
    }

    [Fact]
    public async Task I_am_told_which_commits_a_missing_object_costs()
    {
        await using var bank = await FiveCommitsAsync();
        var (before, lost, after) = (bank.Commits[2].Commit, bank.Commits[3].Commit, bank.Commits[4].Commit);
        File.Delete(bank.JournalOf(lost));
        foreach (var commit in (long[])[lost.Number, after.Number])
        {
            (await RunAsync("--commit", Text(commit)))
                .Ends(15)
                .SaysNothing()
                .Tells($"--commit {before.Number} before it");
        }

        (await RunAsync("--at", lost.Time.ToString("O"))).Ends(15).Tells("cannot be restored");
        Assert.Equal(2, await RestoredAsync("--commit", Text(lost.Number), "--on-corrupt", "fallback"));
    }

    [Fact]
    public async Task A_damaged_base_is_found_before_anything_is_put_into_place()
    {
        await using var bank = await FiveCommitsAsync();
        foreach (var path in bank.Objects("b-"))
        {
            Damage.Overwrite(path, new FileInfo(path).Length / 3, 40);
        }

        (await RunAsync()).Ends(4).SaysNothing();
        await File.WriteAllTextAsync(place["there.db"], "something else", TestContext.Current.CancellationToken);
        (await RunAsync("--output", "there.db", "--force")).Ends(4).SaysNothing();
        Assert.Equal(
            "something else",
            await File.ReadAllTextAsync(place["there.db"], TestContext.Current.CancellationToken)
        );
        (await RunAsync("--on-corrupt", "fallback")).Ends(4);
        Assert.False(File.Exists(place["r.db"]));
        place.AssertNothingIsLeft();
    }

    [Fact]
    public async Task An_older_copy_never_takes_the_place_of_a_damaged_commit_unless_I_ask()
    {
        _ = place.Bank();
        Bank.Pay(place["app.db"], 1);
        (await place.RunAsync("backup", "app.db", "--to", "vault", "--quiet")).Ends(0);
        await using var bank = await CapturedBank.StartAsync(place);
        var lost = await bank.PayAsync(2);
        foreach (var path in bank.Objects("b-").Append(bank.JournalOf(lost)))
        {
            Damage.Overwrite(path, 70, 40);
        }

        (await RunAsync()).Ends(4).SaysNothing();
        (await RunAsync("--on-corrupt", "fallback")).Ends(0).Tells("warning: ");
        Assert.Equal(1, Bank.LastPaid(place["r.db"]));
    }

    [Fact]
    public async Task Another_target_gives_what_is_damaged_at_the_first()
    {
        await using var bank = await FiveCommitsAsync();
        Copy(bank.Vault, place["second"]);
        var lost = bank.Commits[3].Commit;
        Damage.FlipBit(bank.JournalOf(lost));
        string[] both = ["restore", "app", "--from", "vault", "--from", "second", "--output", "r.db"];
        (await place.RunAsync([.. both, "--commit", Text(lost.Number)])).Ends(0).Says($"at {place["second"]}");
        Assert.Equal(3, Bank.LastPaid(place["r.db"]));
        File.Delete(place["r.db"]);

        // A part of the base is only found to be damaged while it is read.
        Copy(place["second"], place["third"]);
        foreach (var path in Directory.EnumerateFiles(place["second"], "b-*", SearchOption.AllDirectories))
        {
            Damage.Overwrite(path, new FileInfo(path).Length / 3, 40);
        }

        string[] others = ["restore", "app", "--from", "second", "--from", "third", "--output", "r.db"];
        var run = (await place.RunAsync(others)).Ends(0);
        run.Tells("warning: ", $"1 object was taken from {place["third"]}", "holdfast repair app");
        Assert.DoesNotContain("older", run.Errors, StringComparison.Ordinal);
        Assert.Equal(5, Bank.LastPaid(place["r.db"]));
    }

    [Fact]
    public async Task A_target_that_cannot_be_asked_is_a_warning()
    {
        await using var bank = await FiveCommitsAsync();
        var run = await RunAsync("--from", place.DeadTarget());
        run.Ends(0).Tells("warning: ", "cannot be asked");
        Assert.Equal(5, Bank.LastPaid(place["r.db"]));
    }

    [Fact]
    public async Task I_replace_a_database_with_force_and_only_fetch_what_differs()
    {
        await using var bank = await FiveCommitsAsync(accounts: 20_000);
        var commit = bank.Commits[2].Commit;
        var fetched = await FetchedAsync("new.db", commit.Number);
        File.Copy(bank.Path, place["old.db"]);
        Bank.Run(place["old.db"], "UPDATE accounts SET balance = balance + 1 WHERE id = 1; DELETE FROM transfers");
        File.WriteAllBytes(place["old.db-wal"], new byte[4096]);
        Assert.InRange(await FetchedAsync("old.db", commit.Number), 1, fetched / 2);
        Assert.Equal(await File.ReadAllBytesAsync(place["new.db"]), await File.ReadAllBytesAsync(place["old.db"]));
        Assert.False(File.Exists(place["old.db-wal"]));
        Assert.Single(place.Names("."), n => n.StartsWith("old.db.before-restore-") && !n.EndsWith("-wal"));
        Assert.Equal(2, Bank.LastPaid(place["old.db"]));
    }

    [Fact]
    public async Task A_restored_database_passes_the_check_that_I_ask_for()
    {
        await using var bank = await FiveCommitsAsync();
        (await RunAsync("--check", "integrity")).Ends(0).Says("integrity_check");
        (await place.RunAsync("restore", "app.db", "--from", "vault")).Ends(16).Tells("is in use");
        (await place.RunAsync("restore", "app.db", "--from", "vault", "--if-missing")).Ends(0).Says("exists");
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    private async Task<CapturedBank> FiveCommitsAsync(int accounts = 200)
    {
        var bank = await CapturedBank.StartAsync(place, accounts: accounts);
        for (var amount = 1; amount <= 5; amount++)
        {
            _ = await bank.PayAsync(amount);
        }

        return bank;
    }

    private Task<CommandRun> RunAsync(params string[] choice) =>
        place.RunAsync([
            "restore",
            "app",
            "--from",
            "vault",
            .. choice.Contains("--output") ? Array.Empty<string>() : ["--output", "r.db"],
            .. choice,
        ]);

    private async Task<long> RestoredAsync(params string[] choice)
    {
        (await RunAsync(choice)).Ends(0);
        Bank.AssertWhole(place["r.db"]);
        var paid = Bank.LastPaid(place["r.db"]);
        Array.ForEach(Directory.GetFiles(place.Work, "r.db*"), File.Delete);
        return paid;
    }

    private async Task<string> SourceAsync(params string[] choice) =>
        (string)(await RunAsync(["--dry-run", "--json", .. choice])).Ends(0).JsonOf("plan")[0]["source"]!;

    private async Task<long> FetchedAsync(string output, long commit)
    {
        string[] command =
        [
            "restore",
            "app",
            "--from",
            "vault",
            "--output",
            output,
            "--commit",
            Text(commit),
            "--force",
        ];
        var run = (await place.RunAsync([.. command, "--json"])).Ends(0).JsonOf("restore")[0];
        return (long)run["fetched"]!;
    }
}
