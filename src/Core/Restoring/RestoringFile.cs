using Holdfast.Core.Engines;
using Holdfast.Core.Errors;
using Holdfast.Core.Files;

namespace Holdfast.Core.Restoring;

/// <summary>
/// A file that is being restored, whatever it is restored from: it alone may be at its destination, has room, is checked, and is
/// put into place. Disposal without <see cref="FinishAsync"/> leaves everything as it was.
/// </summary>
internal sealed class RestoringFile : IAsyncDisposable
{
    private readonly RestoreRequest request;
    private readonly IDatabaseEngine engine;
    private readonly RunLock runLock;
    private readonly IRestoreDestination destination;

    private RestoringFile(
        RestoreRequest request,
        IDatabaseEngine engine,
        RunLock runLock,
        IRestoreDestination destination
    )
    {
        this.request = request;
        this.engine = engine;
        this.runLock = runLock;
        this.destination = destination;
        FreeBytes = new DriveInfo(Path.GetDirectoryName(destination.StagingPath)!).AvailableFreeSpace;
    }

    /// <summary>Where the copy is to be written.</summary>
    public IRestoreDestination Destination => destination;

    /// <summary>The space there is.</summary>
    public long FreeBytes { get; }

    /// <summary>Refuses before any byte is moved.</summary>
    public static async Task<RestoringFile> BeginAsync(
        RestoreRequest request,
        IDatabaseEngine engine,
        WorkPaths paths,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        var runLock = RunLock.Acquire(
            paths.Locks,
            $"restore {Path.GetFullPath(request.Destination)}",
            $"a restore to {request.Destination}",
            time
        );
        try
        {
            var destination = request.Safety is { } safety
                ? await engine.PrepareInPlaceAsync(request.Destination, safety, cancellationToken)
                : await engine.PrepareRestoreAsync(request.Destination, request.Force, cancellationToken);
            return new RestoringFile(request, engine, runLock, destination);
        }
        catch
        {
            runLock.Dispose();
            throw;
        }
    }

    /// <summary>Refuses what does not fit.</summary>
    /// <param name="bytes">The size of the restored file.</param>
    public void RequireSpace(long bytes)
    {
        // In place it is written a second time into the log of the database, and what is there may have to be copied.
        var needed = request.Safety switch
        {
            null => bytes,
            { KeptElsewhere: null } => 2 * Math.Min(bytes, long.MaxValue / 4)
                + new FileInfo(request.Destination).Length,
            _ => 2 * Math.Min(bytes, long.MaxValue / 4),
        };
        if (FreeBytes < needed)
        {
            throw new HoldfastException(
                ErrorCode.Failure,
                $"{request.Destination} needs {ByteText.Of(needed)}, and {ByteText.Of(FreeBytes)} are free there",
                "make room, or restore elsewhere: --output PATH"
            );
        }
    }

    /// <summary>The engine's check of what was written.</summary>
    public Task<CheckReport> CheckAsync(CheckLevel level, CancellationToken cancellationToken) =>
        engine.CheckAsync(destination.StagingPath, level, cancellationToken);

    /// <summary>Puts it into place.</summary>
    public Task<Placement> FinishAsync(CancellationToken cancellationToken) =>
        destination.CommitAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await destination.DisposeAsync();
        runLock.Dispose();
    }
}
