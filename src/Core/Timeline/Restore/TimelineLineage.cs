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
    private readonly Dictionary<ObjectKey, long> lasts = [];
    private readonly Dictionary<ObjectKey, HoldfastException> lost = [];
    private readonly long[] starts;
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
        starts = [.. Journals.Concat(RollUps).Select(s => s.Name.First).Distinct().Order()];
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
    public IReadOnlyDictionary<ObjectKey, HoldfastException> Lost => lost;

    /// <summary>The last commit of a segment of the journal, as far as it is known; the newest one's end is open.</summary>
    internal long LastOf(TimelineSegment segment)
    {
        if (segment.Name.Object == TimelineObject.RollUp)
        {
            return segment.Name.Last;
        }

        if (lasts.TryGetValue(segment.Key, out var known))
        {
            return known;
        }

        var next = Array.BinarySearch(starts, segment.Name.First) + 1;
        return next < starts.Length ? starts[next] - 1 : long.MaxValue;
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
                && !lost.ContainsKey(rollUp.Key)
                && (best == null || rollUp.Name.Last > best.Name.Last)
            )
            {
                best = rollUp;
            }
        }

        return best ?? (JournalAt(commit) is { } journal && !lost.ContainsKey(journal.Key) ? journal : null);
    }

    /// <summary>The lowest commit that a name tells.</summary>
    internal long Lowest =>
        Math.Min(starts.Length > 0 ? starts[0] : long.MaxValue, Bases.Count > 0 ? Bases[0].Name.Last : long.MaxValue);

    /// <summary>The highest commit that is known; where the newest journal ends must be known, or that it is lost.</summary>
    internal long Highest => Math.Max(LastBefore(long.MaxValue), Bases.Count > 0 ? Bases[^1].Name.Last : 0);

    /// <summary>The first commit of the newest journal when it is lost, and nothing tells where it ended; else the largest number.</summary>
    internal long OpenFrom =>
        Journals.Count > 0 && lost.ContainsKey(Journals[^1].Key) && LastOf(Journals[^1]) == long.MaxValue
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
            c.Name.Settled == point.Name.Settled && c.Name.Last == point.Name.Last && !lost.ContainsKey(c.Key)
        );

    /// <summary>
    /// What a base or delta stands on: from the base to itself, in order; null when something of it is not there.
    /// </summary>
    internal IReadOnlyList<TimelineSegment>? LevelsOf(TimelineSegment point)
    {
        if (lost.ContainsKey(point.Key))
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
        foreach (var start in starts)
        {
            if (start >= next && (Covering(start) ?? JournalAt(start)) is { } segment)
            {
                sequence.Add(segment);
                next = LastOf(segment) is var end and < long.MaxValue ? end + 1 : long.MaxValue;
            }
        }

        return sequence;
    }

    /// <summary>Whether it was learned where a journal ends, or that it is lost.</summary>
    internal bool IsEndKnown(TimelineSegment journal) =>
        lasts.ContainsKey(journal.Key) || lost.ContainsKey(journal.Key);

    /// <summary>Notes where a journal ends.</summary>
    internal void Learn(TimelineSegment segment, long last) => lasts[segment.Key] = last;

    /// <summary>Notes what an index tells: where the segment ends, and where the lineage begins when it is condensed there.</summary>
    internal void Learn(TimelineSegment segment, SegmentIndex index)
    {
        Learn(segment, index.Last);
        firstCommit = index.From.Number == 0 ? index.Commit(0).Number : firstCommit;
    }

    /// <summary>Notes that a segment cannot be used.</summary>
    internal void Lose(TimelineSegment segment, HoldfastException cause) => lost[segment.Key] = cause;

    private static IEnumerable<TimelineSegment> Of(IEnumerable<TimelineSegment> segments, TimelineObject kind) =>
        segments.Where(s => s.Name.Object == kind);

    private IEnumerable<TimelineSegment> Usable() => Journals.Concat(RollUps).Where(s => !lost.ContainsKey(s.Key));

    private TimelineSegment? JournalAt(long commit)
    {
        var (low, high) = (0, Journals.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = Journals[middle].Name.First <= commit ? (middle + 1, high) : (low, middle);
        }

        return low > 0 && LastOf(Journals[low - 1]) >= commit ? Journals[low - 1] : null;
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
