using System.Runtime.CompilerServices;
using Holdfast.Core.Errors;
using Holdfast.Core.Stores;
using Holdfast.Core.Timeline.Format;
using Holdfast.Core.Timeline.Restore;

namespace Holdfast.Core.Timeline.History;

/// <summary>
/// The commits of a lineage, from the indexes of its segments: read one at a time, when it is their turn, so that memory
/// is bounded and who stops early has read no more than was needed. Not thread-safe.
/// </summary>
public sealed class TimelineHistory(TimelineCatalogue catalogue)
{
    /// <summary>Reads the commits of a lineage in order, and what is missing between them.</summary>
    /// <param name="lineage">A lineage of the catalogue.</param>
    /// <param name="range">Which part of it.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="StoreException">The target cannot be read. What is lost there is told as a gap instead.</exception>
    public async IAsyncEnumerable<HistoryEntry> ReadAsync(
        TimelineLineage lineage,
        HistoryRange range,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var walk = new Walk(catalogue, lineage);
        var (low, high) = await walk.BoundsAsync(range, cancellationToken);
        while (low <= high)
        {
            var number = range.NewestFirst ? high : low;
            if (lineage.Covering(number) is { } segment)
            {
                // What reading tells of lost segments and early ends is noted in the lineage: it answers differently then.
                if (await walk.IndexAsync(segment, cancellationToken) is not { } index || index.Last < number)
                {
                    continue;
                }

                foreach (var commit in walk.Commits(index, low, high, range))
                {
                    yield return commit;
                }

                (low, high) = range.NewestFirst ? (low, index.First - 1) : (index.Last + 1, high);
                continue;
            }

            var (first, last) = range.NewestFirst
                ? (Math.Max(low, lineage.LastBefore(number) + 1), number)
                : (number, Math.Min(high, lineage.FirstAfter(number) - 1));
            await foreach (var item in walk.WithoutJournalAsync(first, last, range, cancellationToken))
            {
                yield return item;
            }

            (low, high) = range.NewestFirst ? (low, first - 1) : (last + 1, high);
        }
    }

    /// <summary>What cannot be restored of a lineage: between its windows, and behind the last of them.</summary>
    /// <param name="lineage">The lineage.</param>
    /// <param name="windows">Its windows, see <see cref="TimelineCatalogue.WindowsAsync"/>.</param>
    public static IReadOnlyList<GapEntry> GapsBetween(TimelineLineage lineage, IReadOnlyList<RecoverableWindow> windows)
    {
        var gaps = new List<GapEntry>();
        for (var i = 1; i < windows.Count; i++)
        {
            gaps.Add(Gap(lineage, windows[i - 1].Commits.Last + 1, windows[i].Commits.First - 1));
        }

        var first = windows.Count > 0 ? windows[^1].Commits.Last + 1 : lineage.Lowest;
        if (lineage.OpenFrom >= first && lineage.OpenFrom < long.MaxValue)
        {
            gaps.Add(Gap(lineage, first, lineage.OpenFrom));
        }
        else if (lineage.Highest >= first)
        {
            gaps.Add(Gap(lineage, first, lineage.Highest));
        }

        return gaps;
    }

    private static GapEntry Gap(TimelineLineage lineage, long first, long last)
    {
        var causes = lineage
            .Journals.Concat(lineage.RollUps)
            .Where(s => s.Name.First <= last && lineage.LastOf(s) >= first)
            .Select(s => lineage.Lost.GetValueOrDefault(s))
            .OfType<HoldfastException>()
            .ToList();
        var reason =
            causes.Count == 0 ? GapReason.NotStored
            : causes.TrueForAll(c => c is StoreException { Fault: StoreFault.NotFound }) ? GapReason.Missing
            : GapReason.Damaged;
        var detail = string.Join("; ", causes.Select(c => c.Message).Distinct(StringComparer.Ordinal).Take(5));
        return new GapEntry(
            lineage.Id,
            first,
            last >= lineage.OpenFrom ? null : last,
            reason,
            detail.Length > 0 ? detail : null
        );
    }

    /// <summary>One reading of one lineage.</summary>
    private sealed class Walk(TimelineCatalogue catalogue, TimelineLineage lineage)
    {
        private readonly LineageReader reader = new(catalogue, lineage);
        private IReadOnlyList<CommitRange> restorable = [];

        public Task<SegmentIndex?> IndexAsync(TimelineSegment segment, CancellationToken cancellationToken) =>
            reader.IndexAsync(segment, cancellationToken);

        /// <summary>The commits that are asked for, as far as there can be any.</summary>
        public async Task<(long Low, long High)> BoundsAsync(HistoryRange range, CancellationToken cancellationToken)
        {
            _ = await reader.LearnEndsAsync(cancellationToken);
            restorable = lineage.Ranges();
            var open = lineage.OpenFrom;
            var high = open < long.MaxValue ? Math.Max(open, lineage.Highest) : lineage.Highest;
            var low = Math.Max(range.First, lineage.Lowest);
            high = Math.Min(range.Last, high);
            if (range.Since is { } since)
            {
                low = Math.Max(low, await FirstSinceAsync(since, cancellationToken));
            }

            return (
                low,
                range.Until is { } until ? Math.Min(high, await LastUntilAsync(until, cancellationToken)) : high
            );
        }

        public IEnumerable<HistoryEntry> Commits(SegmentIndex index, long low, long high, HistoryRange range)
        {
            var first = index.FindLast(low - 1) + 1;
            var count = index.FindLast(high) - first + 1;
            for (var i = 0; i < count; i++)
            {
                var position = range.NewestFirst ? first + count - 1 - i : first + i;
                var commit = index.Commit(position);
                if (IsIn(range, commit.Time))
                {
                    var before = position > 0 ? index.Commit(position - 1).Number : index.From.Number;
                    yield return Commit(commit, before + 1, index.Header.PageSize, commit.PageCount);
                }
            }
        }

        /// <summary>A range of commits that no journal tells: bases may tell some of them, the others are gaps.</summary>
        public async IAsyncEnumerable<HistoryEntry> WithoutJournalAsync(
            long first,
            long last,
            HistoryRange range,
            [EnumeratorCancellation] CancellationToken cancellationToken
        )
        {
            var bases = lineage
                .Bases.Where(b => b.Name.Last >= first && b.Name.Last <= last)
                .DistinctBy(b => b.Name.Last);
            foreach (var one in range.NewestFirst ? bases.Reverse() : bases)
            {
                if (await reader.IndexAsync(one, cancellationToken) is not { } index)
                {
                    continue;
                }

                var number = one.Name.Last;
                if (range.NewestFirst ? number < last : number > first)
                {
                    yield return range.NewestFirst ? Gap(lineage, number + 1, last) : Gap(lineage, first, number - 1);
                }

                if (IsIn(range, index.Commit(0).Time))
                {
                    // Its pages are all pages, not those that were changed.
                    yield return Commit(index.Commit(0), number, index.Header.PageSize, pages: null);
                }

                (first, last) = range.NewestFirst ? (first, number - 1) : (number + 1, last);
            }

            if (first <= last)
            {
                yield return Gap(lineage, first, last);
            }
        }

        private static bool IsIn(HistoryRange range, DateTimeOffset time) =>
            !(time < range.Since) && !(time > range.Until);

        private CommitEntry Commit(in CommitInfo commit, long first, int pageSize, int? pages)
        {
            var number = commit.Number;
            return new CommitEntry(
                lineage.Id,
                number,
                commit.Flags.HasFlag(CommitFlags.Condensed) ? first : number,
                commit.Time,
                pageSize,
                pages,
                commit.DatabasePages,
                commit.Flags,
                restorable.Any(r => r.Contains(number))
            );
        }

        /// <summary>A commit before which none was seen at a time or later.</summary>
        private async Task<long> FirstSinceAsync(DateTimeOffset since, CancellationToken cancellationToken)
        {
            var earlier = since.AddTicks(-1);
            var known = lineage.Sequence().ToList();
            var later = await TimeSearch.FirstLaterAsync(reader, known, earlier, cancellationToken);
            if (later < known.Count && await reader.IndexAsync(known[later], cancellationToken) is { } index)
            {
                var position = index.FindLast(earlier);
                if (position >= 0)
                {
                    return index.Commit(position).Number + 1;
                }
            }

            return later > 0 ? lineage.LastOf(known[later - 1]) + 1 : 0;
        }

        /// <summary>A commit behind which none was seen at a time or earlier.</summary>
        private async Task<long> LastUntilAsync(DateTimeOffset until, CancellationToken cancellationToken)
        {
            var known = lineage.Sequence().ToList();
            var later = await TimeSearch.FirstLaterAsync(reader, known, until, cancellationToken);
            if (later == known.Count || await reader.IndexAsync(known[later], cancellationToken) is not { } index)
            {
                return long.MaxValue;
            }

            var position = index.FindLast(until);
            return position >= 0 ? index.Commit(position).Number : index.First - 1;
        }
    }
}
