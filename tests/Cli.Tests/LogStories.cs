using System.Globalization;
using System.Text.Json.Nodes;
using Holdfast.Cli.Tests.Driving;

namespace Holdfast.Cli.Tests;

public sealed class LogStories : IDisposable
{
    private readonly Place place = new();

    public void Dispose() => place.Dispose();

    [Fact]
    public async Task I_see_the_commits_of_a_database_newest_first()
    {
        await using var bank = await CapturedBank.StartAsync(place);
        for (var amount = 1; amount <= 4; amount++)
        {
            await bank.PayAsync(amount);
        }

        var run = (await place.RunAsync("log", "app", "--from", "vault")).Ends(0).Tells("lineage " + bank.Lineage);
        var lines = run.Output.TrimEnd().Split('\n');
        Assert.StartsWith("COMMIT  TIME (UTC)", lines[0]);
        Assert.Equal(
            bank.Commits.Select(c => c.Commit.Number).Reverse(),
            lines[1..].Select(l => long.Parse(l.Trim().Split(' ')[0], CultureInfo.InvariantCulture))
        );

        var json = (await place.RunAsync("log", "app", "--from", "vault", "--json")).Ends(0).TellsNothing();
        Assert.Equal(5, json.JsonOf("commit").Count);
        foreach (var (line, (commit, _)) in json.JsonOf("commit").Reverse().Zip(bank.Commits).Skip(1))
        {
            Assert.Equal(commit.Number, (long)line["commit"]!);
            Assert.Equal(commit.Time, (DateTimeOffset)line["time"]!);
            Assert.Equal(commit.PageCount, (int)line["pages"]!);
            Assert.Equal(commit.PageCount * 4096L, (long)line["bytes"]!);
            Assert.Equal(commit.DatabasePages * 4096L, (long)line["databaseBytes"]!);
            Assert.True((bool)line["restorable"]!);
        }
    }

    [Fact]
    public async Task I_see_only_the_commits_that_I_ask_for()
    {
        await using var bank = await CapturedBank.StartAsync(place);
        for (var amount = 1; amount <= 6; amount++)
        {
            await bank.PayAsync(amount);
        }

        var numbers = bank.Commits.Select(c => c.Commit.Number).ToList();
        var (first, last) = (bank.Commits[2].Commit, bank.Commits[4].Commit);
        await AssertAsync(numbers[2..5], "--commits", $"{first.Number}..{last.Number}");
        await AssertAsync(numbers[2..5], "--since", $"{first.Time:O}", "--until", $"{last.Time:O}");
        await AssertAsync(numbers[..3], "--commits", $"..{first.Number}");
        await AssertAsync(numbers[5..], "-n", "2");
        await AssertAsync(numbers[3..5], "--until", $"{last.Time:O}", "--limit", "2");
        await AssertAsync(numbers[4..5], "--commits", $"{last.Number}", "--lineage", bank.Lineage.ToString()[..14]);
        (await place.RunAsync("log", "app", "--from", "vault", "-n", "2"))
            .Ends(0)
            .Tells($"there are older ones: --commits ..{numbers[4]}");

        async Task AssertAsync(IEnumerable<long> expected, params string[] options)
        {
            var run = (await place.RunAsync(["log", "app", "--from", "vault", "--json", .. options])).Ends(0);
            Assert.Equal(expected.Reverse(), run.JsonOf("commit").Select(l => (long)l["commit"]!));
        }
    }

    [Fact]
    public async Task I_am_told_what_is_missing_and_why()
    {
        await using var bank = await CapturedBank.StartAsync(place);
        for (var amount = 1; amount <= 5; amount++)
        {
            await bank.PayAsync(amount);
        }

        var (missing, damaged) = (bank.Commits[2].Commit, bank.Commits[4].Commit);
        File.Delete(bank.JournalOf(missing));
        Damage(bank.JournalOf(damaged));

        var run = (await place.RunAsync("log", "app", "--from", "vault", "--json")).Ends(0);
        var gaps = run.JsonOf("gap").ToList();
        Assert.Equal(["damaged", "notStored"], gaps.Select(g => (string)g["reason"]!));
        Assert.Equal([damaged.Number, missing.Number], gaps.Select(g => (long)g["first"]!));
        Assert.Contains(Path.GetFileName(bank.JournalOf(damaged)), (string)gaps[0]["detail"]!);
        (await place.RunAsync("log", "app", "--from", "vault"))
            .Ends(0)
            .Says(
                $"commit {missing.Number} is missing: not stored",
                $"commit {damaged.Number} is missing: an object is damaged"
            );

        var list = (await place.RunAsync("list", "app", "--from", "vault", "--json")).Ends(0);
        Assert.Equal(bank.Commits[1].Commit.Number, (long)list.JsonOf("window").Single()["last"]!);
        var open = list.JsonOf("gap").Single();
        Assert.Equal((missing.Number, bank.Commits[5].Commit.Number), ((long)open["first"]!, (long)open["last"]!));
        Assert.Equal("damaged", (string)open["reason"]!);
    }

    [Fact]
    public async Task I_see_the_lineages_one_after_the_other()
    {
        string first;
        await using (var bank = await CapturedBank.StartAsync(place))
        {
            await bank.PayAsync(1);
            first = bank.Lineage.ToString();
        }

        // A machine that has lost its state begins anew.
        Directory.Delete(place[".vault-log"], recursive: true);
        await using var second = await CapturedBank.StartAsync(place);
        await second.PayAsync(2);

        var run = (await place.RunAsync("log", "app", "--from", "vault", "--json")).Ends(0);
        Assert.Equal(
            [second.Lineage.ToString(), first],
            run.JsonOf("commit").Select(l => (string)l["lineage"]!).Distinct()
        );
        var list = (await place.RunAsync("list", "app", "--from", "vault", "--json")).Ends(0);
        Assert.Equal(
            [first, second.Lineage.ToString()],
            list.JsonOf("history").Single()["lineages"]!.AsArray().Select(l => (string)l!)
        );
        Assert.Equal(2, list.JsonOf("window").Count);
        (await place.RunAsync("log", "app", "--from", "vault", "--lineage", "ff"))
            .Ends(15)
            .SaysNothing()
            .Tells("no lineage of app", first);
    }

    [Fact]
    public async Task I_am_told_when_there_is_no_timeline()
    {
        await History.MakeAsync(place, count: 1);
        (await place.RunAsync("log", "app", "--from", "backups"))
            .Ends(15)
            .SaysNothing()
            .Tells("no timeline of app", "holdfast list app");
        (await place.RunAsync("log", "app", "--from", "nowhere")).Ends(10).SaysNothing();
        (await place.RunAsync("log", "app", "--from", place.DeadTarget())).Ends(14).SaysNothing();
        (await place.RunAsync("log", "app", "--from", "backups", "--commits", "9..3"))
            .Ends(2)
            .Tells("--commits 100..200");
        (await place.RunAsync("log", "app", "--from", "backups", "-n", "-3")).Ends(2).Tells("--limit");
    }

    private static void Damage(string path)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[^80] ^= 4;
        File.WriteAllBytes(path, bytes);
    }
}
