using Holdfast.Core.Engines;
using Holdfast.Core.Errors;
using Holdfast.Engines.Sqlite.Capture;
using Holdfast.Engines.Sqlite.Interop;
using Holdfast.Testing;

namespace Holdfast.Engines.Sqlite.Tests;

public sealed class CaptureBesideWritersTests : IDisposable
{
    private const int ManyAccounts = 40_000;
    private readonly ScratchDirectory scratch = new();

    [Theory]
    [InlineData("online", "WAL")]
    [InlineData("online", "DELETE")]
    [InlineData("online", "PERSIST")]
    [InlineData("vacuum-into", "WAL")]
    [InlineData("vacuum-into", "DELETE")]
    public async Task I_can_copy_beside_a_running_writer(string method, string mode)
    {
        var source = Sql.Bank(scratch["app.db"], $"PRAGMA journal_mode={mode}", ManyAccounts);

        // In a rollback mode, a writer without any pause can starve all readers for as long as it likes.
        var pause = mode == "WAL" ? "0" : "2";
        using var writer = await Application.StartAsync("write-transfers", source, pause);

        for (var round = 0; round < 3; round++)
        {
            var copy = scratch[FormattableString.Invariant($"copy-{round}.db")];
            _ = await Databases.CopyAsync(source, copy, Databases.By(method));
            Sql.AssertBalanced(copy, ManyAccounts);
            Assert.Equal(CheckOutcome.Good, (await Databases.CheckAsync(copy)).Outcome);
        }

        Assert.EndsWith("commits", await writer.FinishAsync(), StringComparison.Ordinal);
        Sql.AssertBalanced(source, ManyAccounts);
        Assert.Equal("ok", Sql.Text(source, "PRAGMA integrity_check"));
    }

    [Fact]
    public async Task CaptureAsync_CommitBetweenTwoSteps_GoesOnAndDoesNotSeeIt()
    {
        var source = Sql.Bank(scratch["app.db"], "PRAGMA journal_mode=WAL", ManyAccounts);
        var progress = new CommitOnReport(source);

        _ = await Databases.At(source).CaptureAsync(scratch["copy.db"], progress, default);

        Assert.True(progress.Done.Count > 3);
        Assert.Equal(progress.Done.Order(), progress.Done);
        Assert.Equal(0, Sql.Integer(scratch["copy.db"], "SELECT count(*) FROM transfers"));
        Assert.Equal(progress.Done.Count, Sql.Integer(source, "SELECT count(*) FROM transfers"));
    }

    // Shows that the test above can fail: without the read transaction, the backup API begins anew at each commit.
    [Fact]
    public async Task OnlineCopy_WithoutReadTransaction_StartsAnewAtACommit()
    {
        var source = Sql.Bank(scratch["app.db"], "PRAGMA journal_mode=WAL", ManyAccounts);
        var busy = new BusyRetry(source, TimeSpan.FromSeconds(1), TimeProvider.System);
        using var opened = await Source.OpenAsync(source, null, busy, default);
        await File.WriteAllBytesAsync(scratch["copy.db"], []);
        var progress = new CommitOnReport(source) { Most = 5 };

        await OnlineCopy.RunAsync(opened, 4096, scratch["copy.db"], progress, busy, default);

        Assert.Equal(5, Sql.Integer(scratch["copy.db"], "SELECT count(*) FROM transfers"));
        Assert.NotEqual(progress.Done.Distinct().Count(), progress.Done.Count);
    }

    [Theory]
    [InlineData("online")]
    [InlineData("vacuum-into")]
    public async Task CaptureAsync_LockedByAWriter_WaitsForIt(string method)
    {
        var source = Sql.Bank(scratch["app.db"]);
        using var writer = await Application.StartAsync("hold-write", source);

        var copying = Databases.CopyAsync(source, scratch["copy.db"], Databases.By(method));
        Assert.False(copying.IsCompleted);
        _ = await writer.FinishAsync();

        _ = await copying;
        Sql.AssertBalanced(scratch["copy.db"]);
    }

    [Fact]
    public async Task CaptureAsync_StaysLocked_GivesUpAndSaysWhy()
    {
        var source = Sql.Bank(scratch["app.db"]);
        using var writer = await Application.StartAsync("hold-write", source);
        var options = new SqliteOptions { BusyTimeout = TimeSpan.FromMilliseconds(50) };

        var error = await Assert.ThrowsAsync<HoldfastException>(() =>
            Databases.CopyAsync(source, scratch["copy.db"], options)
        );

        Assert.Equal(ErrorCode.Failure, error.Code);
        Assert.Contains("stayed locked", error.Message, StringComparison.Ordinal);
        Assert.Contains("WAL", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CaptureAsync_LockedByAWriterInWalMode_DoesNotWait()
    {
        var source = Sql.Bank(scratch["app.db"], "PRAGMA journal_mode=WAL");
        using var writer = await Application.StartAsync("hold-write", source);

        _ = await Databases.CopyAsync(source, scratch["copy.db"]);

        Sql.AssertBalanced(scratch["copy.db"]);
    }

    [Theory]
    [InlineData("DELETE")]
    [InlineData("WAL")]
    public async Task CaptureAsync_CancelledOnTheWay_Ends(string mode)
    {
        var source = Sql.Bank(scratch["app.db"], $"PRAGMA journal_mode={mode}", ManyAccounts);
        using var cancellation = new CancellationTokenSource();
        var progress = new CancelOnReport(cancellation);

        _ = await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Databases.At(source).CaptureAsync(scratch["copy.db"], progress, cancellation.Token)
        );

        Assert.Equal(1, progress.Reports);
        Sql.Run(source, "INSERT INTO transfers VALUES (1, 1)");
    }

    [Fact]
    public async Task CaptureAsync_CancelledInTheMiddleOfAVacuum_Ends()
    {
        var source = Sql.Bank(scratch["app.db"], "PRAGMA journal_mode=WAL", 4 * ManyAccounts);
        using var cancellation = new CancellationTokenSource();
        var progress = new CancelOnReport(cancellation);
        var database = new SqliteDatabase(source, Databases.By("vacuum-into"), new HastyClock());

        _ = await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            database.CaptureAsync(scratch["copy.db"], progress, cancellation.Token)
        );
    }

    [Fact]
    public async Task CaptureAsync_CancelledWhileWaiting_Ends()
    {
        var source = Sql.Bank(scratch["app.db"]);
        using var writer = await Application.StartAsync("hold-write", source);
        using var cancellation = new CancellationTokenSource();

        var copying = Databases.At(source).CaptureAsync(scratch["copy.db"], null, cancellation.Token);
        await cancellation.CancelAsync();

        _ = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => copying);
    }

    [Fact]
    public async Task InterruptOnCancel_EndlessStatement_Ends()
    {
        Sql.Run(scratch["app.db"], "CREATE TABLE t(a)");
        using var connection = Connection.Open(scratch["app.db"], Access.Existing);
        using var cancellation = new CancellationTokenSource();
        using var interrupt = new InterruptOnCancel(connection, cancellation.Token);
        var running = Task.Run(() =>
            connection.Execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n")
        );

        await cancellation.CancelAsync();

        var error = await Assert.ThrowsAsync<SqliteException>(() => running);
        Assert.Equal(ResultCode.Interrupted, error.Code);
    }

    public void Dispose() => scratch.Dispose();

    private sealed class CommitOnReport(string path) : IProgress<ByteProgress>
    {
        public List<long> Done { get; } = [];

        public int Most { get; init; } = int.MaxValue;

        public void Report(ByteProgress value)
        {
            Done.Add(value.Done);
            if (Done.Count <= Most)
            {
                Sql.Run(path, "INSERT INTO transfers(amount) VALUES (1)");
            }
        }
    }

    /// <summary>Reports the progress of a vacuum after a millisecond, when it has just begun.</summary>
    private sealed class HastyClock : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, TimeSpan.FromMilliseconds(1), period);
    }

    private sealed class CancelOnReport(CancellationTokenSource cancellation) : IProgress<ByteProgress>
    {
        public int Reports { get; private set; }

        public void Report(ByteProgress value)
        {
            Reports++;
            cancellation.Cancel();
        }
    }
}
