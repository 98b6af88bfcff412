using Holdfast.Cli.Tests.Driving;

namespace Holdfast.Cli.Tests;

public sealed class TimelineListStories : IDisposable
{
    private readonly Place place = new();

    public void Dispose() => place.Dispose();

    [Fact]
    public async Task I_see_from_when_to_when_a_database_can_be_restored()
    {
        await using var bank = await CapturedBank.StartAsync(place);
        var named = await bank.PayAsync(1);
        await bank.PayAsync(2);
        await bank.NameAsync(named, "Before the fair, 9:00");

        var run = (await place.RunAsync("list", "app", "--from", "vault"))
            .Ends(0)
            .Says("recoverable", "Before the fair, 9:00", bank.Lineage.ToString())
            .Tells("app at", "a timeline, its newest commit is");
        Assert.DoesNotContain("no copies", run.Errors);

        var json = (await place.RunAsync("list", "app", "--from", "vault", "--json")).Ends(0).TellsNothing();
        var (first, last) = (bank.Commits[0].Commit, bank.Commits[^1].Commit);
        var window = json.JsonOf("window").Single();
        Assert.Equal((first.Number, last.Number), ((long)window["first"]!, (long)window["last"]!));
        Assert.Equal(last.Time, (DateTimeOffset)window["to"]!);
        var history = json.JsonOf("history").Single();
        Assert.Equal(last.Number, (long)history["commit"]!);
        Assert.True((double)history["ageSeconds"]! >= 0);
        var point = json.JsonOf("point").Single();
        Assert.Equal("Before the fair, 9:00", (string)point["reason"]!);
        Assert.Equal(named.Number, (long)point["commit"]!);
        Assert.True((bool)point["restorable"]!);
    }

    [Fact]
    public async Task I_see_copies_and_timeline_of_one_target_together()
    {
        await using var bank = await CapturedBank.StartAsync(place, "backups");
        (await place.RunAsync("backup", "app.db", "--to", "backups", "--quiet")).Ends(0);

        var json = (await place.RunAsync("list", "--from", "backups", "--json")).Ends(0);

        Assert.Single(json.JsonOf("snapshot"));
        Assert.Single(json.JsonOf("window"));
    }

    [Fact]
    public async Task I_learn_of_a_timeline_when_I_mistype_its_name()
    {
        await using var bank = await CapturedBank.StartAsync(place);
        (await place.RunAsync("list", "ap", "--from", "vault"))
            .Ends(0)
            .SaysNothing()
            .Tells("no copies of ap", "copies of: app");
        (await place.RunAsync("log", "ap", "--from", "vault")).Ends(15).Tells("there are timelines of: app");
    }

    [Fact]
    public async Task I_see_every_database_of_a_pattern_also_when_its_file_is_gone()
    {
        Directory.CreateDirectory(place["tenants"]);
        await File.WriteAllTextAsync(
            place["holdfast.yaml"],
            "targets: { vault: ./vault }\ndatabases: { tenants: { source: 'tenants/*.db', timeline: } }\n"
        );
        await using (var bank = await CapturedBank.StartAsync(place))
        {
            await bank.PayAsync(1);
        }

        // What one database has stored is what a tenant has stored, under another name.
        Directory.Move(place["vault/timeline/app"], place["vault/timeline/tenants-acme"]);
        place.Bank("tenants/busy.db");

        var json = (await place.RunAsync("list", "tenants", "--json")).Ends(0);
        Assert.Equal("tenants-acme", (string)json.JsonOf("window").Single()["database"]!);
        (await place.RunAsync("list", "tenants"))
            .Ends(0)
            .Says("recoverable")
            .Tells("tenants-acme at", "no copies of tenants-busy");
        (await place.RunAsync("list")).Ends(0).Says("recoverable");
        Assert.Equal(2, (await place.RunAsync("log", "tenants-acme", "--json")).Ends(0).JsonOf("commit").Count);
        (await place.RunAsync("log")).Ends(2).Tells("which database?", "tenants-busy", "tenants-acme");
    }
}
