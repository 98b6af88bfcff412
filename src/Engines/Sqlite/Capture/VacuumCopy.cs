using Holdfast.Core.Engines;
using Holdfast.Engines.Sqlite.Files;
using Holdfast.Engines.Sqlite.Interop;

namespace Holdfast.Engines.Sqlite.Capture;

/// <summary>
/// A copy with VACUUM INTO: one statement, so one moment. What it loses is given back: the WAL mode, and durability,
/// because it never flushes.
/// </summary>
internal static class VacuumCopy
{
    private static readonly TimeSpan ProgressPeriod = TimeSpan.FromMilliseconds(250);

    public static async Task RunAsync(
        Source source,
        long estimatedSize,
        string copyPath,
        IProgress<ByteProgress>? progress,
        BusyRetry busy,
        TimeProvider time,
        CancellationToken token
    )
    {
        // On a thread of its own: it is one long call.
        var copying = Task.Run(
            () => busy.RunAsync(() => Vacuum(source.Connection, copyPath, token), token),
            CancellationToken.None
        );
        while (!copying.IsCompleted)
        {
            await Task.WhenAny(copying, Task.Delay(ProgressPeriod, time, CancellationToken.None));
            var done = FileStatus.Of(copyPath)?.Size ?? 0;
            progress?.Report(new ByteProgress(Math.Min(done, estimatedSize), estimatedSize));
        }

        await copying;
        if (source.IsWal)
        {
            GiveBackWalMode(copyPath);
        }

        await using var copy = new FileStream(copyPath, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        copy.Flush(flushToDisk: true);
        progress?.Report(new ByteProgress(copy.Length, copy.Length));

        // An interrupt that came when the statement had ended stopped nothing; who cancelled wants no copy all the same.
        token.ThrowIfCancellationRequested();
    }

    private static bool Vacuum(Connection connection, string copyPath, CancellationToken token)
    {
        // A try that was turned away as busy may have left a part of the copy.
        using (var copy = new FileStream(copyPath, FileMode.Open, FileAccess.Write))
        {
            copy.SetLength(0);
        }

        using var interrupt = new InterruptOnCancel(connection, token);
        using var statement = connection.Prepare("VACUUM INTO ?1");
        statement.Bind(1, copyPath);
        return statement.Step();
    }

    private static void GiveBackWalMode(string copyPath)
    {
        using var copy = Connection.Open(copyPath, Access.Existing);
        copy.Execute("PRAGMA journal_mode=WAL");
    }
}
