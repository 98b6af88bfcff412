using Holdfast.Core.Timeline;
using Holdfast.Core.Timeline.Format;
using Holdfast.Core.Timeline.Spool;

namespace Holdfast.Core.Tests.Timeline.Restore;

/// <summary>A database that never was: its commits, and what it looked like after each of them.</summary>
internal sealed class History
{
    private readonly Random random;
    private readonly List<Dictionary<uint, byte[]>> images =
    [
        [],
    ];
    private readonly List<HistoryCommit> commits = [];

    public History(int seed, int pageSize, int commitCount, uint largest = 40)
    {
        random = new Random(seed);
        PageSize = pageSize;
        for (var number = 1; number <= commitCount; number++)
        {
            Add(largest);
        }
    }

    public int PageSize { get; }

    public IReadOnlyList<HistoryCommit> Commits => commits;

    public CommitPoint Point(long number) => number == 0 ? default : CommitPoint.Of(commits[(int)number - 1].Info);

    /// <summary>The whole file after a commit.</summary>
    public byte[] Image(long number)
    {
        var file = new byte[commits[(int)number - 1].Info.DatabasePages * PageSize];
        foreach (var (page, content) in images[(int)number])
        {
            content.CopyTo(file, (int)(page - 1) * PageSize);
        }

        return file;
    }

    /// <summary>Tells commits, some of them condensed into the next one that is not given up.</summary>
    public void Tell(ISpoolVisitor visitor, long first, long last, IReadOnlySet<long> givenUp)
    {
        for (var number = first; number <= last; first = ++number)
        {
            while (givenUp.Contains(number))
            {
                number++;
            }

            var group = commits.Skip((int)first - 1).Take((int)(number - first) + 1).ToList();
            var info = group[^1].Info with { Flags = group.Count > 1 ? CommitFlags.Condensed : CommitFlags.None };
            var changed = group.SelectMany(c => c.Pages.Keys).Where(page => page <= info.DatabasePages).ToHashSet();
            if (group.Count > 1)
            {
                // What was cut off in between and is there again, too: nothing else tells that it is zero now.
                for (var page = group.Min(c => c.Info.DatabasePages) + 1; page <= info.DatabasePages; page++)
                {
                    changed.Add(page);
                }
            }

            visitor.Begin(info);
            foreach (var page in changed.Order())
            {
                visitor.Page(page, images[(int)number].GetValueOrDefault(page) ?? new byte[PageSize]);
            }

            visitor.End(info);
        }
    }

    /// <summary>Tells a base that was read while commits went on: what these changed is old, new or torn.</summary>
    public void TellBase(SegmentWriter writer, long settled, long finished)
    {
        var info = commits[(int)finished - 1].Info;
        var changed = commits
            .Skip((int)settled)
            .Take((int)(finished - settled))
            .SelectMany(c => c.Pages.Keys)
            .ToHashSet();
        var smallest = commits
            .Skip((int)settled - 1)
            .Take((int)(finished - settled) + 1)
            .Min(c => c.Info.DatabasePages);
        writer.Begin(info);
        for (var page = 1u; page <= commits[(int)settled - 1].Info.DatabasePages; page++)
        {
            var content = images[(int)settled].GetValueOrDefault(page) ?? new byte[PageSize];
            if (changed.Contains(page) || page > smallest)
            {
                content = content.ToArray();
                random.NextBytes(content.AsSpan(random.Next(PageSize)));
            }

            writer.Page(page, content);
        }

        writer.End(info);
    }

    /// <summary>Tells a delta that was read while commits went on: what these changed is old, new, torn or not there.</summary>
    public void TellDelta(SegmentWriter writer, long from, long settled, long finished)
    {
        var moving = ChangedOrCutOff(settled, finished);
        var size = commits[(int)settled - 1].Info.DatabasePages;
        var pages = ChangedOrCutOff(from, settled).Where(page => page <= size && !(moving.Contains(page) && Heads()));
        writer.Begin(commits[(int)finished - 1].Info);
        foreach (var page in pages.Concat(moving.Where(page => page <= size && Heads())).Distinct().Order())
        {
            var content = (images[(int)settled].GetValueOrDefault(page) ?? new byte[PageSize]).ToArray();
            if (moving.Contains(page))
            {
                random.NextBytes(content.AsSpan(random.Next(PageSize)));
            }

            writer.Page(page, content);
        }

        writer.End(commits[(int)finished - 1].Info);
    }

    /// <summary>Tells exactly what changed between two commits.</summary>
    public void TellClosing(SegmentWriter writer, long settled, long finished)
    {
        var info = commits[(int)finished - 1].Info;
        writer.Begin(info);
        foreach (var page in ChangedOrCutOff(settled, finished).Where(page => page <= info.DatabasePages).Order())
        {
            writer.Page(page, images[(int)finished].GetValueOrDefault(page) ?? new byte[PageSize]);
        }

        writer.End(info);
    }

    private bool Heads() => random.Next(2) == 0;

    private HashSet<uint> ChangedOrCutOff(long after, long last)
    {
        var pages = new HashSet<uint>();
        for (var number = after + 1; number <= last; number++)
        {
            var (before, now) = (
                commits[(int)number - 2].Info.DatabasePages,
                commits[(int)number - 1].Info.DatabasePages
            );
            pages.UnionWith(commits[(int)number - 1].Pages.Keys);
            for (var page = now + 1; page <= before; page++)
            {
                _ = pages.Add(page);
            }
        }

        return pages;
    }

    private void Add(uint largest)
    {
        var number = commits.Count + 1;
        var before = images[^1];
        var size = commits.Count == 0 ? 0 : commits[^1].Info.DatabasePages;
        var newSize = size == 0 || random.Next(4) == 0 ? (uint)random.Next(1, (int)largest + 1) : size;
        var pages = new SortedDictionary<uint, byte[]>();
        var count = number == 1 ? newSize : (uint)random.Next(0, 6);
        for (var i = 0u; i < count; i++)
        {
            // Few pages are hot; a growing commit leaves holes.
            var page =
                number == 1
                    ? i + 1
                    : (uint)random.Next(1, (int)(random.Next(3) > 0 ? Math.Min(newSize, 5) : newSize) + 1);
            var content = new byte[PageSize];
            random.NextBytes(content.AsSpan(0, PageSize / 2));
            pages[page] = content;
        }

        var image = before.Where(p => p.Key <= newSize).ToDictionary();
        foreach (var (page, content) in pages)
        {
            image[page] = content;
        }

        images.Add(image);
        var hash = 0UL;
        for (var page = 1u; page <= newSize; page++)
        {
            hash ^= PageHash.Of(page, image.GetValueOrDefault(page) ?? new byte[PageSize]);
        }

        var time = Format
            .Segments.Time.AddMilliseconds(number * 250L + random.Next(200))
            .AddMicroseconds(random.Next(999));
        commits.Add(
            new HistoryCommit(new CommitInfo(number, time, newSize, hash, pages.Count, CommitFlags.None), pages)
        );
    }
}

/// <summary>One commit and the pages it wrote.</summary>
internal sealed record HistoryCommit(CommitInfo Info, SortedDictionary<uint, byte[]> Pages);
