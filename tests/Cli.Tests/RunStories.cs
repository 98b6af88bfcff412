using Holdfast.Cli.Tests.Driving;

namespace Holdfast.Cli.Tests;

public sealed class RunStories : IDisposable
{
    private readonly Place place = new();

    public void Dispose() => place.Dispose();

    [Theory]
    [InlineData(HoldfastProcess.Interrupt)]
    [InlineData(HoldfastProcess.Terminate)]
    public async Task I_can_keep_every_commit_and_end_when_I_like(int signal)
    {
        var app = place.Bank();
        using var agent = await RunAsync("app.db", "--to", "vault");
        for (var amount = 1; amount <= 20; amount++)
        {
            Bank.Pay(app, amount);
        }

        agent.Signal(signal);
        (await agent.EndAsync()).Ends(0).Tells("ended: everything of 1 database is stored");
        await RestoresAsync("app", lastPaid: 20);
        AssertNoSocketIsLeft();
    }

    [Fact]
    public async Task I_can_store_what_is_committed_now_and_name_it()
    {
        var app = place.Bank();
        using var agent = await RunAsync("app.db", "--to", "vault", "--interval", "1h");
        Bank.Pay(app, 1);
        (await place.RunAsync("sync", "app.db")).Ends(0).Says("app: commit ", "is stored at vault");
        await RestoresAsync("app", lastPaid: 1);

        Bank.Pay(app, 2);
        var point = (await place.RunAsync("backup", "app.db", "--reason", "before: migration 7", "--json")).Ends(0);
        Assert.True((bool)Assert.Single(point.JsonOf("pointNamed"))["agent"]!);
        Bank.Pay(app, 3);
        (await place.RunAsync("sync")).Ends(0);
        (
            await place.RunAsync(
                "restore",
                "app",
                "--from",
                "vault",
                "--id",
                "before-migration-7",
                "--output",
                "point.db"
            )
        ).Ends(0);
        Assert.Equal(2, Bank.LastPaid(place["point.db"]));

        (await place.RunAsync("guard", "-d", "app.db", "--", "true")).Ends(0).Tells("as the restore point 'true'");
        (await place.RunAsync("status", "app.db", "--from", "vault")).Ends(0).Says("timeline: capturing", "all stored");
        await EndsWellAsync(agent);
    }

    [Fact]
    public async Task I_can_store_what_is_committed_without_an_agent()
    {
        var app = place.Bank();
        Bank.Pay(app, 1);
        var first = (await place.RunAsync("sync", "app.db", "--to", "vault", "--json")).Ends(0).JsonOf("sync");
        Assert.False((bool)Assert.Single(first)["agent"]!);
        Bank.Pay(app, 2);
        (await place.RunAsync("sync", "app.db", "--to", "vault")).Ends(0);
        await RestoresAsync("app", lastPaid: 2);
        Assert.Single(Directory.GetDirectories(place["vault/timeline/app"]));
    }

    [Fact]
    public async Task I_am_told_what_is_late_when_the_target_does_not_answer_in_time()
    {
        place.Bank();
        using var agent = await RunAsync("app.db", "--to", place.DeadTarget());
        await agent.UntilTellsAsync("is away");
        (await place.RunAsync("sync", "app.db", "--timeout", "300ms")).Ends(14).Tells("is not stored after", "behind");
        (
            await place.RunAsync(
                "sync",
                "app.db",
                "--to",
                "s3://b?endpoint=http://127.0.0.1:1&retries=0",
                "--timeout",
                "2s"
            )
        )
            .Ends(14)
            .Tells("is not stored after");
        agent.Signal(HoldfastProcess.Interrupt);
        agent.Signal(HoldfastProcess.Terminate);
        Assert.NotEqual(0, (await agent.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task I_am_told_what_could_not_be_stored_at_the_end_and_the_next_start_stores_it()
    {
        var app = place.Bank();
        using (var agent = await RunAsync("app.db", "--to", "vault", "--end-within", "500ms"))
        {
            await agent.UntilTellsAsync("has a base");
            Directory.Move(place["vault"], place["away"]);
            File.WriteAllText(place["vault"], "not a directory");
            Bank.Pay(app, 1);
            await agent.UntilTellsAsync("vault is away");
            agent.Signal(HoldfastProcess.Interrupt);
            (await agent.EndAsync()).Ends(3).Tells("the rest waits on disk", "not everything of 1 of 1 database");
        }

        File.Delete(place["vault"]);
        Directory.Move(place["away"], place["vault"]);
        using var next = await RunAsync("app.db", "--to", "vault");
        await EndsWellAsync(next);
        await RestoresAsync("app", lastPaid: 1);
        Assert.Single(Directory.GetDirectories(place["vault/timeline/app"]));
    }

    [Fact]
    public async Task I_am_told_when_a_target_goes_away_and_comes_back()
    {
        var app = place.Bank();
        using var agent = await RunAsync("app.db", "--to", "vault");
        await agent.UntilTellsAsync("has a base");
        Directory.Move(place["vault"], place["away"]);
        File.WriteAllText(place["vault"], "not a directory");
        Bank.Pay(app, 1);
        await agent.UntilTellsAsync("vault is away");
        File.Delete(place["vault"]);
        Directory.Move(place["away"], place["vault"]);
        await agent.UntilTellsAsync("vault is back");
        await EndsWellAsync(agent);
        await RestoresAsync("app", lastPaid: 1);
    }

    [Fact]
    public async Task A_killed_agent_goes_on_without_a_gap()
    {
        var app = place.Bank();
        var paid = 0;
        for (var round = 0; round < 3; round++)
        {
            using var agent = await RunAsync("app.db", "--to", "vault");
            for (var i = 0; i < 20; i++)
            {
                Bank.Pay(app, ++paid);
            }

            agent.Signal(9);
            _ = await agent.EndAsync();
            Bank.Pay(app, ++paid);
        }

        using var last = await RunAsync("app.db", "--to", "vault");
        await EndsWellAsync(last);
        await RestoresAsync("app", lastPaid: paid);
        Assert.Single(Directory.GetDirectories(place["vault/timeline/app"]));
        AssertNoSocketIsLeft();
    }

    [Fact]
    public async Task A_second_agent_of_the_same_database_says_who_has_it()
    {
        place.Bank();
        using var agent = await RunAsync("app.db", "--to", "vault");
        (await place.RunAsync("run", "app.db", "--to", "vault")).Ends(11).Tells("is running already: process");
        await EndsWellAsync(agent);
    }

    [Fact]
    public async Task A_database_in_another_journal_mode_is_refused_or_switched_as_I_say()
    {
        Bank.Create(place["app.db"], 200, "PRAGMA journal_mode=DELETE");
        (await place.RunAsync("run", "app.db", "--to", "vault")).Ends(16).Tells("only be captured in WAL mode");
        using var agent = await RunAsync("app.db", "--to", "vault", "--switch-to-wal");
        await EndsWellAsync(agent);
    }

    [Fact]
    public async Task I_can_keep_all_files_that_match_also_those_that_come_and_go()
    {
        Directory.CreateDirectory(place["tenants"]);
        Bank.Create(place["tenants/acme.db"], 50);
        Bank.Create(place["tenants/zeta.db"], 50);
        using var agent = place.Start("run", "tenants/*.db", "--to", "vault");
        await agent.UntilTellsAsync("has a base", times: 2);
        Bank.Pay(Bank.Create(place["tenants/late.db"], 50), 7);
        await agent.UntilTellsAsync("late: vault has a base");
        Bank.Pay(place["tenants/acme.db"], 5);
        (await place.RunAsync("sync", "tenants/acme.db")).Ends(0);
        Array.ForEach(Directory.GetFiles(place["tenants"], "acme*"), File.Delete);
        await agent.UntilTellsAsync("acme.db was deleted");
        await RestoresAsync("acme", lastPaid: 5);
        (await place.RunAsync("restore", "acme", "--from", "vault", "--output", "tenants/acme.db")).Ends(0);
        Bank.Run(place["tenants/acme.db"], "PRAGMA journal_mode=WAL");
        await agent.UntilTellsAsync("tenants/acme.db -> ", times: 2);
        Bank.Pay(place["tenants/acme.db"], 6);
        await EndsWellAsync(agent, databases: 3);
        await RestoresAsync("acme", lastPaid: 6);
        await RestoresAsync("late", lastPaid: 7);
    }

    [Fact]
    public async Task Two_files_of_one_name_are_refused()
    {
        Directory.CreateDirectory(place["a"]);
        Directory.CreateDirectory(place["b"]);
        Bank.Create(place["a/x.db"], 10);
        Bank.Create(place["b/x.db"], 10);
        (await place.RunAsync("run", "a/*.db", "b/*.db", "--to", "vault")).Ends(2).Tells("are called 'x'");
    }

    [Fact]
    public async Task A_database_that_is_replaced_is_followed_in_a_new_lineage()
    {
        place.Bank();
        using var agent = await RunAsync("app.db", "--to", "vault");
        await agent.UntilTellsAsync("has a base");
        Bank.Create(place["other.db"], 200, "PRAGMA page_size=1024; PRAGMA journal_mode=DELETE");
        Bank.Pay(place["other.db"], 99);
        Bank.Run(place["other.db"], "PRAGMA journal_mode=WAL");
        foreach (var end in (string[])["-wal", "-shm"])
        {
            File.Delete(place["app.db"] + end);
        }

        File.Move(place["other.db"], place["app.db"], overwrite: true);
        await agent.UntilTellsAsync("a new lineage began");
        await agent.UntilTellsAsync("has a base", times: 2);
        await EndsWellAsync(agent);
        await RestoresAsync("app", lastPaid: 99);
    }

    [Fact]
    public async Task Of_two_agents_with_one_state_only_one_goes_on()
    {
        var app = place.Bank();
        place.Variables["HOLDFAST_STATE"] = place["state"];
        using (var agent = await RunAsync("app.db", "--to", "vault"))
        {
            await EndsWellAsync(agent);
        }

        (await place.BashAsync("cp -a state twin")).Ends(0);
        using var one = place.Start("run", "app.db", "--to", "vault");
        await one.UntilTellsAsync("app.db -> ");
        place.Variables["HOLDFAST_STATE"] = place["twin"];
        using var two = place.Start("run", "app.db", "--to", "vault");
        await two.UntilTellsAsync("app.db -> ");
        for (var amount = 1; !one.HasEnded && !two.HasEnded; amount++)
        {
            Bank.Pay(app, amount);
            await Task.Delay(200, TestContext.Current.CancellationToken);
        }

        var (loser, winner) = one.HasEnded ? (one, two) : (two, one);
        (await loser.EndAsync()).Ends(16).Tells("holds another history");
        Bank.Pay(app, 1000);
        await EndsWellAsync(winner);
        await RestoresAsync("app", lastPaid: 1000);
    }

    [Fact]
    public async Task A_machine_that_was_restored_begins_a_new_lineage_by_itself()
    {
        var app = place.Bank();
        place.Variables["HOLDFAST_STATE"] = place["state"];
        (await place.RunAsync("sync", "app.db", "--to", "vault")).Ends(0);
        (await place.BashAsync("cp -a state old; cp app.db app.old")).Ends(0);
        for (var amount = 1; amount <= 5; amount++)
        {
            Bank.Pay(app, amount);
        }

        (await place.RunAsync("sync", "app.db", "--to", "vault")).Ends(0);
        (await place.BashAsync("rm -r state app.db*; mv old state; mv app.old app.db")).Ends(0);
        using var agent = await RunAsync("app.db", "--to", "vault");
        await agent.UntilTellsAsync("a new lineage beg");
        Bank.Pay(app, 77);
        await agent.UntilTellsAsync("has a base");
        await EndsWellAsync(agent);
        await RestoresAsync("app", lastPaid: 77);
    }

    [Fact]
    public async Task I_can_configure_whose_timelines_are_kept()
    {
        var app = place.Bank();
        Directory.CreateDirectory(place["tenants"]);
        Bank.Create(place["tenants/acme.db"], 50);
        await File.WriteAllTextAsync(
            place["holdfast.yaml"],
            """
            targets:
              vault: { url: ./vault, encryption: none }
            databases:
              app:
                source: ./app.db
                timeline:
                  interval: 100ms
              tenants:
                source: ./tenants/*.db
                timeline:
            """
        );
        using var agent = place.Start("run");
        await agent.UntilTellsAsync("has a base", times: 2);
        Bank.Pay(app, 3);
        (await place.RunAsync("backup", "--reason", "noon"))
            .Ends(0)
            .Says("app: commit", "tenants-acme: commit", "'noon'");
        await EndsWellAsync(agent, databases: 2);
        (await place.RunAsync("backup", "app")).Ends(0).Says("as the restore point 'backup'");
        (await place.RunAsync("restore", "app", "--id", "noon", "--output", "noon.db")).Ends(0);
        Assert.Equal(3, Bank.LastPaid(place["noon.db"]));
    }

    private async Task<HoldfastProcess> RunAsync(params string[] arguments)
    {
        var agent = place.Start(["run", .. arguments]);
        await agent.UntilTellsAsync("app.db -> ");
        return agent;
    }

    private static async Task EndsWellAsync(HoldfastProcess agent, int databases = 1)
    {
        agent.Signal(HoldfastProcess.Terminate);
        (await agent.EndAsync()).Ends(0).Tells($"ended: everything of {databases} database");
    }

    private async Task RestoresAsync(string name, int lastPaid)
    {
        var output = $"restored-{Guid.NewGuid():N}.db";
        (await place.RunAsync("restore", name, "--from", "vault", "--output", output)).Ends(0);
        Assert.Equal(lastPaid, Bank.LastPaid(place[output]));
    }

    private void AssertNoSocketIsLeft() =>
        Assert.Empty(Directory.GetFiles(Path.Combine(place.Variables["HOME"], ".local/state/holdfast/agents")));
}
