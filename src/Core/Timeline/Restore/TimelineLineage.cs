using Holdfast.Core.Errors;
using Holdfast.Core.Stores;
using Holdfast.Core.Timeline.Format;

namespace Holdfast.Core.Timeline.Restore;

/// <summary>
/// The segments of one lineage: what a listing told, and what was learned since of where journals end and of what is lost.
/// Not thread-safe.
/// </summary>
public sealed class TimelineLineage
{
    private readonly Dictionary<TimelineSegment, long> lasts = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<TimelineSegment, HoldfastException> lost = new(ReferenceEqualityComparer.Instance);

    /// <summary>The journals of each target: where one ends shows in where the next one of the same target begins.</summary>
    private readonly IReadOnlyList<TimelineSegment>[] journals;
    private readonly long[][] starts;
    private readonly long[] allStarts;
    private long firstCommit = 1;

    internal TimelineLineage(LineageId id, IReadOnlyList<TimelineSegment> segments, IReadOnlyList<TimelinePoint> points)
    {
        Id = id;
        Points = points;
        Bases = [.. Of(segments, TimelineObject.Base).OrderBy(s => s.Name.Last).ThenBy(s => s.Name.First)];
        Deltas = [.. Of(segments, TimelineObject.Delta).OrderBy(s => s.Name.Last).ThenBy(s => s.Name.Settled)];
        Closings = [.. Of(segments, TimelineObject.Closing).OrderBy(s => s.Name.Last)];
        RollUps = [.. Of(segments, TimelineObject.RollUp).OrderBy(s => s.Name.First)];
        Journals = [.. Of(segments, TimelineObject.Journal).OrderBy(s => s.Name.First)];
        var origins = 1 + segments.Select(s => s.Origin).DefaultIfEmpty().Max();
        journals = [.. Enumerable.Range(0, origins).Select(o => Journals.Where(j => j.Origin == o).ToList())];
        starts =
        [
            .. Enumerable
                .Range(0, origins)
                .Select(o => (long[])[.. StartsOf(Journals.Concat(RollUps).Where(s => s.Origin == o))]),
        ];
        allStarts = [.. StartsOf(Journals.Concat(RollUps))];
    }

    /// <summary>The lineage.</summary>
    public LineageId Id { get; }

    /// <summary>Its bases, by the commit from which on they are usable.</summary>
    public IReadOnlyList<TimelineSegment> Bases { get; }

    /// <summary>Its deltas, by the commit from which on they are usable.</summary>
    public IReadOnlyList<TimelineSegment> Deltas { get; }

    /// <summary>What changed while bases and deltas were read, by the commit at which these were finished.</summary>
    public IReadOnlyList<TimelineSegment> Closings { get; }

    /// <summary>Its roll-ups, by first commit.</summary>
    public IReadOnlyList<TimelineSegment> RollUps { get; }

    /// <summary>Its journals as they were shipped, by first commit.</summary>
    public IReadOnlyList<TimelineSegment> Journals { get; }

    /// <summary>Its named restore points, by commit.</summary>
    public IReadOnlyList<TimelinePoint> Points { get; }

    /// <summary>Segments that turned out to be missing or damaged, with what was found.</summary>
    public IReadOnlyDictionary<TimelineSegment, HoldfastException> Lost => lost;

    /// <summary>The last commit of a segment of the journal, as far as it is known; the newest one's end is open.</summary>
    internal long LastOf(TimelineSegment segment)
    {
        if (segment.Name.Object == TimelineObject.RollUp)
        {
            return segment.Name.Last;
        }

        if (lasts.TryGetValue(segment, out var known))
        {
            return known;
        }

        var own = starts[segment.Origin];
        var next = Array.BinarySearch(own, segment.Name.First) + 1;
        return next < own.Length ? own[next] - 1 : long.MaxValue;
    }

    /// <summary>The segment to take a commit from: the roll-up that reaches farthest, else the journal.</summary>
    internal TimelineSegment? Covering(long commit)
    {
        TimelineSegment? best = null;
        foreach (var rollUp in RollUps)
        {
            if (
                rollUp.Name.First <= commit
                && rollUp.Name.Last >= commit
                && !lost.ContainsKey(rollUp)
                && (best == null || rollUp.Name.Last > best.Name.Last)
            )
            {
                best = rollUp;
            }
        }

        return best ?? JournalsAt(commit).FirstOrDefault(journal => !lost.ContainsKey(journal));
    }

    /// <summary>The lowest commit that a name tells.</summary>
    internal long Lowest =>
        Math.Min(
            allStarts.Length > 0 ? allStarts[0] : long.MaxValue,
            Bases.Count > 0 ? Bases[0].Name.Last : long.MaxValue
        );

    /// <summary>The highest commit that is known; where the newest journal ends must be known, or that it is lost.</summary>
    internal long Highest => Math.Max(LastBefore(long.MaxValue), Bases.Count > 0 ? Bases[^1].Name.Last : 0);

    /// <summary>The first commit of the newest journal when it is lost, and nothing tells where it ended; else the largest number.</summary>
    internal long OpenFrom =>
        Journals.Count > 0 && lost.ContainsKey(Journals[^1]) && LastOf(Journals[^1]) == long.MaxValue
            ? Journals[^1].Name.First
            : long.MaxValue;

    /// <summary>The highest commit below another that a segment of the journal may hold; 0 when there is none.</summary>
    internal long LastBefore(long commit) =>
        Usable().Select(LastOf).Where(last => last < commit).DefaultIfEmpty().Max();

    /// <summary>The lowest commit above another with which a segment of the journal begins; the largest number when there is none.</summary>
    internal long FirstAfter(long commit) =>
        Usable().Select(s => s.Name.First).Where(first => first > commit).DefaultIfEmpty(long.MaxValue).Min();

    /// <summary>The segments with the commits from one to another, in order; null when there is a gap.</summary>
    internal IReadOnlyList<TimelineSegment>? Chain(long first, long last)
    {
        var chain = new List<TimelineSegment>();
        while (first <= last)
        {
            if (Covering(first) is not { } segment)
            {
                return null;
            }

            chain.Add(segment);
            if (LastOf(segment) is var end && end >= last)
            {
                break;
            }

            first = end + 1;
        }

        return chain;
    }

    /// <summary>The closing of a base or delta; null when there is none, or it is lost.</summary>
    internal TimelineSegment? ClosingOf(TimelineSegment point) =>
        Closings.FirstOrDefault(c =>
            c.Name.Settled == point.Name.Settled && c.Name.Last == point.Name.Last && !lost.ContainsKey(c)
        );

    /// <summary>
    /// What a base or delta stands on: from the base to itself, in order; null when something of it is not there.
    /// </summary>
    internal IReadOnlyList<TimelineSegment>? LevelsOf(TimelineSegment point)
    {
        if (lost.ContainsKey(point))
        {
            return null;
        }

        if (point.Name.Object == TimelineObject.Base)
        {
            return [point];
        }

        return
            Bases
                .Concat(Deltas)
                .Where(below => TimelineLevel.StandsOn(point.Name, below.Name))
                .Select(LevelsOf)
                .FirstOrDefault(levels => levels != null)
                is { } found
            ? [.. found, point]
            : null;
    }

    /// <summary>Whether a base or delta, with what it stands on, is its commit without any journal.</summary>
    internal bool IsExact(TimelineSegment point) =>
        LevelsOf(point) != null && (point.Name.Settled == point.Name.Last || ClosingOf(point) != null);

    /// <summary>Whether the commits from one on continue a base or delta.</summary>
    internal bool IsContinuedFrom(long first) =>
        Bases.Concat(Deltas).Any(point => point.Name.Settled + 1 >= first && LevelsOf(point) != null);

    /// <summary>The ranges of commits that can be restored, in order. Where the newest journal ends must be known.</summary>
    internal IReadOnlyList<CommitRange> Ranges()
    {
        var ends = new Dictionary<long, long>();
        var found = Bases
            .Concat(Deltas)
            .Where(point => LevelsOf(point) != null)
            .Select(point =>
                (
                    point.Name.Last,
                    End: ClosingOf(point) == null
                        ? EndFrom(point.Name.Settled + 1, ends)
                        : Math.Max(EndFrom(point.Name.Settled + 1, ends), EndFrom(point.Name.Last + 1, ends))
                )
            )
            .Append((Last: firstCommit, End: EndFrom(1, ends)))
            .Where(r => r.End >= r.Last)
            .OrderBy(r => r.Last);
        var ranges = new List<CommitRange>();
        foreach (var (start, end) in found)
        {
            if (ranges.Count > 0 && start - 1 <= ranges[^1].Last)
            {
                ranges[^1] = new CommitRange(ranges[^1].First, Math.Max(ranges[^1].Last, end));
            }
            else
            {
                ranges.Add(new CommitRange(start, end));
            }
        }

        return ranges;
    }

    /// <summary>The segments from the first commit that is stored to the last, each once; there may be gaps between.</summary>
    internal IReadOnlyList<TimelineSegment> Sequence()
    {
        var sequence = new List<TimelineSegment>();
        var next = 0L;
        foreach (var start in allStarts)
        {
            // What one target holds up to here may go on in the middle of what another one holds.
            while (journals.Length > 1 && next > 0 && next < start && Covering(next) is { } going)
            {
                Take(going);
            }

            if (start >= next && (Covering(start) ?? JournalsAt(start).FirstOrDefault()) is { } segment)
            {
                Take(segment);
            }
        }

        while (journals.Length > 1 && next is > 0 and < long.MaxValue && Covering(next) is { } rest)
        {
            Take(rest);
        }

        return sequence;

        void Take(TimelineSegment segment)
        {
            sequence.Add(segment);
            next = LastOf(segment) is var end and < long.MaxValue ? end + 1 : long.MaxValue;
        }
    }

    /// <summary>Whether it is of several targets.</summary>
    internal bool IsUnited => journals.Length > 1;

    /// <summary>The newest journal of each target.</summary>
    internal IEnumerable<TimelineSegment> NewestJournals => journals.Where(own => own.Count > 0).Select(own => own[^1]);

    /// <summary>The same lineage at several targets, with what is known of each; the first is preferred.</summary>
    internal static TimelineLineage Unite(IReadOnlyList<(int Origin, TimelineLineage Lineage)> same)
    {
        var moved = same.SelectMany(one =>
                one.Lineage.Segments.Select(segment =>
                    (one.Lineage, Old: segment, New: segment with { Origin = one.Origin })
                )
            )
            .ToList();
        var united = new TimelineLineage(
            same[0].Lineage.Id,
            [.. moved.Select(m => m.New)],
            [.. same.SelectMany(one => one.Lineage.Points).DistinctBy(p => (p.Commit, p.Key)).OrderBy(p => p.Commit)]
        )
        {
            firstCommit = same.Max(one => one.Lineage.firstCommit),
        };
        foreach (var (lineage, old, segment) in moved)
        {
            if (lineage.lasts.TryGetValue(old, out var last))
            {
                united.lasts[segment] = last;
            }

            if (lineage.lost.TryGetValue(old, out var cause))
            {
                united.lost[segment] = cause;
            }
        }

        return united;
    }

    /// <summary>Its segments of all kinds.</summary>
    internal IEnumerable<TimelineSegment> Segments =>
        Bases.Concat(Deltas).Concat(Closings).Concat(RollUps).Concat(Journals);

    /// <summary>What one target holds of a united lineage, with segments that it got meanwhile.</summary>
    internal TimelineLineage OnlyOf(int origin, IEnumerable<ObjectKey> got)
    {
        var more = got.ToHashSet();
        var own = Segments.Where(s =>
            (s.Origin == origin && !lost.ContainsKey(s)) || (s.Origin != origin && more.Contains(s.Key))
        );
        var moved = own.DistinctBy(s => s.Key).Select(s => (Old: s, New: s with { Origin = 0 })).ToList();
        var one = new TimelineLineage(Id, [.. moved.Select(m => m.New)], Points) { firstCommit = firstCommit };
        foreach (var (old, segment) in moved)
        {
            if (lasts.TryGetValue(old, out var last))
            {
                one.lasts[segment] = last;
            }
        }

        return one;
    }

    /// <summary>Whether it was learned where a journal ends, or that it is lost.</summary>
    internal bool IsEndKnown(TimelineSegment journal) => lasts.ContainsKey(journal) || lost.ContainsKey(journal);

    /// <summary>Notes where a journal ends.</summary>
    internal void Learn(TimelineSegment segment, long last) => lasts[segment] = last;

    /// <summary>Notes what an index tells: where the segment ends, and where the lineage begins when it is condensed there.</summary>
    internal void Learn(TimelineSegment segment, SegmentIndex index)
    {
        Learn(segment, index.Last);
        firstCommit = index.From.Number == 0 ? index.Commit(0).Number : firstCommit;
    }

    /// <summary>Notes that a segment cannot be used.</summary>
    internal void Lose(TimelineSegment segment, HoldfastException cause) => lost[segment] = cause;

    private static IEnumerable<TimelineSegment> Of(IEnumerable<TimelineSegment> segments, TimelineObject kind) =>
        segments.Where(s => s.Name.Object == kind);

    private IEnumerable<TimelineSegment> Usable() => Journals.Concat(RollUps).Where(s => !lost.ContainsKey(s));

    private static IEnumerable<long> StartsOf(IEnumerable<TimelineSegment> segments) =>
        segments.Select(s => s.Name.First).Distinct().Order();

    /// <summary>The journal of each target that may hold a commit, as far as is known.</summary>
    private IEnumerable<TimelineSegment> JournalsAt(long commit)
    {
        foreach (var own in journals)
        {
            var (low, high) = (0, own.Count);
            while (low < high)
            {
                var middle = (low + high) / 2;
                (low, high) = own[middle].Name.First <= commit ? (middle + 1, high) : (low, middle);
            }

            if (low > 0 && LastOf(own[low - 1]) >= commit)
            {
                yield return own[low - 1];
            }
        }
    }

    /// <summary>The last commit that is reached without a gap; one less than <paramref name="start"/> when there is none.</summary>
    private long EndFrom(long start, Dictionary<long, long> ends)
    {
        var passed = new List<long>();
        var next = start;
        while (!ends.TryGetValue(next, out var end))
        {
            passed.Add(next);
            if (Covering(next) is not { } segment)
            {
                ends[next] = next - 1;
                break;
            }

            end = LastOf(segment);
            if (end == long.MaxValue)
            {
                ends[next] = end;
                break;
            }

            next = end + 1;
        }

        foreach (var one in passed)
        {
            ends[one] = ends[next];
        }

        return ends[start];
    }
}
