using System.Globalization;
using Holdfast.Cli.Tests.Driving;
using Holdfast.Core.Timeline;

namespace Holdfast.Cli.Tests;

/// <summary>One timeline at several targets: what one of them lost, another one has.</summary>
public sealed class SeveralTargetsStories : IDisposable
{
    private readonly Place place = new();

    public void Dispose() => place.Dispose();

    [Fact]
    public async Task What_is_missing_at_one_target_and_damaged_at_another_is_restored_from_both()
    {
        await using var bank = await TwinsAsync();
        File.Delete(bank.JournalOf(bank.Commits[2].Commit));
        Damage.FlipBit(Twin(bank.JournalOf(bank.Commits[4].Commit)));
        foreach (var (commit, paid) in bank.Commits)
        {
            var run = await RestoreAsync("--commit", Text(commit));
            run.Ends(0);
            Assert.Equal(paid, Bank.LastPaid(place["r.db"]));
            File.Delete(place["r.db"]);
        }

        var newest = (await RestoreAsync()).Ends(0);
        newest.Tells("taken from", "holdfast repair app");
        Assert.Equal(5, Bank.LastPaid(place["r.db"]));
    }

    [Fact]
    public async Task Damage_that_shows_only_in_pages_is_gone_around_by_another_target()
    {
        // A base of many pages: its middle is a block, not the index.
        await using var bank = await TwinsAsync(accounts: 5_000);
        Damage.FlipBit(Assert.Single(bank.Objects("b-")));
        File.Delete(Twin(bank.JournalOf(bank.Commits[^1].Commit)));
        var run = (await RestoreAsync("--commit", Text(bank.Commits[^1].Commit))).Ends(0);
        run.Tells("taken from", "holdfast repair app");
        Assert.Equal(5, Bank.LastPaid(place["r.db"]));
    }

    [Fact]
    public async Task What_no_target_has_is_not_restored()
    {
        await using var bank = await TwinsAsync();
        var lost = bank.JournalOf(bank.Commits[3].Commit);
        File.Delete(lost);
        Damage.FlipBit(Twin(lost));
        (await RestoreAsync("--commit", Text(bank.Commits[4].Commit))).Ends(4).SaysNothing();
        Assert.False(File.Exists(place["r.db"]));
    }

    [Fact]
    public async Task A_repair_makes_both_targets_whole_again()
    {
        await using var bank = await TwinsAsync(accounts: 5_000);
        var (missing, damaged) = (bank.JournalOf(bank.Commits[2].Commit), bank.JournalOf(bank.Commits[4].Commit));
        var start = Assert.Single(bank.Objects("b-"));
        File.Delete(missing);
        Damage.Truncate(Twin(damaged));
        Damage.FlipBit(Twin(start));
        (await VerifyAsync("vault")).Ends(4).Tells("holdfast repair app");
        (await VerifyAsync("offsite", "--level", "content")).Ends(4);
        var run = (await place.RunAsync("repair", "app", "--from", "vault", "--from", "offsite", "--json")).Ends(0);
        var (first, second) = (run.JsonOf("repair")[0], run.JsonOf("repair")[1]);
        Assert.Equal("repaired", (string)first["outcome"]!);
        Assert.EndsWith(Path.GetFileName(missing), (string)Assert.Single(first["taken"]!.AsArray())!["name"]!);
        Assert.Equal("repaired", (string)second["outcome"]!);
        Assert.Equal(2, second["damaged"]!.AsArray().Count);
        Assert.Equal(2, second["taken"]!.AsArray().Count);
        foreach (var path in (string[])[missing, damaged, start])
        {
            Assert.Equal(await File.ReadAllBytesAsync(path), await File.ReadAllBytesAsync(Twin(path)));
        }

        foreach (var target in (string[])["vault", "offsite"])
        {
            (await VerifyAsync(target, "--level", "content")).Ends(0);
            Assert.Equal(5, await RestoredFromAsync(target));
        }

        run = (await place.RunAsync("repair", "app", "--from", "vault", "--from", "offsite", "--json")).Ends(0);
        Assert.All(run.JsonOf("repair"), line => Assert.Equal("whole", (string)line["outcome"]!));
    }

    [Fact]
    public async Task What_no_other_target_has_is_told_by_a_repair()
    {
        await using var bank = await TwinsAsync();
        var lost = bank.JournalOf(bank.Commits[3].Commit);
        Damage.FlipBit(lost);
        Damage.FlipBit(Twin(lost));
        (await place.RunAsync("repair", "app", "--from", "vault", "--from", "offsite"))
            .Ends(4)
            .Says("incomplete")
            .Tells("is not whole", "new base");
        (await place.RunAsync("repair", "app", "--from", "nowhere")).Ends(10);
    }

    [Fact]
    public async Task A_running_agent_closes_with_a_new_base_what_nobody_can_repair()
    {
        var app = place.Bank();
        using var agent = place.Start("run", "app.db", "--to", "vault", "--json");
        await agent.UntilTellsAsync("capturing");
        (await place.RunAsync("sync", "app.db")).Ends(0);
        var start = Assert.Single(Directory.EnumerateFiles(place["vault"], "b-*", SearchOption.AllDirectories));
        Damage.FlipBit(start);
        Bank.Pay(app, 1);
        (await place.RunAsync("sync", "app.db")).Ends(0);
        (await place.RunAsync("restore", "app", "--from", "vault", "--output", "r.db")).Ends(4);
        (await place.RunAsync("repair", "app.db", "--from", "vault")).Ends(4).Tells("has made a new base");
        Assert.Equal(1, await RestoredFromAsync("vault"));
        agent.Signal(HoldfastProcess.Terminate);
        (await agent.EndAsync()).Ends(0);
    }

    [Fact]
    public async Task A_copy_brings_everything_to_a_third_target_and_only_once()
    {
        await using var bank = await TwinsAsync(accounts: 5_000);
        await bank.NameAsync(bank.Commits[2].Commit, "before the fair");
        (await place.RunAsync("backup", "app.db", "--to", "vault", "--quiet")).Ends(0);
        (await place.RunAsync("pin", "app.db", "--from", "vault", "--quiet")).Ends(0);
        var run = (await CopyAsync("--json")).Ends(0).JsonOf("copy")[0];
        Assert.InRange((int)run["objects"]!, 9, 20);
        Assert.Empty(run["damaged"]!.AsArray());
        foreach (var path in Directory.EnumerateFiles(place["vault"], "*", SearchOption.AllDirectories))
        {
            var copied = path.Replace(place["vault"], place["third"], StringComparison.Ordinal);
            Assert.Equal(await File.ReadAllBytesAsync(path), await File.ReadAllBytesAsync(copied));
        }

        Assert.Equal(5, await RestoredFromAsync("third"));
        Assert.Equal(2, await RestoredFromAsync("third", "--id", "before-the-fair"));
        Assert.Equal(5, await RestoredFromAsync("third", "--nth", "1"));
        Assert.Equal(0, (int)(await CopyAsync("--json")).Ends(0).JsonOf("copy")[0]["objects"]!);
        _ = await bank.PayAsync(6);
        Assert.Equal(1, (int)(await CopyAsync("--json")).Ends(0).JsonOf("copy")[0]["objects"]!);
        Assert.Equal(6, await RestoredFromAsync("third"));
    }

    [Fact]
    public async Task What_is_damaged_is_not_copied()
    {
        await using var bank = await TwinsAsync();
        (await place.RunAsync("backup", "app.db", "--to", "vault", "--quiet")).Ends(0);
        Damage.FlipBit(Directory.EnumerateFiles(place["vault"], "app-*.gz").Single());
        var lost = bank.JournalOf(bank.Commits[^1].Commit);
        Damage.FlipBit(lost);
        var run = (await CopyAsync()).Ends(4);
        run.Tells("not copied", "holdfast repair app");
        Assert.False(File.Exists(lost.Replace(place["vault"], place["third"], StringComparison.Ordinal)));
        Assert.Empty(Directory.EnumerateFiles(place["third"], "app-*"));
        Assert.Equal(4, await RestoredFromAsync("third"));
    }

    [Fact]
    public async Task An_encrypted_vault_is_copied_with_its_keys_and_never_mixed_with_another()
    {
        _ = place.Bank();
        await Vaults.MakeAsync(place);
        (await place.RunAsync("copy", "app", "--from", "./vault", "--to", "./third")).Ends(0).Tells("no key was given");
        (await place.RunAsync("restore", "app", "--from", "./third", "--output", "r.db", "--key-file", "kit.txt")).Ends(
            0
        );
        (await place.RunAsync("copy", "app", "--from", "./vault", "--to", "./third", "--key-file", "kit.txt"))
            .Ends(0)
            .Says("0 objects");
        (
            await place.RunAsync(
                "init",
                "app.db",
                "--to",
                "./other",
                "--kit",
                "other.txt",
                "--config",
                "other.yaml",
                "--quiet"
            )
        ).Ends(0);
        (await place.RunAsync("copy", "app", "--from", "./vault", "--to", "./other")).Ends(16).Tells("never mixed");
    }

    [Fact]
    public async Task A_verification_is_red_for_each_kind_of_damage_and_is_shown_where_people_look()
    {
        await using var bank = await TwinsAsync(accounts: 5_000);
        (await place.RunAsync("list", "app", "--from", "vault")).Ends(0).Tells("never verified");
        foreach (var level in (string[])["stored", "content", "restore"])
        {
            var line = (await VerifyAsync("vault", "--level", level, "--json")).Ends(0).JsonOf("timelineVerification")[
                0
            ];
            Assert.Equal("good", (string)line["outcome"]!);
            Assert.True((bool)line["recorded"]!);
        }

        (await place.RunAsync("list", "app", "--from", "vault")).Ends(0).Tells("good when verified (restore)");
        var journal = bank.JournalOf(bank.Commits[3].Commit);
        var start = Assert.Single(bank.Objects("b-"));
        foreach (var (path, level) in ((string, string)[])[(journal, "stored"), (start, "content"), (start, "restore")])
        {
            var bytes = await File.ReadAllBytesAsync(path);
            Damage.FlipBit(path);
            (await VerifyAsync("vault", "--level", level)).Ends(4).Says("bad");
            await File.WriteAllBytesAsync(path, bytes);
        }

        File.Delete(journal);
        (await VerifyAsync("vault", "--level", "stored")).Ends(4);
        (await place.RunAsync("status", "app.db", "--from", "vault")).Ends(0).Says("BAD when verified");
        (await VerifyAsync("vault", "--budget", "1s")).Ends(2);

        // Read-only or away: that says nothing of what is stored.
        (await VerifyAsync(place.DeadTarget())).Ends(14);
    }

    private Task<CommandRun> VerifyAsync(string target, params string[] options) =>
        place.RunAsync(["verify", "app", "--from", target, .. options]);

    private Task<CommandRun> CopyAsync(params string[] options) =>
        place.RunAsync(["copy", "app", "--from", "vault", "--to", "third", .. options]);

    private async Task<long> RestoredFromAsync(string target, params string[] options)
    {
        (await place.RunAsync(["restore", "app", "--from", target, "--output", "r.db", .. options])).Ends(0);
        var paid = Bank.LastPaid(place["r.db"]);
        File.Delete(place["r.db"]);
        return paid;
    }

    private Task<CommandRun> RestoreAsync(params string[] options) =>
        place.RunAsync(["restore", "app", "--from", "vault", "--from", "offsite", "--output", "r.db", .. options]);

    private string Twin(string path) => path.Replace(place["vault"], place["offsite"], StringComparison.Ordinal);

    private async Task<CapturedBank> TwinsAsync(int accounts = 200)
    {
        var bank = await CapturedBank.StartAsync(place, accounts: accounts);
        for (var amount = 1; amount <= 5; amount++)
        {
            _ = await bank.PayAsync(amount);
        }

        foreach (var path in Directory.EnumerateFiles(place["vault"], "*", SearchOption.AllDirectories))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Twin(path))!);
            File.Copy(path, Twin(path));
        }

        return bank;
    }

    private static string Text(CommitInfo commit) => commit.Number.ToString(CultureInfo.InvariantCulture);
}
