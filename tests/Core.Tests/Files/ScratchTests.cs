using Holdfast.Core.Errors;
using Holdfast.Core.Files;
using Holdfast.Testing;

namespace Holdfast.Core.Tests.Files;

public class ScratchTests
{
    private readonly ManualClock clock = new() { Now = DateTimeOffset.UtcNow };

    [Fact]
    public void Create_MakesPrivateDirectories_AndDisposeRemovesItsOwn()
    {
        using var root = new ScratchDirectory();
        using (var scratch = Scratch.Create(root["a/b"]))
        {
            foreach (var path in (string[])[root["a"], root["a/b"], scratch.Path])
            {
                Assert.Equal(DurableFiles.PrivateDirectory, File.GetUnixFileMode(path));
            }

            File.WriteAllText(scratch.NewPath(".db"), "copy");
            Assert.NotEqual(scratch.NewPath(".db"), scratch.NewPath(".db"));
            Assert.True(scratch.FreeBytes > 0);
        }

        Assert.Empty(Directory.GetFileSystemEntries(root["a/b"]));
    }

    [Fact]
    public void Create_WhereNothingCanBeWritten_SaysWhatToDo()
    {
        var error = Assert.Throws<HoldfastException>(() => Scratch.Create("/proc/holdfast"));
        Assert.Equal(ErrorCode.Failure, error.Code);
        Assert.Contains("--scratch", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void SweepOrphans_WhileARunLives_LeavesIt()
    {
        using var root = new ScratchDirectory();
        using var living = Scratch.Create(root.Path);
        File.WriteAllText(living.NewPath(".db"), "copy");
        clock.Advance(TimeSpan.FromDays(30));
        Assert.Equal(0, Scratch.SweepOrphans(root.Path, clock));
        Assert.Equal(2, Directory.GetFiles(living.Path).Length);
    }

    [Fact]
    public async Task SweepOrphans_AfterARunWasKilled_RemovesWhatItLeft()
    {
        using var root = new ScratchDirectory();
        var dead = Directory.CreateDirectory(root["run-dead"]).FullName;
        File.WriteAllText(Path.Combine(dead, "in-use"), "");
        File.WriteAllText(Path.Combine(dead, "1.db"), "copy");
        Directory.CreateDirectory(root["other"]);
        using (var run = await ChildLock.TakeAsync(Path.Combine(dead, "in-use")))
        {
            Assert.Equal(0, Scratch.SweepOrphans(root.Path, clock));
            run.Kill();
        }

        Assert.Equal(1, Scratch.SweepOrphans(root.Path, clock));
        Assert.Equal([root["other"]], Directory.GetFileSystemEntries(root.Path));
    }

    [Fact]
    public void SweepOrphans_OfADirectoryWithoutLock_GivesItAMinuteToBegin()
    {
        using var root = new ScratchDirectory();
        Directory.CreateDirectory(root["run-beginning"]);
        Assert.Equal(0, Scratch.SweepOrphans(root.Path, clock));
        clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(1, Scratch.SweepOrphans(root.Path, clock));
    }

    [Fact]
    public void SweepOrphans_WithoutARoot_DoesNothing()
    {
        using var root = new ScratchDirectory();
        Assert.Equal(0, Scratch.SweepOrphans(root["missing"], clock));
        Assert.False(Directory.Exists(root["missing"]));
    }

    [Fact]
    public async Task SweepOrphans_BesideRunsThatBegin_NeverTakesOneOfThem()
    {
        using var root = new ScratchDirectory();
        using var stop = new CancellationTokenSource();
        var sweeping = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                _ = Scratch.SweepOrphans(root.Path, clock);
            }
        });
        for (var i = 0; i < 500; i++)
        {
            using var scratch = Scratch.Create(root.Path);
            File.WriteAllText(scratch.NewPath(".db"), "copy");
            Assert.Equal(2, Directory.GetFiles(scratch.Path).Length);
        }

        await stop.CancelAsync();
        await sweeping;
        Assert.Empty(Directory.GetFileSystemEntries(root.Path));
    }
}
