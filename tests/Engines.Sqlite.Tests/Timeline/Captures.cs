using Holdfast.Core.Timeline;
using Holdfast.Engines.Sqlite.Interop;
using Holdfast.Engines.Sqlite.Timeline;
using Holdfast.Testing;

namespace Holdfast.Engines.Sqlite.Tests.Timeline;

/// <summary>What most tests of the capture do.</summary>
internal static class Captures
{
    public static Task<ICapture> StartAsync(string path, ITimelineLog log, SqliteOptions? options = null) =>
        new SqliteTimelineSource(path, options ?? new SqliteOptions(), TimeProvider.System).StartCaptureAsync(
            log,
            TestContext.Current.CancellationToken
        );

    public static Task<CommitInfo> CatchUpAsync(this ICapture capture) =>
        capture.CatchUpAsync(TestContext.Current.CancellationToken);

    /// <summary>A database in WAL mode with a table t(a, b).</summary>
    public static string Create(ScratchDirectory scratch, string pragmas = "") =>
        Sql.Run(
            Path.Combine(scratch.Path, "app.db"),
            pragmas + "; PRAGMA journal_mode=WAL; CREATE TABLE t(a INTEGER PRIMARY KEY, b BLOB)"
        );

    public static RecordingLog Log(ScratchDirectory scratch) => new(Path.Combine(scratch.Path, "log"));

    /// <summary>An application's connection: it checkpoints when it is the last to close.</summary>
    public static Connection Application(string path, string pragmas = "")
    {
        var connection = Connection.Open(path, Access.Existing);
        _ = Native.SetBusyTimeout(connection.Handle, 30_000);
        connection.Execute(pragmas);
        return connection;
    }

    /// <summary>
    /// Whether the last commit of the log is the database, page for page. Nobody else may have the database open: it is
    /// checkpointed and read.
    /// </summary>
    public static void AssertSame(RecordingLog log, string path)
    {
        _ = Sql.Text(path, "PRAGMA wal_checkpoint(TRUNCATE)");
        Assert.True(new FileInfo(path + "-wal") is { Exists: false } or { Length: 0 }, "the WAL is not empty");
        var file = File.ReadAllBytes(path);
        var rebuilt = log.Rebuild(log.Tip.Number);
        Assert.Equal(file.Length, rebuilt.Length);
        Assert.Equal([], DifferentPages(file, rebuilt, log.PageSize));
        AssertHash(log);
    }

    /// <summary>Whether the database after a commit is whole; gives the result of a query in it.</summary>
    public static long QueryAt(RecordingLog log, long number, ScratchDirectory scratch, string sql)
    {
        var copy = Path.Combine(scratch.Path, $"at-{number}.db");
        File.WriteAllBytes(copy, log.Rebuild(number));
        using var connection = Connection.Open(Connection.ImmutableUri(copy), Access.ReadUri);
        Assert.Equal("ok", connection.QueryText("PRAGMA integrity_check"));
        var result = connection.QueryInteger(sql);
        File.Delete(copy);
        return result;
    }

    private static void AssertHash(RecordingLog log)
    {
        var rebuilt = log.Rebuild(log.Tip.Number);
        var lockPage = Pages.LockPage(log.PageSize);
        var hash = 0ul;
        for (uint page = 1; page <= log.Tip.DatabasePages; page++)
        {
            hash ^=
                page == lockPage ? 0 : PageHash.Of(page, rebuilt.AsSpan((int)(page - 1) * log.PageSize, log.PageSize));
        }

        Assert.Equal(hash, log.Tip.Hash);
    }

    private static List<int> DifferentPages(byte[] one, byte[] other, int pageSize) =>
        [
            .. Enumerable
                .Range(0, one.Length / pageSize)
                .Where(page =>
                    !one.AsSpan(page * pageSize, pageSize).SequenceEqual(other.AsSpan(page * pageSize, pageSize))
                )
                .Select(page => page + 1),
        ];
}
