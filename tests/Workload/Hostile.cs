using System.Diagnostics;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Holdfast.Workload;

/// <summary>
/// A writer as unkind as an application can be: many small transactions at full speed, a tiny autocheckpoint, blocking
/// checkpoints at random. Each transaction writes one row <c>ledger(writer, seq)</c>, so that the number of rows tells
/// after how many commits a copy was made, and <c>seq</c> has no gap. Needs the tables that <c>HostileWriters</c> in the tests makes.
/// </summary>
internal static class Hostile
{
    private static readonly string[] Checkpoints = ["TRUNCATE", "RESTART", "FULL", "PASSIVE"];

    public static int Run(string path, int writer, int seed, double seconds)
    {
        using var connection = Session.Open(path);
        using var impatient = Session.Open(path);
        connection.Execute(
            "PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=20; PRAGMA cache_spill=5; PRAGMA cache_size=10"
        );
        impatient.Execute("PRAGMA busy_timeout=0; PRAGMA wal_autocheckpoint=0");
        var session = new HostileSession(connection, impatient, new Random(seed), writer);
        var letGo = Session.LetGo();
        var clock = Stopwatch.StartNew();
        Session.Ready();
        while (!letGo() && clock.Elapsed.TotalSeconds < seconds)
        {
            session.Commit();
            if (session.Chance(0.01))
            {
                session.Checkpoint(Checkpoints[session.Below(Checkpoints.Length)]);
            }

            if (session.Chance(0.3))
            {
                Thread.Sleep(session.Below(4));
            }
        }

        Console.WriteLine(
            FormattableString.Invariant($"{session.Commits} commits, slowest {session.Slowest.TotalMilliseconds:0} ms")
        );
        return 0;
    }

    private sealed class HostileSession(
        SqliteConnection connection,
        SqliteConnection impatient,
        Random random,
        int writer
    )
    {
        public long Commits { get; private set; }

        public TimeSpan Slowest { get; private set; }

        public bool Chance(double probability) => random.NextDouble() < probability;

        public int Below(int limit) => random.Next(limit);

        public void Commit()
        {
            var clock = Stopwatch.StartNew();
            Begin();
            Execute(
                connection,
                FormattableString.Invariant(
                    $"INSERT INTO ledger SELECT {writer}, coalesce(max(seq), 0) + 1 FROM ledger WHERE writer = {writer}"
                )
            );
            for (var changes = random.Next(1, 5); changes > 0; changes--)
            {
                Change();
            }

            if (Chance(0.05))
            {
                Execute(connection, "SAVEPOINT s");
                Execute(connection, "UPDATE t SET v = randomblob(2000) WHERE id % 3 = 0");
                Execute(connection, Chance(0.5) ? "ROLLBACK TO s" : "RELEASE s");
            }

            Execute(connection, "COMMIT");
            Commits++;
            Slowest = clock.Elapsed > Slowest ? clock.Elapsed : Slowest;
        }

        public void Checkpoint(string kind)
        {
            // When somebody is in the way, it tries again for a moment, as a busy timeout does.
            for (
                var tries = 0;
                tries < 20 && Execute(impatient, $"PRAGMA wal_checkpoint({kind})") != raw.SQLITE_OK;
                tries++
            )
            {
                Thread.Sleep(1);
            }
        }

        // SQLite's own waiting is in whole seconds in this build.
        private void Begin()
        {
            while (Execute(connection, "BEGIN IMMEDIATE") != raw.SQLITE_OK)
            {
                Thread.Sleep(Below(2));
            }
        }

        private static int Execute(SqliteConnection connection, string sql)
        {
            var code = raw.sqlite3_exec(connection.Handle, sql);
            return code is raw.SQLITE_OK or raw.SQLITE_BUSY or raw.SQLITE_LOCKED
                ? code
                : throw new InvalidOperationException(raw.sqlite3_errmsg(connection.Handle).utf8_to_string());
        }

        private void Change()
        {
            var key = random.Next();
            var size = random.Next(10, 9000);
            Execute(
                connection,
                random.NextDouble() switch
                {
                    < 0.6 => FormattableString.Invariant($"INSERT INTO t(k, v) VALUES ({key}, randomblob({size}))"),
                    < 0.85 => FormattableString.Invariant(
                        $"UPDATE t SET v = randomblob({size}) WHERE id = (SELECT id FROM t WHERE k >= {key} ORDER BY k LIMIT 1)"
                    ),
                    < 0.995 => FormattableString.Invariant(
                        $"DELETE FROM t WHERE id IN (SELECT id FROM t WHERE k >= {key} ORDER BY k LIMIT 6)"
                    ),
                    _ => "DELETE FROM t; PRAGMA incremental_vacuum",
                }
            );
        }
    }
}
