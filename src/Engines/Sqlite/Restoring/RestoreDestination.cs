using Holdfast.Core.Engines;
using Holdfast.Core.Errors;
using Holdfast.Core.Files;
using Holdfast.Engines.Sqlite.Files;

namespace Holdfast.Engines.Sqlite.Restoring;

/// <summary>The place of a database that is about to be restored.</summary>
internal sealed class RestoreDestination : IRestoreDestination
{
    private readonly string path;
    private readonly bool force;
    private readonly TimeProvider time;
    private readonly PendingFile staging;

    private RestoreDestination(string path, bool force, TimeProvider time)
    {
        this.path = path;
        this.force = force;
        this.time = time;
        staging = PendingFile.Create(path);
    }

    /// <inheritdoc/>
    public string StagingPath => staging.Path;

    /// <inheritdoc/>
    public FileStream Staging => staging.Stream;

    public static RestoreDestination Prepare(string destination, bool force, TimeProvider time)
    {
        try
        {
            var resolved = RestorePath.Resolve(destination);
            RestoreRefusal.ThrowIfUnsafe(resolved, force);
            _ = PendingFile.SweepOrphans(Path.GetDirectoryName(resolved)!);
            InterruptedRestore.Sweep(resolved);
            return new RestoreDestination(resolved, force, time);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw CannotWrite(destination, error);
        }
    }

    /// <inheritdoc/>
    public Task<Placement> CommitAsync(CancellationToken cancellationToken) => Task.Run(Commit, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        staging.Dispose();
        return ValueTask.CompletedTask;
    }

    private Placement Commit()
    {
        try
        {
            // Once more: the download may have taken hours.
            RestoreRefusal.ThrowIfUnsafe(path, force);
            TakeOverModeAndOwner();
            staging.Stream.Flush(flushToDisk: true);
            var warnings = StillInUse();
            var kept = new Replacement(path, KeptName.Choose(path, time.GetUtcNow())).Clear();
            var overLink = InterruptedRestore.PreviousOf(path) is not null;
            return staging.Commit(replace: overLink)
                ? new Placement(path, kept, warnings)
                : throw RestoreRefusal.Exists(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw CannotWrite(path, error);
        }
    }

    private string[] StillInUse() =>
        [
            .. DatabaseUsers
                .Of(path)
                .Select(user =>
                    $"{user} had {path} open: what it writes from now on is lost, until it is started again"
                ),
        ];

    private void TakeOverModeAndOwner()
    {
        var old = InterruptedRestore.PreviousOf(path) ?? path;
        if (FileStatus.OfLink(old) is not { Kind: FileKind.Regular } previous)
        {
            return;
        }

        // Only root may give files away; RestoreRefusal has asked a force of anybody else.
        if (Posix.EffectiveUser() == 0 && Posix.ChangeOwner(staging.Path, previous.User, previous.Group) != 0)
        {
            throw new IOException($"the owner of {staging.Path} cannot be changed");
        }

        File.SetUnixFileMode(staging.Stream.SafeFileHandle, previous.Mode);
    }

    private static HoldfastException CannotWrite(string path, Exception error) =>
        new(
            ErrorCode.Failure,
            $"{path} cannot be restored: {error.Message}",
            InterruptedRestore.PreviousOf(path) is { } previous
                ? $"look at its disk, then restore again; until then nothing opens it, and what was there is kept as {previous}"
                : "look at the permissions and the free space of its directory",
            error
        );
}
