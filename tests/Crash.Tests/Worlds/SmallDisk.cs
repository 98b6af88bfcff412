using System.Globalization;
using Holdfast.Crash.Tests.Killing;

namespace Holdfast.Crash.Tests.Worlds;

/// <summary>A file system of a few kilobytes, in memory. Only root may mount one.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private readonly string path;

    private SmallDisk(string path) => this.path = path;

    /// <summary>Mounts one over a directory; what is in the directory is moved to it.</summary>
    public static async Task<SmallDisk> MountAsync(string directory)
    {
        var aside = directory + ".aside";
        Directory.Move(directory, aside);
        Directory.CreateDirectory(directory);
        var mounted = await ChildProcess.RunAsync("mount", "-t", "tmpfs", "-o", "size=64m,mode=700", "none", directory);
        if (mounted.Code != 0)
        {
            Assert.Skip($"no file system can be mounted here: {mounted.Errors.Trim()}");
        }

        World.CopyTree(aside, directory);
        Directory.Delete(aside, recursive: true);
        return new SmallDisk(directory);
    }

    /// <summary>The bytes that are in use.</summary>
    public long Used => new DriveInfo(path).TotalSize - new DriveInfo(path).TotalFreeSpace;

    /// <summary>Makes it larger or smaller, not below what is in use.</summary>
    public Task ResizeAsync(long bytes) => RemountAsync(string.Create(CultureInfo.InvariantCulture, $"size={bytes}"));

    public Task SetReadOnlyAsync(bool readOnly) => RemountAsync(readOnly ? "ro" : "rw");

    public async ValueTask DisposeAsync()
    {
        var result = await ChildProcess.RunAsync("umount", "--lazy", path);
        Assert.Equal(0, result.Code);
    }

    private async Task RemountAsync(string option)
    {
        var result = await ChildProcess.RunAsync("mount", "-o", $"remount,{option}", path);
        Assert.True(result.Code == 0, result.Errors);
    }
}
