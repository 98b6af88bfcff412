using Holdfast.Core.Errors;
using Holdfast.Core.Files;
using Holdfast.Testing;

namespace Holdfast.Core.Tests.Files;

public class RunLockTests
{
    private readonly ManualClock clock = new();

    [Fact]
    public void Acquire_Twice_TellsWhoHasItSinceWhen()
    {
        using var locks = new ScratchDirectory();
        using var held = Acquire(locks.Path, "backup a");
        clock.Advance(TimeSpan.FromHours(1));
        var error = Assert.Throws<HoldfastException>(() => Acquire(locks.Path, "backup a"));
        Assert.Equal(ErrorCode.Busy, error.Code);
        Assert.Equal(
            $"a backup of app.db is running already: process {Environment.ProcessId} since 2026-03-14 15:09:26Z",
            error.Message
        );
    }

    [Fact]
    public void Acquire_OfAnotherDatabase_IsNotBlocked()
    {
        using var locks = new ScratchDirectory();
        using var one = Acquire(locks.Path, "backup a");
        using var other = Acquire(locks.Path, "backup b");
        using var activity = Acquire(locks.Path, "restore a");
    }

    [Fact]
    public void Acquire_AfterItWasGivenBack_Succeeds()
    {
        using var locks = new ScratchDirectory();
        Acquire(locks.Path, "backup a").Dispose();
        Acquire(locks.Path, "backup a").Dispose();
        Assert.Single(Directory.GetFiles(locks.Path));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite,
            File.GetUnixFileMode(Directory.GetFiles(locks.Path)[0])
        );
    }

    [Fact]
    public async Task Acquire_AfterTheHolderWasKilled_Succeeds()
    {
        using var locks = new ScratchDirectory();
        Acquire(locks.Path, "backup a").Dispose();
        var file = Directory.GetFiles(locks.Path)[0];
        File.WriteAllText(file, "process 4711 since 2026-01-01 00:00:00Z");
        using (var holder = await ChildLock.TakeAsync(file))
        {
            var error = Assert.Throws<HoldfastException>(() => Acquire(locks.Path, "backup a"));
            Assert.Equal(ErrorCode.Busy, error.Code);
            Assert.Contains("process 4711 since 2026-01-01", error.Message, StringComparison.Ordinal);
            holder.Kill();
        }

        using var taken = Acquire(locks.Path, "backup a");
    }

    [Fact]
    public async Task Acquire_OfManyAtOnce_HasOneWinner()
    {
        using var locks = new ScratchDirectory();
        var taken = await Race.RunAsync(8, _ => TryAcquire(locks.Path));
        using var winner = Assert.Single(taken.OfType<RunLock>());
    }

    [Fact]
    public void Acquire_WhereNothingCanBeWritten_IsNotCalledBusy()
    {
        var error = Assert.Throws<HoldfastException>(() => Acquire("/proc/holdfast", "backup a"));
        Assert.Equal(ErrorCode.Failure, error.Code);
    }

    private RunLock Acquire(string directory, string what) =>
        RunLock.Acquire(directory, what, "a backup of app.db", clock);

    private RunLock? TryAcquire(string directory)
    {
        try
        {
            return Acquire(directory, "backup a");
        }
        catch (HoldfastException error) when (error.Code == ErrorCode.Busy)
        {
            return null;
        }
    }
}
