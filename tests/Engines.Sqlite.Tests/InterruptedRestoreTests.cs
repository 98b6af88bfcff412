using Holdfast.Core.Errors;
using Holdfast.Engines.Sqlite.Files;
using Holdfast.Engines.Sqlite.Interop;
using Holdfast.Engines.Sqlite.Restoring;
using Holdfast.Testing;

namespace Holdfast.Engines.Sqlite.Tests;

/// <summary>The states in which a restore can be killed; see <see cref="Replacement"/>.</summary>
public sealed class InterruptedRestoreTests : IDisposable
{
    private readonly ScratchDirectory scratch = new();
    private readonly string path;
    private readonly string kept;

    public InterruptedRestoreTests()
    {
        path = scratch["app.db"];
        kept = path + ".before-restore-20251231235959";
        Sql.Run(path, "PRAGMA journal_mode=WAL; CREATE TABLE things(id); INSERT INTO things VALUES (1)");
        using var connection = Connection.Open(path, Access.Existing);
        connection.Set(Switch.NoCheckpointOnClose, on: true);
        connection.Execute("INSERT INTO things VALUES (2)");
    }

    [Fact]
    public async Task Killed_before_the_swap_the_old_database_is_as_it_was()
    {
        InterruptedRestore.Prepare(kept);
        Assert.Equal(0, Posix.Link(path + "-wal", kept + "-wal"));

        Assert.Equal(2, Count(path));
        _ = Assert.Throws<SqliteException>(() => Count(kept));
        await RestoreAsync(force: true);
        Assert.Equal(0, Count(path));
        Assert.Equal(2, Count(path + ".before-restore-20260203040506"));
        Assert.Null(FileStatus.OfLink(kept));
        Assert.Null(FileStatus.OfLink(kept + "-wal"));
    }

    [Fact]
    public async Task Killed_after_the_swap_nothing_opens_and_the_next_restore_goes_on()
    {
        SwapOnly();

        AssertNothingOpens();
        await RestoreAsync(force: false);
        Assert.Equal(0, Count(path));
        Assert.Equal(2, Count(kept));
    }

    [Fact]
    public async Task Killed_before_the_last_rename_nothing_opens_and_the_next_restore_goes_on()
    {
        Assert.Equal(kept, new Replacement(path, kept).Clear());
        Assert.False(File.Exists(path + "-wal"));

        AssertNothingOpens();
        await RestoreAsync(force: false);
        Assert.Equal(0, Count(path));
        Assert.Equal(2, Count(kept));
    }

    [Fact]
    public async Task Killed_after_the_swap_a_backup_says_what_happened()
    {
        SwapOnly();

        var error = await Assert.ThrowsAsync<HoldfastException>(() => Databases.CopyAsync(path, scratch["copy.db"]));

        Assert.Equal(ErrorCode.SourceMissing, error.Code);
        Assert.Contains(kept, error.Message, StringComparison.Ordinal);
        Assert.Equal(2, Count(kept));
    }

    [Fact]
    public async Task Killed_after_the_swap_mode_and_owner_are_still_taken_over()
    {
        var mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
        File.SetUnixFileMode(path, mode);
        SwapOnly();

        await RestoreAsync(force: false);

        Assert.Equal(mode, File.GetUnixFileMode(path));
    }

    public void Dispose() => scratch.Dispose();

    private static long Count(string path) => Sql.Integer(path, "SELECT count(*) FROM things");

    private void SwapOnly()
    {
        _ = new Replacement(path, kept).Clear();
        Assert.Equal(0, Posix.Link(kept + "-wal", path + "-wal"));
    }

    // Not even a program that creates its database when it is missing.
    private void AssertNothingOpens()
    {
        var error = Assert.Throws<SqliteException>(() => Sql.Run(path, "CREATE TABLE IF NOT EXISTS things(id)"));
        Assert.Equal(ResultCode.CannotOpen, error.Code);
        Assert.False(new SqliteEngine(TimeProvider.System).Exists(path));
    }

    private async Task RestoreAsync(bool force)
    {
        var copy = Sql.Run(scratch["copy.db"], "CREATE TABLE things(id)");
        await using var destination = await new SqliteEngine(new FixedClock()).PrepareRestoreAsync(
            path,
            force,
            default
        );
        await destination.Staging.WriteAsync(await File.ReadAllBytesAsync(copy));
        _ = await destination.CommitAsync(default);
    }
}
