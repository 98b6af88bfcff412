using System.Diagnostics;
using SQLitePCL;

namespace Holdfast.Workload;

/// <summary>Commits as fast as it can, or at a pace, and tells how fast that was.</summary>
internal static class Bursting
{
    public static int Run(string path, double seconds, int pauseInMilliseconds)
    {
        using var connection = Session.Open(path);
        connection.Execute(
            "PRAGMA synchronous=NORMAL; CREATE TABLE IF NOT EXISTS burst(id INTEGER PRIMARY KEY, v TEXT)"
        );
        _ = raw.sqlite3_prepare_v2(
            connection.Handle,
            "INSERT INTO burst(v) VALUES (hex(randomblob(50)))",
            out var insert
        );
        var slowest = TimeSpan.Zero;
        var clock = Stopwatch.StartNew();
        var commits = 0;
        Session.Ready();
        while (clock.Elapsed.TotalSeconds < seconds)
        {
            var begun = clock.Elapsed;
            while (raw.sqlite3_step(insert) != raw.SQLITE_DONE)
            {
                _ = raw.sqlite3_reset(insert);
                Thread.Sleep(0);
            }

            _ = raw.sqlite3_reset(insert);
            commits++;
            slowest = clock.Elapsed - begun is var took && took > slowest ? took : slowest;
            if (pauseInMilliseconds > 0)
            {
                Thread.Sleep(pauseInMilliseconds);
            }
        }

        insert.Dispose();
        Console.WriteLine(
            FormattableString.Invariant($"{commits / seconds:0} commits/s, slowest {slowest.TotalMilliseconds:0.0} ms")
        );
        return 0;
    }
}
