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
