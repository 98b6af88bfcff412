using System.Globalization;
using Holdfast.Core.Timeline;
using Holdfast.Testing;

namespace Holdfast.Engines.Sqlite.Tests.Timeline;

/// <summary>Several unkind writer processes on one database, and what must hold after any of their commits.</summary>
internal sealed class HostileWriters : IAsyncDisposable
{
    private readonly List<WorkloadProcess> processes = [];

    public static string Create(ScratchDirectory scratch, string pragmas = "") =>
        Sql.Run(
            scratch["app.db"],
            pragmas
                + """
                ; PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL;
                CREATE TABLE t(id INTEGER PRIMARY KEY, k INTEGER, v BLOB); CREATE INDEX ti ON t(k);
                CREATE TABLE ledger(writer INTEGER, seq INTEGER, PRIMARY KEY(writer, seq)) WITHOUT ROWID;
                INSERT INTO t(k, v) VALUES (1, randomblob(50000))
                """
        );

    public async Task StartAsync(string path, int count, int seed, double seconds)
    {
        for (var writer = 0; writer < count; writer++)
        {
            processes.Add(
                await WorkloadProcess.StartAsync(
                    "write-hostile",
                    path,
                    Text(writer),
                    Text(seed + writer),
                    Text(seconds)
                )
            );
        }
    }

    /// <summary>Waits until all have ended by themselves.</summary>
    public async Task FinishAsync(bool now = false)
    {
        foreach (var process in processes)
        {
            var line = now ? await process.FinishAsync() : await process.OutputAsync();
            TestContext.Current.TestOutputHelper?.WriteLine(line);
            Assert.Contains("commits", line, StringComparison.Ordinal);
        }
    }

    /// <summary>Kills one of them in the middle of whatever it does.</summary>
    public void Kill(int writer)
    {
        processes[writer].Dispose();
        processes.RemoveAt(writer);
    }

    public ValueTask DisposeAsync()
    {
        processes.ForEach(process => process.Dispose());
        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// Checks the database after some commits: whole, no gap in what any writer did, and, as every commit writes one row
    /// of the ledger, exactly as many rows as commits.
    /// </summary>
    public static void AssertLedger(RecordingLog log, Random random, int samples, ScratchDirectory scratch)
    {
        const string Rows =
            "SELECT CASE WHEN total(seq) = total(n) THEN total(n) ELSE -1 END FROM "
            + "(SELECT max(seq) AS seq, count(*) AS n FROM ledger GROUP BY writer)";
        var commits = log.Commits;
        var atFirst = Captures.QueryAt(log, 1, scratch, Rows);
        for (var i = 0; i < samples; i++)
        {
            var number = i == 0 ? commits.Count : random.Next(1, commits.Count + 1);
            var rows = Captures.QueryAt(log, number, scratch, Rows) - atFirst;
            var single = commits.Take(number).Skip(1).Count(commit => commit.Flags == CommitFlags.None);
            if (single == number - 1)
            {
                Assert.Equal(number - 1, rows);
            }
            else
            {
                Assert.True(rows >= single, $"commit {number}: {rows} rows for {single} commits");
            }
        }
    }

    private static string Text(IFormattable value) => value.ToString(format: null, CultureInfo.InvariantCulture);
}
