using Holdfast.Core.Files;
using Holdfast.Testing;

namespace Holdfast.Core.Tests.Files;

public class PendingFileTests
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Fact]
    public void Commit_OfANewFile_MakesItAppearWholeAndPrivate()
    {
        using var scratch = new ScratchDirectory();
        using (var pending = PendingFile.Create(scratch["copy"]))
        {
            pending.Stream.Write("whole"u8);
            Assert.False(File.Exists(scratch["copy"]));
            Assert.Equal(Private, File.GetUnixFileMode(pending.Path));
            Assert.True(pending.Commit(replace: false));
        }

        Assert.Equal("whole", File.ReadAllText(scratch["copy"]));
        Assert.Equal(Private, File.GetUnixFileMode(scratch["copy"]));
        Assert.Single(Directory.GetFileSystemEntries(scratch.Path));
    }

    [Fact]
    public void Commit_OverAnExistingFile_ReplacesOnlyWhenAsked()
    {
        using var scratch = new ScratchDirectory();
        File.WriteAllText(scratch["copy"], "old");
        using (var refused = PendingFile.Create(scratch["copy"]))
        {
            refused.Stream.Write("new"u8);
            Assert.False(refused.Commit(replace: false));
        }

        Assert.Equal("old", File.ReadAllText(scratch["copy"]));
        using (var replacing = PendingFile.Create(scratch["copy"]))
        {
            replacing.Stream.Write("new"u8);
            Assert.True(replacing.Commit(replace: true));
        }

        Assert.Equal("new", File.ReadAllText(scratch["copy"]));
        Assert.Single(Directory.GetFileSystemEntries(scratch.Path));
    }

    [Fact]
    public async Task Commit_OfManyThreadsAtOnce_HasOneWinner()
    {
        using var scratch = new ScratchDirectory();
        for (var round = 0; round < 20; round++)
        {
            var path = scratch[$"copy-{round}"];
            var won = await Race.RunAsync(8, number => WriteAndCommit(path, number));
            Assert.Single(won, isWinner => isWinner);
            Assert.Equal($"{won.ToList().IndexOf(true)}", File.ReadAllText(path));
        }

        Assert.Equal(20, Directory.GetFileSystemEntries(scratch.Path).Length);
    }

    [Fact]
    public void Dispose_WithoutCommit_LeavesNothing()
    {
        using var scratch = new ScratchDirectory();
        PendingFile.Create(scratch["copy"]).Dispose();
        Assert.Empty(Directory.GetFileSystemEntries(scratch.Path));
    }

    [Fact]
    public void Dispose_WhenTheDirectoryIsGone_DoesNotHideTheCause()
    {
        using var scratch = new ScratchDirectory();
        Directory.CreateDirectory(scratch["target"]);
        using (PendingFile.Create(scratch["target/copy"]))
        {
            Directory.Delete(scratch["target"], recursive: true);
        }
    }

    [Fact]
    public void SweepOrphans_WhileAWriterLives_LeavesItsFile()
    {
        using var scratch = new ScratchDirectory();
        using (var living = PendingFile.Create(scratch["copy"]))
        {
            Assert.Equal(0, PendingFile.SweepOrphans(scratch.Path));
            living.Stream.Write("whole"u8);
            Assert.True(living.Commit(replace: false));
        }

        Assert.Equal("whole", File.ReadAllText(scratch["copy"]));
    }

    [Fact]
    public async Task SweepOrphans_AfterTheWriterWasKilled_RemovesItsFileAndNoOther()
    {
        using var scratch = new ScratchDirectory();
        var orphan = scratch[$".{Guid.NewGuid():N}{PendingFile.Suffix}"];
        File.WriteAllText(orphan, "half");
        File.WriteAllText(scratch["copy"], "whole");
        File.WriteAllText(scratch["notes" + PendingFile.Suffix], "not ours");
        using (var writer = await ChildLock.TakeAsync(orphan))
        {
            Assert.Equal(0, PendingFile.SweepOrphans(scratch.Path));
            writer.Kill();
        }

        Assert.Equal(1, PendingFile.SweepOrphans(scratch.Path));
        Assert.Equal(
            ["copy", "notes" + PendingFile.Suffix],
            Directory.GetFiles(scratch.Path).Select(Path.GetFileName).Order()
        );
    }

    [Fact]
    public async Task SweepOrphans_BesideManyWriters_NeverTakesOneOfThem()
    {
        using var scratch = new ScratchDirectory();
        using var stop = new CancellationTokenSource();
        var sweeping = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                _ = PendingFile.SweepOrphans(scratch.Path);
            }
        });
        for (var i = 0; i < 300; i++)
        {
            using var pending = PendingFile.Create(scratch[$"copy-{i}"]);
            pending.Stream.WriteByte(1);
            Assert.True(pending.Commit(replace: false));
        }

        await stop.CancelAsync();
        await sweeping;
        Assert.Equal(300, Directory.GetFileSystemEntries(scratch.Path).Length);
    }

    private static bool WriteAndCommit(string path, int number)
    {
        using var pending = PendingFile.Create(path);
        pending.Stream.Write(System.Text.Encoding.UTF8.GetBytes($"{number}"));
        return pending.Commit(replace: false);
    }
}
