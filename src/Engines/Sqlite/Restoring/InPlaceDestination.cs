using System.Runtime.InteropServices;
using Holdfast.Core.Engines;
using Holdfast.Core.Errors;
using Holdfast.Core.Files;
using Holdfast.Engines.Sqlite.Capture;
using Holdfast.Engines.Sqlite.Checking;
using Holdfast.Engines.Sqlite.Files;
using Holdfast.Engines.Sqlite.Interop;

namespace Holdfast.Engines.Sqlite.Restoring;

/// <summary>
/// A database that is about to be restored beside the programs that use it, with SQLite's backup API.
/// <list type="number">
/// <item>the copy is staged beside the database</item>
/// <item>a backup from it into the database is begun: its first step, of no pages, takes the write lock</item>
/// <item>under the lock, so that no commit falls between, what is there is kept (see <see cref="SafetyCopy"/>)</item>
/// <item>all pages are written in the same transaction, and it commits</item>
/// </list>
/// <para>
/// Killed before the commit, the database is as it was: SQLite ignores the frames, or rolls the journal back. Killed after,
/// it is restored. What may be left is a staging file, which the next restore takes away, and the kept copy, which is whole.
/// </para>
/// </summary>
internal sealed class InPlaceDestination : IRestoreDestination
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private const int BytesPerStep = 4 << 20;
    private const int PassiveCheckpoint = 0;

    private readonly string path;
    private readonly InPlaceSafety safety;
    private readonly BusyRetry busy;
    private readonly PendingFile staging;

    private InPlaceDestination(string path, InPlaceSafety safety, TimeProvider time)
    {
        this.path = path;
        this.safety = safety;
        busy = new BusyRetry(path, Patience, time, "restored");
        staging = PendingFile.Create(path);
    }

    /// <inheritdoc/>
    public string StagingPath => staging.Path;

    /// <inheritdoc/>
    public FileStream Staging => staging.Stream;

    public static InPlaceDestination Prepare(string destination, InPlaceSafety safety, TimeProvider time)
    {
        if (FileStatus.Of(destination) is not { Kind: FileKind.Regular })
        {
            throw new HoldfastException(
                ErrorCode.SourceMissing,
                $"{destination} is no database that could be restored in place",
                "restore it without --in-place"
            );
        }

        try
        {
            var resolved = RestorePath.Resolve(destination);
            _ = PendingFile.SweepOrphans(Path.GetDirectoryName(resolved)!);
            return new InPlaceDestination(resolved, safety, time);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw CannotWrite(destination, error);
        }
    }

    /// <inheritdoc/>
    public async Task<Placement> CommitAsync(CancellationToken cancellationToken)
    {
        try
        {
            var kept = await Task.Run(() => WriteAsync(cancellationToken), cancellationToken);
            var doubts = kept is null ? [] : await Task.Run(() => Doubts(kept), CancellationToken.None);
            return new Placement(path, kept, doubts);
        }
        catch (SqliteException error)
        {
            throw From(error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw CannotWrite(path, error);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        staging.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Keeps what is there, and writes.</summary>
    /// <returns>The copy that keeps it; null when it is kept elsewhere.</returns>
    private async Task<string?> WriteAsync(CancellationToken token)
    {
        using var source = Connection.Open(Connection.ImmutableUri(staging.Path), Access.ReadUri);
        using var database = Connection.Open(path, Access.Existing);

        // Reads the first page under a lock: recovers, and finds out whether it is a database, and which.
        _ = await busy.RunAsync(() => database.QueryInteger("PRAGMA schema_version"), token);
        _ = source.QueryInteger("PRAGMA schema_version");
        var isWal = database.QueryText("PRAGMA journal_mode") == "wal";
        var pageSize = RequirePageSize(source, database, isWal);
        string? kept;
        using (var backup = Native.BackupInit(database.Handle, "main", source.Handle, "main"))
        {
            if (backup.IsInvalid)
            {
                throw database.Failure();
            }

            _ = await busy.RunAsync(() => Step(backup, pages: 0), token);
            kept = await KeepAsync(database, isWal, token);
            try
            {
                while (Step(backup, pages: Math.Max(1, BytesPerStep / (int)pageSize)))
                {
                    token.ThrowIfCancellationRequested();
                }
            }
            catch
            {
                if (kept is not null)
                {
                    File.Delete(kept);
                }

                throw;
            }
        }

        if (isWal)
        {
            // Only so that readers need not look for every page in the log; others will do it if it cannot be done now.
            _ = Native.Checkpoint(database.Handle, "main", PassiveCheckpoint, out _, out _);
        }

        return kept;
    }

    // In the rollback modes nobody else can read under the lock, and so nobody else can keep it.
    private async Task<string?> KeepAsync(Connection database, bool isWal, CancellationToken token)
    {
        if (isWal && safety.KeptElsewhere is { } keep && await keep(token))
        {
            return null;
        }

        await new SafetyCopy(path, safety.CopyPath, database, isWal, busy).TakeAsync(token);
        return safety.CopyPath;
    }

    private long RequirePageSize(Connection source, Connection database, bool isWal)
    {
        var (theirs, ours) = (source.QueryInteger("PRAGMA page_size"), database.QueryInteger("PRAGMA page_size"));
        return theirs == ours || !isWal
            ? theirs
            : throw new HoldfastException(
                ErrorCode.Refused,
                $"{path} has pages of {ours} bytes and what is restored has pages of {theirs}: SQLite cannot change that in a database in WAL mode; it was not touched",
                "stop the application, then restore with --force instead of --in-place"
            );
    }

    private static bool Step(BackupHandle backup, int pages) =>
        Native.BackupStep(backup, pages) switch
        {
            ResultCode.Ok => true,
            ResultCode.Done => false,
            var code => throw new SqliteException(code, Marshal.PtrToStringUTF8(Native.ErrorText(code))!),
        };

    /// <summary>What is there is kept as it is, good or bad; which of the two a person should know.</summary>
    private static string[] Doubts(string kept)
    {
        var report = new CopyCheck(kept, CheckLevel.Quick, CancellationToken.None).Run();
        return report.Outcome == CheckOutcome.Good
            ? []
            :
            [
                $"{kept} keeps what was there, and does not pass a check: {(report.Problems.Count > 0 ? report.Problems[0] : "nothing was said")}",
            ];
    }

    private HoldfastException From(SqliteException error) =>
        error.Code switch
        {
            ResultCode.NotADatabase or ResultCode.Corrupt => new HoldfastException(
                ErrorCode.Refused,
                $"{path} cannot be restored in place: it is damaged, encrypted or no SQLite database",
                "stop the application, then restore with --force instead of --in-place",
                error
            ),
            ResultCode.Full => new HoldfastException(
                ErrorCode.Failure,
                $"no space is left to restore {path}; it is as it was",
                "make room: its log needs as much as the database itself",
                error
            ),
            _ => new HoldfastException(
                ErrorCode.Failure,
                $"{path} was not restored, and is as it was: {error.Message} (code {error.ExtendedCode})",
                "look whether its disk has space left, and run as the user that the database belongs to",
                error
            ),
        };

    private static HoldfastException CannotWrite(string path, Exception error) =>
        new(
            ErrorCode.Failure,
            $"{path} cannot be restored in place: {error.Message}",
            "look at the permissions and the free space of its directory",
            error
        );
}
