using Holdfast.Core.Engines;
using Holdfast.Engines.Sqlite.Checking;
using Holdfast.Engines.Sqlite.Files;
using Holdfast.Engines.Sqlite.Restoring;

namespace Holdfast.Engines.Sqlite;

/// <summary>SQLite. Thread-safe.</summary>
/// <param name="time">The clock for the names of kept files.</param>
public sealed class SqliteEngine(TimeProvider time) : IDatabaseEngine
{
    /// <inheritdoc/>
    public string Name => "sqlite";

    /// <inheritdoc/>
    public string FileExtension => ".db";

    /// <inheritdoc/>
    public Task<CheckReport> CheckAsync(string copyPath, CheckLevel level, CancellationToken cancellationToken) =>
        Task.Run(() => new CopyCheck(Path.GetFullPath(copyPath), level, cancellationToken).Run(), cancellationToken);

    /// <inheritdoc/>
    public bool Exists(string destination) => FileStatus.Of(destination) is not null;

    /// <inheritdoc/>
    public Task<IRestoreDestination> PrepareRestoreAsync(
        string destination,
        bool force,
        CancellationToken cancellationToken
    ) => Task.Run<IRestoreDestination>(() => RestoreDestination.Prepare(destination, force, time), cancellationToken);

    /// <inheritdoc/>
    public Task<IRestoreDestination> PrepareInPlaceAsync(
        string destination,
        InPlaceSafety safety,
        CancellationToken cancellationToken
    ) => Task.Run<IRestoreDestination>(() => InPlaceDestination.Prepare(destination, safety, time), cancellationToken);
}
