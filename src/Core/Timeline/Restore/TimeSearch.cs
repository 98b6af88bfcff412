using Holdfast.Core.Errors;

namespace Holdfast.Core.Timeline.Restore;

/// <summary>
/// Finds the last commit that was seen at or before a time. It is told for certain or not at all: when commits around
/// that time are not stored, nothing is guessed. When they were let go by retention, it is the newest restore point before.
/// </summary>
internal sealed class TimeSearch(
    TimelineCatalogue catalogue,
    IReadOnlyList<TimelineLineage> lineages,
    DateTimeOffset? everyCommitSince
)
{
    /// <summary>Finds the commit, and what is not kept between it and the time.</summary>
    /// <exception cref="HoldfastException">There is none, or it cannot be told.</exception>
    public async Task<(TimelineLineage Lineage, long Commit, ExpiredCommits? Expired)> FindAsync(
        DateTimeOffset time,
        CancellationToken cancellationToken
    )
    {
        foreach (var lineage in lineages.Reverse())
        {
            if (await FindAsync(lineage, time, cancellationToken) is var (commit, expired))
            {
                return (lineage, commit, expired);
            }
        }

        var oldest = lineages[0];
        _ = await new LineageReader(catalogue, oldest).LearnEndsAsync(cancellationToken);
        throw new CommitUnavailableException(
            oldest,
            ErrorCode.NothingSatisfies,
            $"{catalogue.Database} as of {time:u}",
            "its timeline begins later",
            before: null,
            TimelinePlanner.Nearest(oldest, most: 0, least: 1).After
        )
        {
            IsLost = false,
        };
    }

    /// <summary>The commit within a lineage; null when the lineage began later.</summary>
    private async Task<(long Commit, ExpiredCommits? Expired)?> FindAsync(
        TimelineLineage lineage,
        DateTimeOffset time,
        CancellationToken cancellationToken
    )
    {
        var reader = new LineageReader(catalogue, lineage);
        var tip = await reader.FindTipAsync(cancellationToken);
        if (lineage.IsUnited)
        {
            await reader.LearnJournalsAsync(cancellationToken);
        }

        var all = lineage.Sequence();
        if (all.Count == 0 && lineage != catalogue.Lineages[^1] && Expired(lineage, all, time) is { } ended)
        {
            return ended;
        }

        var known = all.ToList();
        var later = await FirstLaterAsync(reader, known, time, cancellationToken);
        var next = long.MaxValue;
        if (later < known.Count)
        {
            next = known[later].Name.First;
            if (await reader.IndexAsync(known[later], cancellationToken) is not { } index)
            {
                throw Unknown(lineage, next, time);
            }

            if (index.FindLast(time) is var position and >= 0)
            {
                return (index.Commit(position).Number, null);
            }

            tip = index.From.Number;
            if (tip == 0)
            {
                return null;
            }
        }

        // The last commit before the time must be the one before the first commit behind it: nothing may be missing.
        if (tip is { } last)
        {
            if (
                later > 0
                && await reader.IndexAsync(known[later - 1], cancellationToken) is { } before
                && before.Last >= last
            )
            {
                return (last, null);
            }

            if (await IsPointAtAsync(reader, lineage, last, time, cancellationToken))
            {
                return (last, null);
            }
        }

        if (later == 0 && lineage.Id.Began > time)
        {
            return null;
        }

        return (later == 0 ? Expired(lineage, all, time) : null) ?? throw Unknown(lineage, next, time);
    }

    /// <summary>
    /// The newest restore point before a time, when what came after it was let go: older than every journal that is there,
    /// where the oldest of these continues a restore point. Anything else that is missing is lost; null then.
    /// </summary>
    private (long Commit, ExpiredCommits? Expired)? Expired(
        TimelineLineage lineage,
        IReadOnlyList<TimelineSegment> all,
        DateTimeOffset time
    )
    {
        var points = lineage.Bases.Concat(lineage.Deltas).OrderBy(p => p.Name.Time).ToList();
        if (
            time >= everyCommitSince
            || points.FindLast(p => p.Name.Time <= time && lineage.IsExact(p)) is not { } point
        )
        {
            return null;
        }

        var start = all.Count > 0 ? all[0].Name.First : long.MaxValue;
        var isContinued = all.Count > 0 && lineage.IsContinuedFrom(start);
        if (point.Name.Last >= start || (all.Count > 0 && lineage.Lost.ContainsKey(all[0])))
        {
            return null;
        }

        var over = catalogue.Lineages.FirstOrDefault(other => other.Id > lineage.Id)?.Id.Began;
        return
            (points.Find(p => p.Name.Time > time)?.Name.Time ?? over) is { } next
            && (isContinued || (all.Count == 0 && over != null))
            ? (point.Name.Last, new ExpiredCommits(point.Name.Time!.Value, next))
            : null;
    }

    /// <summary>
    /// The first segment whose last commit was seen later than a time, by halving. What is lost is taken from the list.
    /// </summary>
    internal static async Task<int> FirstLaterAsync(
        LineageReader reader,
        List<TimelineSegment> known,
        DateTimeOffset time,
        CancellationToken cancellationToken
    )
    {
        var (low, high) = (0, known.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            switch (await IsLaterAsync(reader, known[middle], time, cancellationToken))
            {
                case true:
                    high = middle;
                    break;
                case false:
                    low = middle + 1;
                    break;
                default:
                    known.RemoveAt(middle);
                    high--;
                    break;
            }
        }

        return low;
    }

    /// <summary>Whether the last commit of a segment was seen later than a time; null when it is lost.</summary>
    private static async Task<bool?> IsLaterAsync(
        LineageReader reader,
        TimelineSegment segment,
        DateTimeOffset time,
        CancellationToken cancellationToken
    ) =>
        segment.Name.Time is { } floor && (floor > time || floor.AddMilliseconds(1) <= time) ? floor > time
        : await reader.IndexAsync(segment, cancellationToken) is { } index
            ? index.Commit(index.CommitCount - 1).Time > time
        : null;

    private static async Task<bool> IsPointAtAsync(
        LineageReader reader,
        TimelineLineage lineage,
        long commit,
        DateTimeOffset time,
        CancellationToken cancellationToken
    )
    {
        foreach (var candidate in lineage.Bases.Concat(lineage.Deltas).Where(p => p.Name.Last == commit))
        {
            if (await reader.IndexAsync(candidate, cancellationToken) is { } index)
            {
                return index.Commit(0).Time <= time;
            }
        }

        return false;
    }

    private CommitUnavailableException Unknown(TimelineLineage lineage, long next, DateTimeOffset time)
    {
        var (code, why) = TimelinePlanner.ReasonOf(lineage, "the commits around that time are not stored");
        var (before, after) = TimelinePlanner.Nearest(lineage, next - 1, next);
        return new CommitUnavailableException(
            lineage,
            code,
            $"{catalogue.Database} as of {time:u}",
            why,
            before,
            after
        );
    }
}
