using System.Globalization;
using Holdfast.Core.Timeline;
using Holdfast.Core.Timeline.Spool;

namespace Holdfast.Workload;

/// <summary>Appends commits to a log until it is killed. Commit n is always the same, so that a test can tell it.</summary>
internal static class LogAppender
{
    public const int PageSize = 512;
    private const uint FirstSize = 40;

    /// <summary>Where the log is, small enough that files are finished and merged all the time.</summary>
    public static TimelineLogOptions OptionsOf(string directory) =>
        new()
        {
            Directory = directory,
            Database = "app.db",
            Targets = ["vault"],
            FileBytes = 20_000,
            CapBytes = 300_000,
        };

    public static int Run(string directory)
    {
        using var log = TimelineLog.Open(OptionsOf(directory), TimeProvider.System);
        if (log.Lineage == null)
        {
            log.BeginLineage(PageSize, log.Lost);
        }

        while (true)
        {
            var number = log.Tip.Number + 1;
            var (size, pages) = CommitOf(number);
            foreach (var (page, content) in pages)
            {
                byte[] buffer = [0, 0, 0, 0, .. content];
                log.AddPage(page, buffer);
            }

            _ = log.EndCommit(size, PositionAfter(number));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{log.Lineage} {number}"));
            if (number % 13 == 0)
            {
                log.Flush();
            }

            if (number % 700 == 0)
            {
                log.All[^1].SetProgress("vault", new TargetProgress { Stored = number - 50, Released = number - 50 });
            }
        }
    }

    /// <summary>The size of the database after a commit, and the pages that it writes.</summary>
    public static (uint Size, List<(uint Page, byte[] Content)> Pages) CommitOf(long number)
    {
        var random = new Random((int)number);
        var size = FirstSize + (uint)(number % 7);
        var count = number == 1 ? (int)size : random.Next(1, 6);
        var pages = new List<(uint, byte[])>();
        for (var at = 0; at < count; at++)
        {
            var content = new byte[PageSize];
            random.NextBytes(content);
            pages.Add((number == 1 ? (uint)at + 1 : (uint)random.Next(1, (int)size + 1), content));
        }

        return (size, pages);
    }

    public static SourcePosition PositionAfter(long number)
    {
        var bytes = new byte[SourcePosition.Length];
        BitConverter.TryWriteBytes(bytes, number);
        return new SourcePosition(bytes);
    }
}
