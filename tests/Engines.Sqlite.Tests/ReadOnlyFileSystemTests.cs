using System.Diagnostics;
using Holdfast.Core.Errors;
using Holdfast.Testing;

namespace Holdfast.Engines.Sqlite.Tests;

/// <summary>Databases where nothing can be written: SQLite can neither recover them nor lock them in its usual way.</summary>
public sealed class ReadOnlyFileSystemTests : IDisposable
{
    private readonly ScratchDirectory scratch = new();
    private readonly Stack<string> mounts = new();

    [Theory]
    [InlineData("DELETE", "online")]
    [InlineData("WAL", "online")]
    [InlineData("DELETE", "vacuum-into")]
    [InlineData("WAL", "vacuum-into")]
    public async Task CaptureAsync_DatabaseAtRest_IsCopied(string mode, string method)
    {
        var source = MountWritable();
        Sql.Bank(source, $"PRAGMA journal_mode={mode}");
        MakeReadOnly();

        _ = await Databases.CopyAsync(source, scratch["copy.db"], Databases.By(method));

        Sql.AssertBalanced(scratch["copy.db"]);
        Assert.Equal(["copy.db", "fixed"], Databases.Names(scratch.Path));
        Assert.Equal(mode.ToLowerInvariant(), Sql.Text(scratch["copy.db"], "PRAGMA journal_mode"));
    }

    [Theory]
    [InlineData("online")]
    [InlineData("vacuum-into")]
    public async Task CaptureAsync_WalOfAKilledProgram_IsInTheCopy(string method)
    {
        var source = MountWritable();
        Sql.Bank(source, "PRAGMA journal_mode=WAL");
        using (await Application.StartAsync("die-with-wal", source, "9")) { }

        // With the wal-index at hand SQLite could read it in place.
        File.Delete(source + "-shm");
        MakeReadOnly();

        var report = await Databases.CopyAsync(source, scratch["copy.db"], Databases.By(method));

        Assert.Equal(9, Sql.Integer(scratch["copy.db"], "SELECT count(*) FROM transfers"));
        Assert.Equal("copy", report.Details["readOnlySource"]!.GetValue<string>());
        Assert.Equal(["copy.db", "fixed"], Databases.Names(scratch.Path));
        Assert.True(await Databases.At(source).EstimateSizeAsync(default) >= new FileInfo(scratch["copy.db"]).Length);
    }

    [Fact]
    public async Task CaptureAsync_WalAndWalIndexOfAKilledProgram_AreInTheCopy()
    {
        var source = MountWritable();
        Sql.Bank(source, "PRAGMA journal_mode=WAL");
        using (await Application.StartAsync("die-with-wal", source, "9")) { }
        MakeReadOnly();

        _ = await Databases.CopyAsync(source, scratch["copy.db"]);

        Assert.Equal(9, Sql.Integer(scratch["copy.db"], "SELECT count(*) FROM transfers"));
    }

    [Fact]
    public async Task CaptureAsync_HotJournal_CopiesWhatWasCommitted()
    {
        var source = MountWritable();
        Sql.Bank(source);
        using (await Application.StartAsync("die-in-transaction", source)) { }
        MakeReadOnly();

        _ = await Databases.CopyAsync(source, scratch["copy.db"]);

        Sql.AssertBalanced(scratch["copy.db"]);
    }

    // A sidecar with a read-only volume: what cannot write here does not keep the application from writing there.
    [Theory]
    [InlineData("WAL")]
    [InlineData("DELETE")]
    public async Task CaptureAsync_WrittenThroughAnotherMount_IsOfOneMoment(string mode)
    {
        var written = MountWritable();
        Sql.Bank(written, $"PRAGMA journal_mode={mode}", accounts: 20_000);
        Directory.CreateDirectory(scratch["view"]);
        Mount("--bind", scratch["fixed"], scratch["view"]);
        Mount("-o", "remount,bind,ro", scratch["view"]);
        using var writer = await Application.StartAsync("write-transfers", written, "2");

        _ = await Databases.CopyAsync(scratch["view/app.db"], scratch["copy.db"]);

        Sql.AssertBalanced(scratch["copy.db"], accounts: 20_000);
        _ = await writer.FinishAsync();
    }

    [Fact]
    public async Task CaptureAsync_ChangesUnderTheReadOnlyMount_Fails()
    {
        var written = MountWritable();
        Sql.Bank(written, "PRAGMA journal_mode=WAL", accounts: 20_000);
        Directory.CreateDirectory(scratch["view"]);
        Mount("--bind", scratch["fixed"], scratch["view"]);
        Mount("-o", "remount,bind,ro", scratch["view"]);
        var progress = new Meddler(() => Sql.Run(written, "INSERT INTO transfers(amount) VALUES (1)"));

        // At rest and without a -wal it is read as immutable, so the change goes unnoticed by SQLite.
        var error = await Assert.ThrowsAsync<HoldfastException>(() =>
            Databases.At(scratch["view/app.db"]).CaptureAsync(scratch["copy.db"], progress, default)
        );

        Assert.Contains("changed while it was copied", error.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        while (mounts.TryPop(out var mount))
        {
            Run("umount", mount);
        }

        scratch.Dispose();
    }

    private string MountWritable()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root to mount a file system");
        Directory.CreateDirectory(scratch["fixed"]);
        Mount("-t", "tmpfs", "tmpfs", scratch["fixed"]);
        return scratch["fixed/app.db"];
    }

    private void MakeReadOnly() => Mount("-o", "remount,ro", scratch["fixed"]);

    private void Mount(params string[] arguments)
    {
        Assert.SkipUnless(Run("mount", arguments) == 0, "this system does not permit mounts");
        if (!arguments[1].StartsWith("remount", StringComparison.Ordinal))
        {
            mounts.Push(arguments[^1]);
        }
    }

    private static int Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program) { UseShellExecute = false, RedirectStandardError = true };
        Array.ForEach(arguments, start.ArgumentList.Add);
        using var process = Process.Start(start)!;
        process.WaitForExit();
        return process.ExitCode;
    }

    private sealed class Meddler(Action act) : IProgress<Core.Engines.ByteProgress>
    {
        public void Report(Core.Engines.ByteProgress value) => act();
    }
}
