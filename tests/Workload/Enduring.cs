using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Holdfast.Workload;

/// <summary>
/// An application that does whatever applications do, at random, and keeps a <see cref="Ledger"/> of it: small and large
/// transactions, rolled back ones, savepoints that spill, tables that come and go, VACUUM, checkpoints of each kind, long
/// readers, a connection that is closed and opened again.
/// </summary>
internal static class Enduring
{
    /// <summary>Runs until it is let go, or has made so many transactions.</summary>
    /// <param name="path">The database.</param>
    /// <param name="ledgerPath">A file that does not exist yet.</param>
    /// <param name="seed">What it does follows from it, but for what others do meanwhile.</param>
    /// <param name="most">The most transactions; 0 for no end.</param>
    /// <param name="traits">
    /// Any of: calm (no checkpoints, no VACUUM, no long readers), plain (autocheckpoint 1000), signed (nothing that makes this
    /// SQLite leave frames which its own recovery does not accept: see capture.md), "wild" for none.
    /// </param>
    public static int Run(string path, string ledgerPath, int seed, long most, string traits)
    {
        using var ledger = new Ledger(ledgerPath);
        using var application = new EnduringApplication(path, ledger, new Random(seed), traits);
        var letGo = Session.LetGo();
        long transactions = 0;
        for (; !letGo() && (most == 0 || transactions < most); transactions++)
        {
            application.Act();
            if (transactions == 0)
            {
                Session.Ready();
            }
        }

        Console.WriteLine(FormattableString.Invariant($"{transactions} transactions"));
        return 0;
    }
}

/// <summary>One such application: two connections, one of which reads and checkpoints.</summary>
internal sealed class EnduringApplication(string path, Ledger ledger, Random random, string traits) : IDisposable
{
    private static readonly string[] Checkpoints = ["TRUNCATE", "RESTART", "FULL", "PASSIVE"];
    private readonly bool calm = traits.Contains("calm", StringComparison.Ordinal);
    private readonly string pragmas = traits.Contains("plain", StringComparison.Ordinal)
        ? "PRAGMA synchronous=NORMAL; PRAGMA cache_spill=5; PRAGMA cache_size=10"
        : "PRAGMA synchronous=NORMAL; PRAGMA cache_spill=5; PRAGMA cache_size=10; PRAGMA wal_autocheckpoint=20";
    private SqliteConnection? connection;
    private SqliteConnection? second;
    private readonly bool signed = traits.Contains("signed", StringComparison.Ordinal);
    private int reading;
    private ulong digest;
    private long rows;

    /// <summary>One transaction, and what else comes to its mind.</summary>
    public void Act()
    {
        Open();
        if (!signed && Chance(0.03))
        {
            RollBackAll();
        }

        Commit();
        if (!calm)
        {
            ActBetween();
        }
    }

    public void Dispose() => Close();

    private bool Chance(double probability) => random.NextDouble() < probability;

    private void Open()
    {
        if (connection == null)
        {
            connection = Session.Open(path);
            second = Session.Open(path);
            Insist(connection, pragmas);
            Insist(second, "PRAGMA busy_timeout=0; PRAGMA wal_autocheckpoint=0");
        }
    }

    private void Close()
    {
        connection?.Dispose();
        second?.Dispose();
        (connection, second, reading) = (null, null, 0);
    }

    private void ActBetween()
    {
        if (reading > 0 && --reading == 0)
        {
            Insist(second!, "COMMIT");
        }

        switch (random.NextDouble())
        {
            case < 0.02 when reading == 0:
                // When somebody is in the way, it tries again for a moment, as a busy timeout does.
                var checkpoint = $"PRAGMA wal_checkpoint({Checkpoints[random.Next(Checkpoints.Length)]})";
                for (var tries = 0; tries < 20 && !TryExecute(second!, checkpoint); tries++)
                {
                    Thread.Sleep(1);
                }

                break;
            case < 0.03 when reading == 0:
                Insist(second!, "BEGIN");
                Insist(second!, "SELECT count(*) FROM t");
                reading = random.Next(5, 100);
                break;
            case < 0.034 when reading == 0:
                _ = TryExecute(connection!, Chance(0.5) ? "VACUUM" : "PRAGMA incremental_vacuum");
                break;
            case < 0.044:
                Close();
                break;
            case < 0.25:
                Thread.Sleep(random.Next(4));
                break;
        }
    }

    private void Begin()
    {
        Insist(connection!, "BEGIN IMMEDIATE");
        using var state = Command("SELECT number, digest, rows FROM state");
        using var reader = state.ExecuteReader();
        _ = reader.Read();
        Number = reader.GetInt64(0) + 1;
        digest = (ulong)reader.GetInt64(1);
        rows = reader.GetInt64(2);
    }

    private long Number { get; set; }

    private void Commit()
    {
        Begin();
        Change();
        using (var note = Command("UPDATE state SET number = $a, digest = $b, rows = $c", Number, (long)digest, rows))
        {
            _ = note.ExecuteNonQuery();
        }

        ledger.Intend(Number, digest, rows);
        Insist(connection!, "COMMIT");
        ledger.Acknowledge(Number);
    }

    private void RollBackAll()
    {
        Begin();
        Spill();
        Insist(connection!, "ROLLBACK");
    }

    private void Change()
    {
        for (var changes = random.Next(1, 5); changes > 0; changes--)
        {
            ChangeSome();
        }

        if (!signed && Chance(0.05))
        {
            // More than the cache holds: frames of it are in the WAL before it is undone.
            Insist(connection!, "SAVEPOINT s");
            Spill();
            Insist(connection!, "ROLLBACK TO s; RELEASE s");
        }

        if (!calm && Chance(0.02))
        {
            ComeOrGo("d" + random.Next(1, 5));
        }
    }

    private void ChangeSome()
    {
        var key = random.Next(1 << 30);
        switch (random.NextDouble())
        {
            case < 0.6:
                Insert("t", random.Next(10, 9000));
                break;
            case < 0.85:
                Select($"SELECT id, seed, length(v) FROM t WHERE k >= {key} ORDER BY k LIMIT 1").ForEach(Update);
                break;
            case < 0.997:
                Select($"SELECT id, seed, length(v) FROM t WHERE k >= {key} ORDER BY k LIMIT 6").ForEach(Delete);
                break;
            default:
                Empty("t");
                Insist(connection!, "DELETE FROM t");
                break;
        }
    }

    private void ComeOrGo(string table)
    {
        using var exists = Command("SELECT 1 FROM sqlite_master WHERE name = $a", table);
        if (exists.ExecuteScalar() != null)
        {
            Empty(table);
            Insist(connection!, $"DROP TABLE {table}");
            return;
        }

        Insist(connection!, $"CREATE TABLE {table}(id INTEGER PRIMARY KEY, seed INTEGER, k INTEGER, v BLOB)");
        for (var count = random.Next(10, 200); count > 0; count--)
        {
            Insert(table, random.Next(100, 6000));
        }
    }

    private void Spill() => Insist(connection!, "UPDATE t SET v = randomblob(length(v) + 900) WHERE id % 3 = 0");

    private void Insert(string table, int length)
    {
        var (seed, content) = NewContent(length);
        using var insert = Command(
            $"INSERT INTO {table}(seed, k, v) VALUES ($a, $b, $c)",
            seed,
            random.Next(1 << 30),
            content
        );
        _ = insert.ExecuteNonQuery();
        rows++;
        digest ^= EnduringContent.Mark(
            EnduringContent.NumberOf(table),
            raw.sqlite3_last_insert_rowid(connection!.Handle),
            seed,
            length
        );
    }

    private void Update((long Id, long Seed, long Length) row)
    {
        var (seed, content) = NewContent(random.Next(10, 9000));
        using var update = Command("UPDATE t SET seed = $a, v = $b WHERE id = $c", seed, content, row.Id);
        _ = update.ExecuteNonQuery();
        digest ^= EnduringContent.Mark(0, row.Id, row.Seed, row.Length);
        digest ^= EnduringContent.Mark(0, row.Id, seed, content.Length);
    }

    private void Delete((long Id, long Seed, long Length) row)
    {
        using var delete = Command("DELETE FROM t WHERE id = $a", row.Id);
        _ = delete.ExecuteNonQuery();
        rows--;
        digest ^= EnduringContent.Mark(0, row.Id, row.Seed, row.Length);
    }

    // Takes all rows of a table out of the digest.
    private void Empty(string table)
    {
        foreach (var (id, seed, length) in Select($"SELECT id, seed, length(v) FROM {table}"))
        {
            rows--;
            digest ^= EnduringContent.Mark(EnduringContent.NumberOf(table), id, seed, length);
        }
    }

    private (long Seed, byte[] Content) NewContent(int length)
    {
        var seed = random.NextInt64();
        var content = new byte[length];
        EnduringContent.Fill(seed, content);
        return (seed, content);
    }

    private List<(long Id, long Seed, long Length)> Select(string sql)
    {
        var found = new List<(long, long, long)>();
        using var select = Command(sql);
        using var reader = select.ExecuteReader();
        while (reader.Read())
        {
            found.Add((reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2)));
        }

        return found;
    }

    private SqliteCommand Command(string sql, params object[] values)
    {
        var command = connection!.CreateCommand();
        command.CommandText = sql;
        for (var at = 0; at < values.Length; at++)
        {
            _ = command.Parameters.AddWithValue($"${(char)('a' + at)}", values[at]);
        }

        return command;
    }

    // SQLite's own waiting is in whole seconds in this build.
    private void Insist(SqliteConnection on, string sql)
    {
        while (!TryExecute(on, sql))
        {
            Thread.Sleep(random.Next(2));
        }
    }

    private static bool TryExecute(SqliteConnection on, string sql) =>
        raw.sqlite3_exec(on.Handle, sql) switch
        {
            raw.SQLITE_OK => true,
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED => false,
            _ => throw new InvalidOperationException($"{sql}: {raw.sqlite3_errmsg(on.Handle).utf8_to_string()}"),
        };
}
