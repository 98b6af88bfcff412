using Holdfast.Cli.Tests.Driving;

namespace Holdfast.Cli.Tests;

public sealed class ConfigurationStories : IDisposable
{
    private readonly Place place = new();

    public void Dispose() => place.Dispose();

    [Fact]
    public async Task I_can_begin_with_init_and_work_with_names_only()
    {
        place.Bank("shop.db");
        await File.WriteAllTextAsync(place["notes.db"], "this is no database at all, whatever its name says");
        (await place.RunAsync("init")).Ends(0).Says("wrote holdfast.yaml for ./shop.db").Tells("holdfast doctor");
        (await place.RunAsync("config", "validate")).Ends(0).Says("holdfast.yaml is valid: 1 database, 1 target");
        (await place.RunAsync("doctor")).Ends(0).Says("PASS");
        var backup = (await place.RunAsync("backup")).Ends(0).Tells("get it back:  holdfast restore shop --output");
        backup.Says(place["backups"]);
        (await place.RunAsync("list")).Ends(0).Says("shop-");
        (await place.RunAsync("verify")).Ends(0).Says("good");
        (await place.RunAsync("status")).Ends(0).Says("OK", "shop");
        (await place.RunAsync("restore", "shop", "--output", "again.db")).Ends(0);
        Bank.AssertWhole(place["again.db"]);
        File.Delete(place["shop.db"]);
        (await place.RunAsync("restore", "shop")).Ends(0);
        Bank.AssertWhole(place["shop.db"]);
    }

    [Fact]
    public async Task I_do_not_lose_a_configuration_by_init()
    {
        await ConfigureAsync("databases: {}\n");
        (await place.RunAsync("init", "app.db")).Ends(16).SaysNothing().Tells("exists", "--force");
        Assert.Equal("databases: {}\n", await File.ReadAllTextAsync(place["holdfast.yaml"]));
        (await place.RunAsync("init", "app.db", "--force", "--to", "./elsewhere", "--kit", "kit.txt")).Ends(0);
        Assert.Contains("./elsewhere", await File.ReadAllTextAsync(place["holdfast.yaml"]));
        Directory.CreateDirectory(place["empty"]);
        (await place.RunAsync("init", "--config", "empty/holdfast.yaml", "app.db")).Ends(0);
        Assert.True(File.Exists(place["empty/holdfast.yaml"]));
    }

    [Fact]
    public async Task I_am_told_that_there_is_nothing_to_configure()
    {
        (await place.RunAsync("init")).Ends(13).Tells("no SQLite database in this directory");
        Assert.Empty(Directory.EnumerateFileSystemEntries(place.Work));
    }

    [Fact]
    public async Task I_see_every_mistake_at_once_with_its_line()
    {
        await ConfigureAsync("databases:\n  app:\n    sorce: app.db\n    snapshots: { compress: gzipp }\n");
        var run = (await place.RunAsync("config", "validate")).Ends(2).SaysNothing();
        run.Tells("holdfast.yaml:3", "source", "holdfast.yaml:4", "gzip");
        (await place.RunAsync("backup")).Ends(2).SaysNothing().Tells("holdfast.yaml:3");
        var json = (await place.RunAsync("config", "validate", "--json")).Ends(2).TellsNothing();
        Assert.Equal(2, (int)json.Json[^1]["code"]!);
        (await place.RunAsync("backup", "--config", "nowhere.yaml")).Ends(2).Tells("nowhere.yaml");
    }

    [Fact]
    public async Task I_see_what_holds_and_no_secret()
    {
        place.Variables["STORE_SECRET"] = "very-secret-key";
        await ConfigureAsync(
            """
            targets:
              offsite: { url: "s3://bucket/x?retries=0", endpoint: "http://127.0.0.1:1", accessKey: AKIA, secretKey: "${env:STORE_SECRET}" }
              inline: { url: "s3://bucket/y?retries=0", endpoint: "http://127.0.0.1:1", accessKey: AKIA, secretKey: "inline-secret-key" }
            databases:
              app: { source: app.db, snapshots: { to: [offsite, inline] } }

            """
        );
        place.Bank();
        (await place.RunAsync("config", "show")).Ends(0).Says("s3://bucket/x", "offsite");
        string[][] commands =
        [
            ["config", "show"],
            ["config", "show", "--json"],
            ["config", "validate", "--json"],
            ["doctor"],
            ["list", "-v"],
            ["backup", "-v"],
            ["restore", "app", "--output", "r.db", "-v"],
        ];
        foreach (var command in commands)
        {
            var said = (await place.RunAsync(command)).ToString();
            Assert.DoesNotContain("secret-key", said);
        }
    }

    [Fact]
    public async Task I_can_get_a_schema_for_my_editor()
    {
        var run = (await place.RunAsync("config", "schema")).Ends(0).TellsNothing();
        var schema = System.Text.Json.Nodes.JsonNode.Parse(run.Output)!;
        Assert.NotNull(schema["properties"]!["databases"]);
    }

    [Fact]
    public async Task I_am_told_when_an_objective_is_broken()
    {
        await History.MakeAsync(place, count: 1);
        await ConfigureAsync(
            """
            targets: { local: ./backups }
            databases:
              app: { source: app.db, objectives: { rpo: 15m }, snapshots: { to: local } }

            """
        );
        var run = (await place.RunAsync("status")).Ends(17).Says("BROKEN", "objective broken: rpo 15 min");
        run.Tells("holdfast backup app");
        var json = (await place.RunAsync("status", "--json")).Ends(17).TellsNothing();
        Assert.Equal("broken", (string)Assert.Single(json.JsonOf("status"))["state"]!);
        Assert.Equal(17, (int)json.Json[^1]["code"]!);
        (await place.RunAsync("backup")).Ends(0);
        (await place.RunAsync("status")).Ends(0).Says("UNPROVEN");
    }

    [Fact]
    public async Task I_can_configure_by_variables_alone()
    {
        place.Bank();
        place.Variables["HOLDFAST__targets__local"] = "./elsewhere";
        place.Variables["HOLDFAST__databases__app__source"] = "app.db";
        place.Variables["HOLDFAST__databases__app__snapshots__to"] = "local";
        (await place.RunAsync("backup")).Ends(0);
        Assert.Equal(2, place.Names("elsewhere").Count);
    }

    [Fact]
    public async Task I_learn_from_the_doctor_what_is_wrong_and_what_to_do()
    {
        place.Bank();
        (await place.RunAsync("doctor", "app.db", "--to", "backups")).Ends(0).Says("PASS", "scratch space");
        Assert.Empty(place.Names());
        var run = (await place.RunAsync("doctor", "nowhere.db", "--to", place.DeadTarget())).Ends(1);
        run.Says("FAIL", "nowhere.db", "127.0.0.1:1").Tells("would hinder");
        var json = (await place.RunAsync("doctor", "nowhere.db", "--to", "backups", "--json")).Ends(1).TellsNothing();
        Assert.Contains(json.JsonOf("finding"), f => (string)f["severity"]! == "fail");
    }

    [Fact]
    public async Task I_am_warned_when_copies_would_be_committed_to_git()
    {
        place.Bank();
        if ((await place.BashAsync("git init -q .")).ExitCode != 0)
        {
            Assert.Skip("git is not installed");
        }

        (await place.RunAsync("doctor", "app.db")).Ends(0).Says("WARN", "copies would be committed", ".gitignore");
        await File.WriteAllTextAsync(place[".gitignore"], "backups/\n");
        (await place.RunAsync("doctor", "app.db")).Ends(0).Says("is ignored by git");
    }

    private Task ConfigureAsync(string yaml) => File.WriteAllTextAsync(place["holdfast.yaml"], yaml);
}
