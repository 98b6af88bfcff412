using Holdfast.Cli.Tests.Driving;

namespace Holdfast.Cli.Tests;

public sealed class GuardStories : IDisposable
{
    private readonly Place place = new();

    public void Dispose() => place.Dispose();

    [Fact]
    public async Task I_have_a_copy_of_the_moment_before_the_command()
    {
        var app = place.Bank();
        var run = await place.RunAsync("guard", "-d", "app.db", "--reason", "cleaning up", "--", "rm", "-v", "app.db");
        Assert.Equal("removed 'app.db'\n", run.Ends(0).Output);
        run.Tells($"{app} -> {place["backups"]}/app-");
        Assert.False(File.Exists(app));
        (await place.RunAsync("restore", "app.db")).Ends(0);
        Bank.AssertWhole(app);
        Assert.Equal("cleaning up", (string)(await place.RunAsync("list", "app.db", "--json")).Json[0]["reason"]!);
    }

    [Fact]
    public async Task I_get_the_exit_code_of_the_command()
    {
        place.Bank();
        (await place.RunAsync("guard", "-d", "app.db", "--", "sh", "-c", "exit 42")).Ends(42);
        (await place.RunAsync("guard", "-d", "app.db", "--", "sh", "-c", "kill -9 $$")).Ends(137);
        Assert.Equal("sh", (string)(await place.RunAsync("list", "app.db", "--json")).Json[0]["reason"]!);
    }

    [Fact]
    public async Task I_can_guard_commands_whose_arguments_look_like_ours()
    {
        place.Bank();
        string[] guard = ["guard", "-d", "app.db", "--quiet", "--"];
        var run = await place.RunAsync([.. guard, "echo", "@scope/package", "--help", "--json", "--", "-v"]);
        Assert.Equal("@scope/package --help --json -- -v\n", run.Ends(0).TellsNothing().Output);
    }

    [Fact]
    public async Task I_can_work_before_there_is_a_database()
    {
        var run = (await place.RunAsync("guard", "-d", "app.db", "--", "echo", "made")).Ends(0).Says("made");
        run.Tells("nothing to back up");
        Assert.Empty(Directory.EnumerateFileSystemEntries(place.Work));
    }

    [Fact]
    public async Task I_am_kept_from_going_on_without_a_copy()
    {
        place.Bank();
        string[] guard = ["guard", "-d", "app.db", "--to", place.DeadTarget()];
        var run = (await place.RunAsync([.. guard, "--", "touch", "ran"])).Ends(14).SaysNothing();
        run.Tells("touch was not run", "--on-failure continue");
        Assert.False(File.Exists(place["ran"]));
        run = (await place.RunAsync([.. guard, "--on-failure", "continue", "--", "touch", "ran"])).Ends(0);
        run.Tells("touch runs WITHOUT a copy");
        Assert.True(File.Exists(place["ran"]));
        await File.WriteAllTextAsync(place["notes.db"], "no database, and never was one");
        (await place.RunAsync("guard", "-d", "notes.db", "--", "touch", "ran")).Ends(13);
    }

    [Fact]
    public async Task I_am_told_that_the_command_cannot_be_run()
    {
        place.Bank();
        var run = (await place.RunAsync("guard", "-d", "app.db", "--", "no-such-program")).Ends(1);
        run.Tells("no-such-program cannot be run", "the copy before it was made");
        (await place.RunAsync("guard", "-d", "app.db")).Ends(2).Tells("command");
    }

    [Theory]
    [InlineData(HoldfastProcess.Interrupt)]
    [InlineData(HoldfastProcess.Terminate)]
    public async Task I_can_stop_the_command_and_it_decides_how_it_ends(int signal)
    {
        const string Script = "trap 'exit 7' INT TERM; touch ready; while :; do sleep 0.05; done";
        using var guard = place.Start("guard", "-d", "app.db", "--", "sh", "-c", Script);
        while (!File.Exists(place["ready"]))
        {
            await Task.Delay(10);
        }

        guard.Signal(signal);
        (await guard.EndAsync()).Ends(7);
    }
}
