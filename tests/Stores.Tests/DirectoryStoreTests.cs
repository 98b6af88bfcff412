using Holdfast.Core.Files;
using Holdfast.Core.Stores;
using Holdfast.Stores.Directories;
using Holdfast.Testing;

namespace Holdfast.Stores.Tests;

/// <summary>What only a directory has: modes, links, leftovers of killed programs, full disks.</summary>
public sealed class DirectoryStoreTests : IDisposable
{
    private readonly ScratchDirectory scratch = new();
    private readonly DirectoryStore store;

    public DirectoryStoreTests() => store = new DirectoryStore(Root, createRoot: true);

    private string Root => scratch["deep/er/store"];

    public void Dispose()
    {
        store.Dispose();
        scratch.Dispose();
    }

    [Fact]
    public async Task Put_FilesAndDirectories_ArePrivate()
    {
        await store.PutAsync("a/b/c", SampleBytes.Of(1));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(In("a/b/c")));
        foreach (var directory in new[] { scratch["deep"], Root, In("a"), In("a/b") })
        {
            Assert.Equal(DurableFiles.PrivateDirectory, File.GetUnixFileMode(directory));
        }
    }

    [Fact]
    public async Task Put_ExistingDirectory_KeepsItsMode()
    {
        const UnixFileMode shared = DurableFiles.PrivateDirectory | UnixFileMode.GroupRead | UnixFileMode.GroupExecute;
        Directory.CreateDirectory(In("a"));
        File.SetUnixFileMode(In("a"), shared);
        await store.PutAsync("a/b", SampleBytes.Of(1));
        Assert.Equal(shared, File.GetUnixFileMode(In("a")));
    }

    [Fact]
    public async Task MissingRoot_IsTargetNotFoundForAllButACreatingWrite()
    {
        using var reading = new DirectoryStore(Root, createRoot: false);
        Func<Task>[] operations =
        [
            () => reading.PutAsync("a", SampleBytes.Of(1)),
            () => reading.GetAsync("a"),
            () => reading.HeadAsync("a"),
            () => reading.ListAsync(),
            () => reading.DeleteAsync("a"),
            () => store.ListAsync(),
        ];
        foreach (var operation in operations)
        {
            var error = await Assert.ThrowsAsync<StoreException>(operation);
            Assert.Equal(StoreFault.TargetNotFound, error.Fault);
            Assert.Contains(Root, error.Message, StringComparison.Ordinal);
        }

        Assert.False(Directory.Exists(scratch["deep"]));
    }

    [Fact]
    public async Task RootThatIsAFile_IsAnError()
    {
        await File.WriteAllTextAsync(scratch["file"], "x");
        using var odd = new DirectoryStore(scratch["file"], createRoot: true);
        await Assert.ThrowsAsync<StoreException>(() => odd.PutAsync("a", SampleBytes.Of(1)));
        await Assert.ThrowsAsync<StoreException>(() => odd.ListAsync());
        Assert.Equal("x", await File.ReadAllTextAsync(scratch["file"]));
    }

    [Fact]
    public async Task Put_FirstInADirectory_SweepsWhatKilledProgramsLeft()
    {
        Directory.CreateDirectory(In("a"));
        var orphan = In($"a/.0123{PendingFile.Suffix}");
        await File.WriteAllTextAsync(orphan, "half");
        using var living = PendingFile.Create(In("a/other"));
        Assert.Empty(await store.ListAsync());
        await store.PutAsync("a/b", SampleBytes.Of(1));
        Assert.False(File.Exists(orphan));
        Assert.True(File.Exists(living.Path));
        Assert.Equal(["a/b"], await store.ListAsync());
    }

    [Theory]
    [InlineData("a.holdfast-tmp")]
    [InlineData(".x.holdfast-tmp")]
    [InlineData("a.holdfast-tmp/b")]
    public async Task Put_NameOfATemporaryFile_IsRefused(string key)
    {
        var error = await Assert.ThrowsAsync<StoreException>(() => store.PutAsync(key, SampleBytes.Of(1)));
        Assert.Contains("temporary", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Put_WhereAFileOrADirectoryIsInTheWay_IsAnErrorAndLeavesBoth()
    {
        await store.PutAsync("a", SampleBytes.Of(1));
        await store.PutAsync("d/e", SampleBytes.Of(1));
        await Assert.ThrowsAsync<StoreException>(() => store.PutAsync("a/b", SampleBytes.Of(1)));
        await Assert.ThrowsAsync<StoreException>(() => store.PutAsync("d", SampleBytes.Of(1), PutCondition.Always));
        await Assert.ThrowsAsync<StoreException>(() => store.PutAsync("d", SampleBytes.Of(1)));
        Assert.Equal(["a", "d/e"], await store.ListAsync());
        Assert.Null(await store.HeadAsync("d"));
        await store.DeleteAsync("d");
        Assert.Equal(["a", "d/e"], await store.ListAsync());
        Assert.Equal(3, Directory.EnumerateFileSystemEntries(Root, "*", SearchOption.AllDirectories).Count());
    }

    [Fact]
    public async Task Delete_LastInADirectory_RemovesTheDirectoryButNotTheRoot()
    {
        await store.PutAsync("a/b/c", SampleBytes.Of(1));
        await store.PutAsync("a/x", SampleBytes.Of(1));
        await store.DeleteAsync("a/b/c");
        Assert.False(Directory.Exists(In("a/b")));
        await store.DeleteAsync("a/x");
        Assert.Empty(Directory.EnumerateFileSystemEntries(Root));
        await store.PutAsync("a/b/c", SampleBytes.Of(1));
        Assert.Equal(["a/b/c"], await store.ListAsync());
    }

    [Fact]
    public async Task PutAndDelete_AtOnceInOneDirectory_DoNotDisturbEachOther()
    {
        using var other = new DirectoryStore(Root, createRoot: true);
        await Task.WhenAll(RunAsync(store, "x"), RunAsync(other, "y"));

        static async Task RunAsync(DirectoryStore store, string name)
        {
            for (var i = 0; i < 50; i++)
            {
                await store.PutAsync($"dir/sub/{name}", SampleBytes.Of(10));
                Assert.NotNull(await store.HeadAsync($"dir/sub/{name}"));
                await store.DeleteAsync($"dir/sub/{name}");
            }
        }
    }

    [Fact]
    public async Task LinkToAFile_IsAnObjectAndRemovedAsALink()
    {
        await File.WriteAllTextAsync(scratch["elsewhere"], "moved to a larger disk");
        Directory.CreateDirectory(Root);
        File.CreateSymbolicLink(In("link"), scratch["elsewhere"]);
        File.CreateSymbolicLink(In("dangling"), scratch["nothing"]);
        Assert.Equal(["link"], await store.ListAsync());
        Assert.Equal(22, (await store.HeadAsync("link"))!.Size);
        Assert.Equal(22, (await store.GetAsync("link")).Length);
        Assert.Null(await store.HeadAsync("dangling"));
        await store.DeleteAsync("link");
        Assert.True(File.Exists(scratch["elsewhere"]));
    }

    [Fact]
    public async Task LinkToADirectory_IsNoPartOfTheStore()
    {
        Directory.CreateDirectory(scratch["outside"]);
        await File.WriteAllTextAsync(scratch["outside/precious"], "x");
        Directory.CreateDirectory(Root);
        Directory.CreateSymbolicLink(In("link"), scratch["outside"]);
        Assert.Empty(await store.ListAsync());
        Assert.Empty(await store.ListAsync("link/"));
        Assert.Null(await store.HeadAsync("link/precious"));
        await store.DeleteAsync("link/precious");
        Assert.True(File.Exists(scratch["outside/precious"]));
        var error = await Assert.ThrowsAsync<StoreException>(() => store.PutAsync("link/new", SampleBytes.Of(1)));
        Assert.Equal(StoreFault.Denied, error.Fault);
        Assert.Contains("symbolic link", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RootThatIsALink_IsFollowed()
    {
        Directory.CreateDirectory(scratch["real"]);
        Directory.CreateSymbolicLink(scratch["alias"], scratch["real"]);
        using var aliased = new DirectoryStore(scratch["alias"] + "/", createRoot: true);
        await aliased.PutAsync("a/b", SampleBytes.Of(1));
        Assert.True(File.Exists(scratch["real/a/b"]));
        await aliased.DeleteAsync("a/b");
        Assert.Empty(Directory.EnumerateFileSystemEntries(scratch["real"]));
    }

    [Fact]
    public async Task List_NamesThatAreNoKeys_AreLeftOut()
    {
        await store.PutAsync("a", SampleBytes.Of(1));
        foreach (var name in new[] { "b\\c", "d\ne" })
        {
            await File.WriteAllTextAsync(In(name), "x");
        }

        Directory.CreateDirectory(In("lost+found"));
        await File.WriteAllTextAsync(In("lost+found/x"), "x");
        Assert.Equal(["a"], await store.ListAsync());
    }

    [Fact]
    public async Task Read_ReplacedMeanwhile_GivesTheOldBytesWhole()
    {
        await store.PutAsync("a", SampleBytes.Of(1 << 20, seed: 1));
        await using var stream = await store.OpenReadAsync(new ObjectKey("a"), range: null, CancellationToken.None);
        await store.PutAsync("a", SampleBytes.Of(1 << 20, seed: 2), PutCondition.Always);
        await store.DeleteAsync("a");
        var bytes = new byte[1 << 20];
        await stream.ReadExactlyAsync(bytes);
        Assert.Equal(SampleBytes.Of(1 << 20, seed: 1), bytes);
    }

    [Fact]
    public async Task FullDisk_IsNoSpaceAndLeavesNothing()
    {
        using var disk = SmallDisk.Mount(scratch["disk"], "size=1m");
        using var full = new DirectoryStore(scratch["disk"], createRoot: false);
        await full.PutAsync("small", SampleBytes.Of(1000));
        var error = await Assert.ThrowsAsync<StoreException>(() => full.PutAsync("large", SampleBytes.Of(2 << 20)));
        Assert.Equal(StoreFault.NoSpace, error.Fault);
        Assert.Equal([scratch["disk/small"]], Directory.EnumerateFileSystemEntries(scratch["disk"]));
        await full.PutAsync("again", SampleBytes.Of(1000));
    }

    [Fact]
    public async Task ReadOnlyDisk_IsDenied()
    {
        using var disk = SmallDisk.Mount(scratch["disk"], "size=1m,ro");
        using var locked = new DirectoryStore(scratch["disk"], createRoot: true);
        var error = await Assert.ThrowsAsync<StoreException>(() => locked.PutAsync("a", SampleBytes.Of(1)));
        Assert.Equal(StoreFault.Denied, error.Fault);
        error = await Assert.ThrowsAsync<StoreException>(() => locked.PutAsync("a/b", SampleBytes.Of(1)));
        Assert.Equal(StoreFault.Denied, error.Fault);
    }

    [Fact]
    public async Task ForbiddenDirectory_IsDeniedAndNotEmpty()
    {
        if (Environment.IsPrivilegedProcess)
        {
            Assert.Skip("nothing is forbidden to root");
        }

        await store.PutAsync("a/b", SampleBytes.Of(1));
        File.SetUnixFileMode(In("a"), UnixFileMode.None);
        Func<Task>[] operations =
        [
            () => store.ListAsync(),
            () => store.GetAsync("a/b"),
            () => store.HeadAsync("a/b"),
            () => store.DeleteAsync("a/b"),
            () => store.PutAsync("a/c", SampleBytes.Of(1)),
        ];
        foreach (var operation in operations)
        {
            Assert.Equal(StoreFault.Denied, (await Assert.ThrowsAsync<StoreException>(operation)).Fault);
        }

        File.SetUnixFileMode(In("a"), DurableFiles.PrivateDirectory);
    }

    private string In(string path) => Path.Combine(Root, path);
}
