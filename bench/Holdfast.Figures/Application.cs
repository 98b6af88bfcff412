using System.Diagnostics;

namespace Holdfast.Figures;

/// <summary>An application with small transactions: an order is added, a customer is changed.</summary>
internal static class Application
{
    private const int Customers = 20_000;

    public static int Create(string path, int megabytes)
    {
        using var sqlite = new Sqlite(path);
        sqlite.Execute(
            FormattableString.Invariant(
                $"""
                PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA wal_autocheckpoint=0;
                CREATE TABLE customers(id INTEGER PRIMARY KEY, name TEXT, orders INT, paid REAL);
                CREATE TABLE orders(id INTEGER PRIMARY KEY, customer INT, note TEXT, at INT);
                BEGIN;
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {Customers})
                  INSERT INTO customers SELECT i, 'customer ' || i || ' of ' || hex(randomblob(8)), 0, i / 7.0 FROM n;
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {megabytes * 5400})
                  INSERT INTO orders SELECT i, i * 7 % {Customers}, 'sent to the shelf ' || (i % 977) || ', box '
                    || hex(randomblob(40)) || ', with the usual care and a card', 1700000000 + i FROM n;
                COMMIT;
                PRAGMA wal_checkpoint(TRUNCATE);
                """
            )
        );
        return 0;
    }

    /// <summary>Writes for a time, as fast as it can or at a pace.</summary>
    public static int Write(string path, int seconds, int perSecond)
    {
        using var sqlite = new Sqlite(path);
        sqlite.Execute("PRAGMA synchronous=NORMAL");
        var transaction = new Transaction(sqlite);
        for (var warm = 0; warm < 50; warm++)
        {
            transaction.Run();
        }

        var latencies = new List<int>(1 << 20);
        var (clock, largest) = (Stopwatch.StartNew(), 0L);
        while (clock.Elapsed.TotalSeconds < seconds)
        {
            var begun = clock.ElapsedTicks;
            transaction.Run();
            latencies.Add((int)((clock.ElapsedTicks - begun) * 1_000_000 / Stopwatch.Frequency));
            if (latencies.Count % 64 == 0 || perSecond > 0)
            {
                largest = Math.Max(largest, new FileInfo(path + "-wal").Length);
            }

            if (perSecond > 0)
            {
                var left = ((double)latencies.Count / perSecond) - clock.Elapsed.TotalSeconds;
                Thread.Sleep(left > 0 ? TimeSpan.FromSeconds(left) : TimeSpan.Zero);
            }
        }

        var count = latencies.Count;
        var rate = count / clock.Elapsed.TotalSeconds;
        latencies.Sort();
        Console.WriteLine(
            FormattableString.Invariant(
                $"commits={count} rate={rate:0.0} p50={latencies[count / 2]} p99={latencies[count * 99 / 100]} max={latencies[^1]} wal={largest}"
            )
        );
        return 0;
    }

    /// <summary>Makes so many commits without a checkpoint, and tells the bytes that they are in the WAL.</summary>
    public static int Commit(string path, int count)
    {
        using var sqlite = new Sqlite(path);
        sqlite.Execute("PRAGMA synchronous=NORMAL; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA wal_autocheckpoint=0");
        var transaction = new Transaction(sqlite);
        for (var number = 0; number < count; number++)
        {
            transaction.Run();
        }

        Console.WriteLine($"wal={new FileInfo(path + "-wal").Length}");
        return 0;
    }

    private sealed class Transaction(Sqlite sqlite)
    {
        private readonly nint begin = sqlite.Prepare("BEGIN IMMEDIATE");
        private readonly nint insert = sqlite.Prepare(
            "INSERT INTO orders(customer, note, at) VALUES (?1, 'sent to the shelf ' || ?1 || ', box ' || hex(randomblob(40)), 1800000000)"
        );
        private readonly nint update = sqlite.Prepare(
            "UPDATE customers SET orders = orders + 1, paid = paid + 3.25 WHERE id = ?1"
        );
        private readonly nint commit = sqlite.Prepare("COMMIT");
        private readonly Random random = new(7);

        public void Run()
        {
            var customer = random.Next(1, Customers);
            sqlite.Run(begin);
            sqlite.Run(insert, customer);
            sqlite.Run(update, customer);
            sqlite.Run(commit);
        }
    }
}
