using System.Diagnostics;

namespace Holdfast.Figures;

/// <summary>Commits at random moments, and sees how long it takes until something new is stored.</summary>
internal static class Watch
{
    private const int LongestWait = 20_000;

    public static int Run(string path, string vault, int count, int interval)
    {
        using var sqlite = new Sqlite(path);
        sqlite.Execute("PRAGMA synchronous=NORMAL");
        var insert = sqlite.Prepare("INSERT INTO orders(customer, note) VALUES (?1, 'lag')");
        var random = new Random(7);
        var lags = new List<double>();
        for (var number = 0; number < count; number++)
        {
            Thread.Sleep(random.Next(interval));
            var before = Stored(vault);
            var clock = Stopwatch.StartNew();
            sqlite.Run(insert, number);
            while (Stored(vault) == before && clock.ElapsedMilliseconds < LongestWait)
            {
                Thread.Sleep(1);
            }

            lags.Add(clock.Elapsed.TotalMilliseconds);
        }

        lags.Sort();
        Console.WriteLine(
            FormattableString.Invariant($"p50={lags[count / 2]:0} p90={lags[count * 9 / 10]:0} max={lags[^1]:0}")
        );
        return 0;
    }

    // Whole files only: both write under another name first.
    private static (int Files, long Bytes) Stored(string vault)
    {
        var (files, bytes) = (0, 0L);
        try
        {
            foreach (var file in new DirectoryInfo(vault).EnumerateFiles("*", SearchOption.AllDirectories))
            {
                if (!file.Name.EndsWith("tmp", StringComparison.Ordinal))
                {
                    (files, bytes) = (files + 1, bytes + file.Length);
                }
            }
        }
        catch (IOException)
        {
            // A file was renamed meanwhile: the next look tells.
            return (0, 0);
        }

        return (files, bytes);
    }
}
