using Holdfast.Core.Retention;
using Holdfast.Core.Timeline.Format;
using Holdfast.Core.Timeline.Retention;
using Holdfast.Core.Timeline.Spool;

namespace Holdfast.Core.Timeline.Shipping;

/// <summary>Tells when a restore point is to be made, of which level, and on what it is to stand.</summary>
internal sealed class PointSchedule
{
    private static readonly TimeSpan DailyBase = TimeSpan.FromDays(1);
    private static readonly TimeSpan MonthlyBase = TimeSpan.FromDays(35);

    // With less, bases cost more than they spare; with more, a restore reads more than two of them.
    private const double MostOfBase = 0.9;

    // Hours of all time zones begin at one of these.
    private static readonly TimeSpan Quarter = TimeSpan.FromMinutes(15);

    private readonly TimelineShipperOptions options;
    private readonly List<(byte Level, RetentionRule Tier)> coarsestFirst;
    private readonly TimeSpan? baseAge;
    private readonly bool isFine;

    public PointSchedule(TimelineShipperOptions options)
    {
        this.options = options;
        coarsestFirst = [.. options.Keep.Levels.Reverse()];
        isFine = coarsestFirst.Exists(item => item.Tier is RetentionRule.Hourly or RetentionRule.Daily);
        var byRules =
            !isFine ? DailyBase
            : options.KeepPoints.Yearly != null ? (TimeSpan?)null
            : MonthlyBase;
        baseAge = options.BaseAge ?? byRules;
        if (options.ObjectsLive is { } live && BucketLifetime.Of(options.Keep, live).BaseAge is { } most)
        {
            baseAge = baseAge < most ? baseAge : most;
        }
    }

    /// <summary>The level of the point that is due; null for none.</summary>
    public byte? DueFor(IReadOnlyList<LevelPoint> points, StoredBase newest, StoredLineage stored, DateTimeOffset now)
    {
        var finished = Math.Max(LevelPoint.NewestOf(points, 1)?.Name.Last ?? 0, newest.Finished);
        if (stored.Tip.Number > finished)
        {
            foreach (var (level, tier) in coarsestFirst)
            {
                var last = LevelPoint.NewestOf(points, level)?.Name.Time ?? newest.Time;
                if (Period.Of(tier, Local(last)) < Period.Of(tier, Local(now)))
                {
                    return level;
                }
            }
        }

        if (stored.Tip.Number > newest.Finished && now - newest.Time > baseAge)
        {
            return TimelineLevel.Base;
        }

        // What a restore reads of the journal begins at the newest point.
        var limit = Math.Max(newest.Bytes / 2, options.LeastJournalForBase);
        if (!isFine)
        {
            return stored.JournalBytesAfter(newest.Settled) > limit ? TimelineLevel.Base : null;
        }

        return stored.Tip.Number > finished && stored.JournalBytesAfter(finished) > limit
            ? coarsestFirst[^1].Level
            : null;
    }

    /// <summary>When a point may be due that is not due now, if nothing is committed.</summary>
    public DateTimeOffset NextFor(IReadOnlyList<LevelPoint> points, StoredBase newest, long tip, DateTimeOffset now)
    {
        var next = DateTimeOffset.MaxValue;
        if (tip > newest.Finished && baseAge is { } age)
        {
            next = newest.Time + age;
        }

        if (coarsestFirst.Count > 0 && tip > Math.Max(LevelPoint.NewestOf(points, 1)?.Name.Last ?? 0, newest.Finished))
        {
            var quarter = new DateTimeOffset((now.UtcTicks / Quarter.Ticks * Quarter.Ticks) + Quarter.Ticks, default);
            next = next < quarter ? next : quarter;
        }

        return next;
    }

    /// <summary>What is to be made: a delta, or a base when there is nothing for it to stand on, or too much.</summary>
    public PointWish WishFor(byte level, IReadOnlyList<LevelPoint> points, ShippingNote note, ISpool spool)
    {
        var closed = coarsestFirst.Count > 0;
        for (; level < TimelineLevel.Base; level++)
        {
            // A coarser one holds what several finer ones did, each page once: it may fit where they do not.
            if (FindBelow(level, points, note, spool) is { } below)
            {
                return new PointWish(level, below, closed);
            }
        }

        return new PointWish(TimelineLevel.Base, null, closed);
    }

    /// <summary>Where a delta begins; null when there is no such place, or a restore would read too much.</summary>
    private CommitPoint? FindBelow(byte level, IReadOnlyList<LevelPoint> points, ShippingNote note, ISpool spool)
    {
        if (
            LevelPoint.NewestOf(points, level) is not { } below
            || note.Points?.FirstOrDefault(point => point.Commit.Number == below.Name.Settled) is not { } settled
            || settled.Commit.Number < spool.ChangesSince
            || spool.Newest.DatabasePages == 0
        )
        {
            return null;
        }

        var (deltas, start) = ChainOf(below);
        var expected =
            (double)start.Bytes * PointShipment.CountChanged(spool, settled.Commit.Number) / spool.Newest.DatabasePages;
        return deltas + expected > Math.Max(MostOfBase * start.Bytes, options.LeastDeltasForBase)
            ? null
            : settled.Commit;
    }

    /// <summary>The bytes of the deltas that a point stands on, itself among them, and their base.</summary>
    private static (long Deltas, LevelPoint Base) ChainOf(LevelPoint point)
    {
        var deltas = 0L;
        while (point.Below.FirstOrDefault(below => below.IsWhole) is { } below)
        {
            deltas += point.Bytes;
            point = below;
        }

        return (deltas, point);
    }

    private DateTimeOffset Local(DateTimeOffset time) => TimeZoneInfo.ConvertTime(time, options.Zone);
}
