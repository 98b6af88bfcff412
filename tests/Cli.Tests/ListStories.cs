using Holdfast.Cli.Tests.Driving;

namespace Holdfast.Cli.Tests;

public sealed class ListStories : IDisposable
{
    private readonly Place place = new();

    public void Dispose() => place.Dispose();

    [Fact]
    public async Task I_see_the_copies_of_a_database_newest_first()
    {
        var copies = await History.MakeAsync(place);
        var run = (await place.RunAsync("list", "app.db")).Ends(0).Tells("app at", "3 copies");
        var lines = run.Output.Split('\n');
        Assert.StartsWith("ID  ", lines[0]);
        Assert.Equal(copies.Select(c => c.Name).Reverse(), lines[1..4].Select(l => l.Split(' ')[^1]));
        Assert.All(lines[1..4], line => Assert.Contains("checked", line));
    }

    [Fact]
    public async Task I_see_every_database_at_a_target()
    {
        place.Bank("one.db");
        place.Bank("two.db");
        (await place.RunAsync("backup", "one.db", "two.db", "--to", "all", "--quiet")).Ends(0);
        (await place.RunAsync("list", "--from", "all")).Ends(0).Says("one-", "two-").Tells("all databases at");
        var one = (await place.RunAsync("list", "one", "--from", "all")).Ends(0).Says("one-");
        Assert.DoesNotContain("two-", one.Output);
    }

    [Fact]
    public async Task I_can_read_the_list_as_JSON_lines()
    {
        var copies = await History.MakeAsync(place);
        var run = (await place.RunAsync("list", "app", "--from", "backups", "--json")).Ends(0).TellsNothing();
        Assert.Equal(3, run.Json.Count);
        var line = run.Json[0];
        Assert.Equal("snapshot", (string)line["type"]!);
        Assert.Equal("app", (string)line["database"]!);
        Assert.Equal("backups", (string)line["target"]!);
        Assert.Equal(copies[2].Name, (string)line["name"]!);
        Assert.Equal("good", (string)line["state"]!);
        Assert.Equal(new FileInfo(place[$"backups/{copies[2].Name}"]).Length, (long)line["size"]!);
    }

    [Fact]
    public async Task I_learn_which_databases_there_are_when_I_mistype_one()
    {
        await History.MakeAsync(place, count: 1);
        (await place.RunAsync("list", "ap", "--from", "backups"))
            .Ends(0)
            .SaysNothing()
            .Tells("no copies of ap", "copies of: app");
    }

    [Fact]
    public async Task I_am_told_when_the_target_is_not_there_or_cannot_be_asked()
    {
        (await place.RunAsync("list", "app", "--from", "nowhere")).Ends(10).SaysNothing().Tells("nowhere");
        (await place.RunAsync("list", "app", "--from", place.DeadTarget())).Ends(14).SaysNothing();
        (await place.RunAsync("list"))
            .Ends(2)
            .SaysNothing()
            .Tells("no database was named", "holdfast list app --from ./backups");
        Assert.Empty(Directory.EnumerateFileSystemEntries(place.Work));
    }

    [Fact]
    public async Task I_see_one_target_although_the_other_is_down()
    {
        await History.MakeAsync(place, count: 1);
        string[] command = ["list", "app", "--from", place.DeadTarget(), "--from", "backups"];
        (await place.RunAsync(command)).Ends(3).Says("app-20260101").Tells("127.0.0.1:1");
        var json = (await place.RunAsync([.. command, "--json"])).Ends(3).TellsNothing();
        Assert.Equal("error", (string)json.Json[^1]["type"]!);
    }

    [Fact]
    public async Task I_see_whose_copies_are_listed_though_files_of_others_lie_beside_them()
    {
        await History.MakeAsync(place, count: 1);
        await File.WriteAllTextAsync(place["backups/readme.txt"], "mine");
        await File.WriteAllTextAsync(place["backups/settings.json"], "{}");
        Assert.Single((await place.RunAsync("list", "--from", "backups", "--json")).Ends(0).Json);
    }
}
