using Holdfast.Cli.Tests.Driving;

namespace Holdfast.Cli.Tests;

public sealed class SignalStories : IDisposable
{
    private readonly Place place = new();

    public void Dispose() => place.Dispose();

    [Theory]
    [InlineData(HoldfastProcess.Interrupt, 130)]
    [InlineData(HoldfastProcess.Terminate, 143)]
    public async Task I_can_end_a_backup_that_waits_for_its_store(int signal, int code)
    {
        place.Bank();
        using var store = new SilentStore(place);
        using var backup = place.Start("backup", "app.db", "--to", store.Target);
        await store.IsAskedAsync();
        backup.Signal(signal);
        (await backup.EndAsync()).Ends(code).SaysNothing().Tells("interrupted");
        place.AssertNothingIsLeft();
        (await place.RunAsync("backup", "app.db")).Ends(0);
    }

    [Fact]
    public async Task I_get_the_interruption_as_the_last_JSON_line()
    {
        place.Bank();
        using var store = new SilentStore(place);
        using var list = place.Start("list", "app", "--from", store.Target, "--json");
        await store.IsAskedAsync();
        list.Signal(HoldfastProcess.Interrupt);
        var run = (await list.EndAsync()).Ends(130).TellsNothing();
        Assert.Equal(130, (int)Assert.Single(run.JsonOf("error"))["code"]!);
    }

    [Theory]
    [InlineData(HoldfastProcess.Interrupt, 130)]
    [InlineData(HoldfastProcess.Terminate, 143)]
    public async Task I_can_end_a_backup_at_any_moment(int signal, int code)
    {
        place.Bank(accounts: 30_000);
        await AtRandomMomentsAsync(signal, code, ["backup", "app.db"]);
        (await place.RunAsync("backup", "app.db")).Ends(0);
        (await place.RunAsync("verify", "app.db", "--all")).Ends(0);
    }

    [Theory]
    [InlineData(HoldfastProcess.Interrupt, 130)]
    [InlineData(HoldfastProcess.Terminate, 143)]
    public async Task I_can_end_a_restore_at_any_moment(int signal, int code)
    {
        var app = place.Bank(accounts: 30_000);
        (await place.RunAsync("backup", "app.db")).Ends(0);
        await AtRandomMomentsAsync(signal, code, ["restore", "app.db", "--force"]);
        Bank.AssertWhole(app, accounts: 30_000);
        (await place.RunAsync("restore", "app.db", "--force")).Ends(0);
        Bank.AssertWhole(app, accounts: 30_000);
    }

    private async Task AtRandomMomentsAsync(int signal, int code, string[] arguments)
    {
        const int Times = 5;
        var clock = System.Diagnostics.Stopwatch.StartNew();
        (await place.RunAsync(arguments)).Ends(0);
        var whole = clock.Elapsed;
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        for (var time = 0; time < Times; time++)
        {
            using var process = place.Start(arguments);
            await Task.Delay(whole * random.NextDouble());
            process.Signal(signal);
            var run = await process.EndAsync();
            Assert.True(run.ExitCode == code || run.ExitCode == 0, $"seed {seed}, time {time}\n{run}");
            place.AssertNothingIsLeft();
        }
    }
}
