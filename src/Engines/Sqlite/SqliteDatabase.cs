using System.Text.Json.Nodes;
using Holdfast.Core.Engines;
using Holdfast.Engines.Sqlite.Capture;
using Holdfast.Engines.Sqlite.Diagnosing;
using Holdfast.Engines.Sqlite.Files;
using Holdfast.Engines.Sqlite.Interop;

namespace Holdfast.Engines.Sqlite;

/// <summary>A SQLite database in a file. Thread-safe; nothing is opened or created before it is needed.</summary>
public sealed class SqliteDatabase : IDatabase
{
    private readonly string path;
    private readonly SqliteOptions options;
    private readonly TimeProvider time;
    private readonly BusyRetry busy;
    private readonly SqliteEngine engine;

    /// <summary>Names a database.</summary>
    /// <param name="path">The path of the file, relative to the current directory or absolute.</param>
    /// <param name="options">How it is copied.</param>
    /// <param name="time">The clock for waiting.</param>
    public SqliteDatabase(string path, SqliteOptions options, TimeProvider time)
    {
        this.path = Path.GetFullPath(path);
        this.options = options;
        this.time = time;
        busy = new BusyRetry(this.path, options.BusyTimeout, time);
        engine = new SqliteEngine(time);
    }

    /// <inheritdoc/>
    public IDatabaseEngine Engine => engine;

    /// <inheritdoc/>
    public string Address => path;

    /// <inheritdoc/>
    public string Identity => "sqlite:" + RealPath();

    /// <inheritdoc/>
    public Task<long> EstimateSizeAsync(CancellationToken cancellationToken) =>
        RunAsync(
            async () =>
            {
                using var source = await OpenAsync(scratch: null, cancellationToken);
                var inWal = source.Frozen is null ? 0 : FileStatus.Of(RealPath() + SideFiles.Wal)?.Size ?? 0;
                return SourceFacts.Of(source.Connection).Bytes + inWal;
            },
            cancellationToken
        );

    /// <inheritdoc/>
    public Task<CaptureReport> CaptureAsync(
        string copyPath,
        IProgress<ByteProgress>? progress,
        CancellationToken cancellationToken
    ) => RunAsync(() => CopyAsync(Path.GetFullPath(copyPath), progress, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Finding>> DiagnoseAsync(CancellationToken cancellationToken) =>
        Task.Run(
            () => new SqliteDiagnosis(path, () => OpenAsync(scratch: null, cancellationToken)).RunAsync(),
            cancellationToken
        );

    private async Task<CaptureReport> CopyAsync(
        string copyPath,
        IProgress<ByteProgress>? progress,
        CancellationToken token
    )
    {
        using var source = await OpenAsync(Path.GetDirectoryName(copyPath), token);
        CreatePrivate(copyPath);
        var checkpoint = CheckpointFirst.Run(source, options.Checkpoint);
        var facts =
            options.Method == SqliteMethod.Online
                ? await CopyOnlineAsync(source, copyPath, progress, token)
                : await CopyByVacuumAsync(source, copyPath, progress, token);

        source.EnsureUnchanged();
        var details = Describe(source, facts, checkpoint);
        return new CaptureReport(SqliteLibrary.Version, details, Warnings: []);
    }

    private async Task<SourceFacts> CopyOnlineAsync(
        Source source,
        string copyPath,
        IProgress<ByteProgress>? progress,
        CancellationToken token
    )
    {
        source.Connection.Execute("BEGIN");
        var facts = await busy.RunAsync(() => SourceFacts.Of(source.Connection), token);
        await OnlineCopy.RunAsync(source, facts.PageSize, copyPath, progress, busy, token);
        source.Connection.Execute("COMMIT");
        return facts;
    }

    private async Task<SourceFacts> CopyByVacuumAsync(
        Source source,
        string copyPath,
        IProgress<ByteProgress>? progress,
        CancellationToken token
    )
    {
        var estimate = await busy.RunAsync(() => SourceFacts.Of(source.Connection), token);
        await VacuumCopy.RunAsync(source, estimate.Bytes, copyPath, progress, busy, time, token);
        using var copy = Connection.Open(Connection.ImmutableUri(copyPath), Access.ReadUri);
        return SourceFacts.Of(copy);
    }

    private JsonObject Describe(Source source, SourceFacts facts, JsonObject? checkpoint)
    {
        var details = new JsonObject
        {
            ["method"] = options.Method == SqliteMethod.Online ? "online" : "vacuum-into",
            ["journalMode"] = source.JournalMode,
            ["pageSize"] = facts.PageSize,
            ["pageCount"] = facts.PageCount,
            ["encoding"] = facts.Encoding,
            ["autoVacuum"] = facts.AutoVacuum,
            ["userVersion"] = facts.UserVersion,
            ["applicationId"] = facts.ApplicationId,
        };
        if (checkpoint is not null)
        {
            details["checkpoint"] = checkpoint;
        }

        if (source.Frozen is { } frozen)
        {
            details["readOnlySource"] = frozen.Name;
        }

        return details;
    }

    private Task<Source> OpenAsync(string? scratch, CancellationToken token) =>
        Source.OpenAsync(SourceFile.Require(path), scratch, busy, token);

    private string RealPath() => Posix.RealPath(path) ?? path;

    private static void CreatePrivate(string copyPath)
    {
        var creation = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using var file = new FileStream(copyPath, creation);
    }

    // SQLite blocks the thread that calls it.
    private async Task<T> RunAsync<T>(Func<Task<T>> action, CancellationToken token)
    {
        try
        {
            return await Task.Run(action, token);
        }
        catch (SqliteException error) when (error.Code == ResultCode.Interrupted && token.IsCancellationRequested)
        {
            throw new OperationCanceledException(error.Message, error, token);
        }
        catch (SqliteException error)
        {
            throw Failures.From(error, path);
        }
    }
}
