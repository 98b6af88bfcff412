using System.Globalization;
using Holdfast.Cli.Tests.Driving;
using Holdfast.Engines.Sqlite.Interop;
using Holdfast.Testing;

namespace Holdfast.Cli.Tests;

/// <summary>Restoring into a database while programs use it.</summary>
public sealed class RestoreInPlaceStories : IDisposable
{
    private readonly Place place = new();

    public void Dispose() => place.Dispose();

    [Theory]
    [InlineData("PRAGMA journal_mode=WAL")]
    [InlineData("PRAGMA journal_mode=DELETE")]
    public async Task I_can_restore_a_copy_under_a_running_application_and_undo_it(string mode)
    {
        _ = Bank.Create(place["app.db"], accounts: 2_000, mode);
        Bank.Pay(place["app.db"], 77);
        (await place.RunAsync("backup", "app.db", "--quiet")).Ends(0);
        Bank.Run(place["app.db"], "DELETE FROM transfers; INSERT INTO transfers(id, amount) VALUES (1000, 1)");
        long kept;
        string undo;
        using (var application = await Application.StartAsync("write-transfers", place["app.db"], "5"))
        {
            var run = (await place.RunAsync("restore", "app.db", "--in-place", "--json")).Ends(0).JsonOf("restore")[0];
            undo = (string)run["undo"]!;
            kept = Bank.Integer((string)run["kept"]!, "SELECT count(*) FROM transfers");
            Bank.AssertWhole((string)run["kept"]!, 2_000);

            // It goes on writing into what was restored, and sees it: its payments follow the one that came back.
            var paid = Count();
            await WaitAsync(() => Count() > paid + 3);
            Assert.Equal(1, Integer("SELECT count(*) FROM transfers WHERE amount = 77"));
            Assert.Equal(0, Integer("SELECT count(*) FROM transfers WHERE id = 1000"));
            Assert.EndsWith("commits", await application.FinishAsync(), StringComparison.Ordinal);
        }

        Bank.AssertWhole(place["app.db"], 2_000);
        Assert.Equal(0, Integer("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"));
        (await place.BashAsync(undo)).Ends(0);
        Assert.Equal(kept, Count());
        Assert.Equal(1, Integer("SELECT count(*) FROM transfers WHERE id = 1000"));
        place.AssertNothingIsLeft();
    }

    [Fact]
    public async Task I_can_restore_a_commit_under_a_running_application_while_it_is_captured()
    {
        await using var bank = await CapturedBank.StartAsync(place);
        var good = await bank.PayAsync(77);
        Bank.Run(bank.Path, "DELETE FROM transfers");
        using (var application = await Application.StartAsync("write-transfers", bank.Path, "5"))
        {
            string[] command = ["restore", "app.db", "--from", "vault", "--in-place"];
            var run = await place.RunAsync([
                .. command,
                "--commit",
                good.Number.ToString(CultureInfo.InvariantCulture),
            ]);
            run.Ends(0).Tells("is kept as", "to undo: holdfast restore app");
            var paid = Count();
            await WaitAsync(() => Count() > paid + 3);
            Assert.Equal(77, Integer("SELECT amount FROM transfers ORDER BY id LIMIT 1"));
            _ = await application.FinishAsync();
        }

        // The restore is a commit like any other: what is there now can be restored as well.
        var count = Count();
        _ = await bank.SyncAsync(paid: 0);
        (await place.RunAsync("restore", "app", "--from", "vault", "--output", "r.db")).Ends(0);
        Assert.Equal(count, Bank.Integer(place["r.db"], "SELECT count(*) FROM transfers"));
        Bank.AssertWhole(place["r.db"]);
    }

    [Fact]
    public async Task The_agent_that_keeps_the_timeline_keeps_what_was_there()
    {
        _ = place.Bank();
        Bank.Pay(place["app.db"], 77);
        (await place.RunAsync("backup", "app.db", "--quiet")).Ends(0);
        using var agent = place.Start("run", "app.db", "--to", "vault");
        await WaitAsync(() => Directory.Exists(place["vault"]));
        (await place.RunAsync("sync", "app.db", "--to", "vault")).Ends(0);
        using (var application = await Application.StartAsync("write-transfers", place["app.db"], "5"))
        {
            var run = (await place.RunAsync("restore", "app.db", "--in-place", "--json")).Ends(0).JsonOf("restore")[0];
            Assert.Null(run["kept"]);
            Assert.False(Directory.Exists(place["app.db.before-restore"]));
            var paid = Count();
            await WaitAsync(() => Count() > paid + 3);
            var commits = await application.FinishAsync();
            var after = Count();

            // What it wrote before the restore comes back with the undo, to the last commit; and nothing of what it wrote after.
            (await place.BashAsync((string)run["undo"]!))
                .Ends(0)
                .Says("commit ");
            Assert.Equal(commits, $"{after - 1 + Count() - 1} commits");
        }

        agent.Signal(HoldfastProcess.Terminate);
        (await agent.EndAsync()).Ends(0);
    }

    [Fact]
    public async Task No_commit_is_lost_between_the_kept_copy_and_the_restore()
    {
        _ = place.Bank();
        (await place.RunAsync("backup", "app.db", "--quiet")).Ends(0);
        for (var round = 0; round < 3; round++)
        {
            using var application = await Application.StartAsync("write-transfers", place["app.db"]);
            await WaitAsync(() => Count() > 20);
            var run = (await place.RunAsync("restore", "app.db", "--in-place", "--json")).Ends(0).JsonOf("restore")[0];
            var kept = Bank.Integer((string)run["kept"]!, "SELECT count(*) FROM transfers");
            var commits = await application.FinishAsync();

            // What it wrote is in one or in the other: before the restore in the kept copy, after it in the database.
            Assert.Equal(commits, $"{kept + Count()} commits");
            Bank.Run(place["app.db"], "UPDATE accounts SET balance = 1000; DELETE FROM transfers");
        }
    }

    [Fact]
    public async Task I_am_refused_when_there_is_no_database_or_one_of_another_page_size()
    {
        _ = place.Bank();
        (await place.RunAsync("backup", "app.db", "--quiet")).Ends(0);
        (await place.RunAsync("restore", "app", "--in-place", "--output", "no.db", "--from", "backups")).Ends(13);
        Bank.Create(place["other.db"], 10, "PRAGMA page_size=8192; PRAGMA journal_mode=WAL");
        var run = await place.RunAsync("restore", "app", "--in-place", "--output", "other.db", "--from", "backups");
        run.Ends(16).Tells("8192", "4096", "--force");
        File.WriteAllText(place["text.db"], string.Concat(Enumerable.Repeat("this is no database. ", 100)));
        (await place.RunAsync("restore", "app", "--in-place", "--output", "text.db", "--from", "backups")).Ends(16);
        Assert.Equal(10, Bank.Integer(place["other.db"], "SELECT count(*) FROM accounts"));
        place.AssertNothingIsLeft();
        Assert.False(Directory.Exists(place["other.db.before-restore"]));
    }

    [Fact]
    public async Task A_database_in_a_rollback_mode_takes_another_page_size()
    {
        _ = place.Bank();
        (await place.RunAsync("backup", "app.db", "--quiet")).Ends(0);
        Bank.Create(place["other.db"], 10, "PRAGMA page_size=8192; PRAGMA journal_mode=DELETE");
        (await place.RunAsync("restore", "app", "--in-place", "--output", "other.db", "--from", "backups")).Ends(0);
        Bank.AssertWhole(place["other.db"]);
    }

    [Fact]
    public async Task A_long_reader_does_not_hinder_a_restore_in_WAL_mode()
    {
        _ = place.Bank();
        Bank.Pay(place["app.db"], 1);
        (await place.RunAsync("backup", "app.db", "--quiet")).Ends(0);
        Bank.Pay(place["app.db"], 2);
        using var reader = await Application.StartAsync("hold-read", place["app.db"]);
        (await place.RunAsync("restore", "app.db", "--in-place")).Ends(0);
        Assert.Equal(1, Bank.LastPaid(place["app.db"]));
    }

    [Fact]
    public async Task A_damaged_copy_does_not_reach_a_running_application()
    {
        _ = place.Bank();
        (await place.RunAsync("backup", "app.db", "--quiet")).Ends(0);
        Damage.FlipBit(place.Copy());
        Bank.Pay(place["app.db"], 9);
        (await place.RunAsync("restore", "app.db", "--in-place")).Ends(4).SaysNothing();
        Assert.Equal(9, Bank.LastPaid(place["app.db"]));
        Assert.False(Directory.Exists(place["app.db.before-restore"]));
    }

    private long Count() => Integer("SELECT count(*) FROM transfers");

    // Readers meet writers in the rollback modes.
    private long Integer(string sql)
    {
        for (var deadline = DateTime.UtcNow.AddMinutes(3); ; )
        {
            try
            {
                return Bank.Integer(place["app.db"], sql);
            }
            catch (SqliteException error) when (error.IsBusy && DateTime.UtcNow < deadline)
            {
                continue;
            }
        }
    }

    private static async Task WaitAsync(Func<bool> condition)
    {
        var deadline = DateTime.UtcNow.AddMinutes(3);
        while (!condition())
        {
            Assert.True(DateTime.UtcNow < deadline, "the application does not go on");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }
}
