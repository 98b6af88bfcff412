using System.Runtime.InteropServices;
using Holdfast.Core.Engines;
using Holdfast.Engines.Sqlite.Interop;

namespace Holdfast.Engines.Sqlite.Capture;

/// <summary>
/// A copy with the backup API. The backup API starts anew when another connection has written between two steps; it
/// notices that when a step begins its own read transaction. Here the source connection is in one read transaction from
/// before the first step until after the last, so no step begins one: all steps read the same moment, and writers never
/// make it start anew. In WAL mode they are not held up; in the rollback modes they can prepare, but not commit,
/// while the copy runs.
/// </summary>
internal static class OnlineCopy
{
    // Small enough for a prompt cancellation, large enough that the steps cost nothing.
    private const int BytesPerStep = 4 << 20;

    /// <summary>Copies what the source's open read transaction sees.</summary>
    public static async Task RunAsync(
        Source source,
        long pageSize,
        string copyPath,
        IProgress<ByteProgress>? progress,
        BusyRetry busy,
        CancellationToken token
    )
    {
        using var target = Connection.Open(copyPath, Access.Existing);

        // Nobody else sees the copy until it is complete, and a failed one is thrown away.
        target.Execute("PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF");
        using var backup = Native.BackupInit(target.Handle, "main", source.Connection.Handle, "main");
        if (backup.IsInvalid)
        {
            throw target.Failure();
        }

        var pages = (int)Math.Max(1, BytesPerStep / pageSize);
        while (await busy.RunAsync(() => Step(backup, pages), token))
        {
            Report(backup, pageSize, progress);
        }

        Report(backup, pageSize, progress);
    }

    private static bool Step(BackupHandle backup, int pages) =>
        Native.BackupStep(backup, pages) switch
        {
            ResultCode.Ok => true,
            ResultCode.Done => false,
            var code => throw new SqliteException(code, Marshal.PtrToStringUTF8(Native.ErrorText(code))!),
        };

    private static void Report(BackupHandle backup, long pageSize, IProgress<ByteProgress>? progress)
    {
        long total = Native.BackupPageCount(backup);
        progress?.Report(new ByteProgress((total - Native.BackupRemaining(backup)) * pageSize, total * pageSize));
    }
}
