using System.Globalization;
using Holdfast.Core.Retention;
using Holdfast.Core.Stores;
using Holdfast.Core.Timeline.Format;

namespace Holdfast.Core.Timeline.Retention;

/// <summary>
/// Decides what stays of the timelines of one database at one target, by names alone: what the objects hold may be
/// unreadable here. A pure function; see docs/timeline.md.
/// </summary>
public static class TimelineRetention
{
    /// <summary>Decides.</summary>
    /// <param name="objects">What is stored of the database; other objects are ignored.</param>
    /// <param name="database">Its name.</param>
    /// <param name="marks">The marks among these objects, with what they say.</param>
    /// <param name="keep">What is to stay.</param>
    /// <param name="now">The time of the decision.</param>
    public static TimelineRetentionPlan Decide(
        IEnumerable<ObjectInfo> objects,
        string database,
        IReadOnlyList<StoredDeletionMark> marks,
        TimelineKeep keep,
        DateTimeOffset now
    )
    {
        if (keep.EveryCommit is not { } window)
        {
            return TimelineRetentionPlan.Nothing;
        }

        var lineages = Lineage.Of(objects, database);
        var start = now - window - keep.Grace;
        var anchor = AnchorOf(lineages, start);
        var rules = keep.Points.IsEmpty ? keep.Points with { Last = 1 } : keep.Points;
        var points = lineages.SelectMany(lineage => lineage.Points).ToDictionary(point => point.Key.Value);
        var next = NextBuildsOn(lineages);
        var marked = MarksByName(marks);
        var plan = RetentionPlan.Decide(
            points.Values.Select(point => Candidate(point, lineages, marked, anchor, next, start, window)),
            rules,
            keep.Zone,
            now
        );
        var gone = plan
            .Decisions.Where(decision => decision.Verdict == RetentionVerdict.Sweep)
            .Where(d => rules.EffectiveGrace.Amount == 0 || (marked.TryGetValue(d.Id, out var m) && m.Due <= now))
            .Select(decision => points[decision.Id])
            .ToHashSet();
        var kept = plan.Decisions.Where(decision => decision.IsKept).Select(decision => points[decision.Id]).ToList();
        var (put, done) = Marks(plan, points, marks, rules, keep.Zone, now);
        return new TimelineRetentionPlan
        {
            Points =
            [
                .. plan.Decisions.Select(decision => new PointDecision(
                    points[decision.Id],
                    decision,
                    decision.IsKept ? FreedBy(points[decision.Id], kept) : 0
                )),
            ],
            Delete = [.. lineages.SelectMany(lineage => lineage.Deletions(gone, anchor)).Distinct()],
            Put = put,
            Done = done,
            Refusal = plan.Refusal,
            Next = NextOf(points.Values, keep, start, now),
        };
    }

    // The newest by the order of the rules: then what is held are the newest of all, and a period that goes on is known.
    /// <summary>The newest point at which the journal can begin that holds every commit of the window.</summary>
    private static LevelPoint? AnchorOf(IReadOnlyList<Lineage> lineages, DateTimeOffset start) =>
        lineages
            .Reverse()
            .Select(lineage =>
                lineage
                    .Points.Where(point => point.IsWhole && point.Name.Time <= start)
                    .OrderBy(point => point.Name.Time)
                    .ThenBy(point => point.Key.Value, StringComparer.Ordinal)
                    .LastOrDefault()
            )
            .FirstOrDefault(point => point != null);

    /// <summary>What a delta that is just being made may stand on: no listing shows that one yet.</summary>
    private static HashSet<LevelPoint> NextBuildsOn(IReadOnlyList<Lineage> lineages)
    {
        var points = lineages.LastOrDefault(lineage => lineage.Points.Count > 0)?.Points ?? [];
        return
        [
            .. Enumerable
                .Range(1, TimelineLevel.Base)
                .Select(level => LevelPoint.NewestOf(points, (byte)level))
                .OfType<LevelPoint>(),
        ];
    }

    private static RetentionCandidate Candidate(
        LevelPoint point,
        IReadOnlyList<Lineage> lineages,
        Dictionary<string, DeletionMark> marked,
        LevelPoint? anchor,
        HashSet<LevelPoint> next,
        DateTimeOffset start,
        TimeSpan window
    ) =>
        new(
            point.Key.Value,
            point.Name.Time!.Value,
            point.IsWhole ? CopyState.Good : CopyState.Bad,
            lineages.First(lineage => lineage.Id == point.Lineage).Pins.Contains(point.Name.Last),
            marked.GetValueOrDefault(point.Key.Value)?.Marked,
            [.. point.Below.Select(below => below.Key.Value)],
            point.IsExact ? TimelineLevel.ReachOf(point.Level) : RetentionRule.Within,
            point == anchor ? "every commit since is kept"
                : point.Name.Time > start ? $"younger than every-commit ({Hours(window)})"
                : null,
            next.Contains(point) ? "the next restore point may build on it" : null
        );

    private static string Hours(TimeSpan window) =>
        string.Create(CultureInfo.InvariantCulture, $"{window.TotalHours:0.##}h");

    private static Dictionary<string, DeletionMark> MarksByName(IReadOnlyList<StoredDeletionMark> marks)
    {
        var found = new Dictionary<string, DeletionMark>(StringComparer.Ordinal);
        foreach (var (key, content) in marks)
        {
            foreach (var name in content?.Objects ?? [])
            {
                var full = key.Value[..(key.Value.LastIndexOf('/') + 1)] + name;
                if (!found.TryGetValue(full, out var known) || known.Marked < content!.Marked)
                {
                    found[full] = content!;
                }
            }
        }

        return found;
    }

    /// <summary>
    /// New marks for what nothing needs since now. Of a mark that lists something which is needed again, or gone, what is
    /// left goes into another one: it must have its whole time when it is let go once more.
    /// </summary>
    private static (IReadOnlyList<(LineageId, DeletionMark)> Put, IReadOnlyList<ObjectKey> Done) Marks(
        RetentionPlan plan,
        Dictionary<string, LevelPoint> points,
        IReadOnlyList<StoredDeletionMark> marks,
        RetentionRules rules,
        TimeZoneInfo zone,
        DateTimeOffset now
    )
    {
        var verdicts = plan.Decisions.ToDictionary(decision => decision.Id, decision => decision.Verdict);
        var put = plan
            .Decisions.Where(decision => decision.Verdict == RetentionVerdict.Mark)
            .GroupBy(decision => points[decision.Id].Lineage)
            .Select(group =>
                (
                    group.Key,
                    new DeletionMark
                    {
                        Marked = now.ToUniversalTime(),
                        Due = rules.EffectiveGrace.EndFrom(now, zone).ToUniversalTime(),
                        Objects = [.. group.Select(decision => TimelineNames.Short(points[decision.Id].Key)).Order()],
                    }
                )
            )
            .ToList();
        var done = new List<ObjectKey>();
        foreach (var (key, content) in marks)
        {
            var directory = key.Value[..(key.Value.LastIndexOf('/') + 1)];
            var all = content?.Objects ?? [];
            var left = all.Where(name =>
                    verdicts.TryGetValue(directory + name, out var verdict)
                    && verdict is RetentionVerdict.Wait or RetentionVerdict.Sweep
                )
                .ToList();
            var isLeft = left.Exists(name => verdicts[directory + name] == RetentionVerdict.Wait || content!.Due > now);
            if (!isLeft)
            {
                done.Add(key);
            }
            else if (all.Any(name => verdicts.TryGetValue(directory + name, out var v) && v == RetentionVerdict.Unmark))
            {
                put.Add((points[directory + left[0]].Lineage, content! with { Objects = left }));
                done.Add(key);
            }
        }

        return (put, done);
    }

    private static long FreedBy(LevelPoint point, IReadOnlyList<LevelPoint> kept)
    {
        var needed = LevelPoint.NeededBy(kept.Where(other => other != point));
        return LevelPoint.NeededBy([point]).Where(one => !needed.Contains(one)).Sum(one => one.Bytes);
    }

    private static DateTimeOffset? NextOf(
        IEnumerable<LevelPoint> points,
        TimelineKeep keep,
        DateTimeOffset start,
        DateTimeOffset now
    )
    {
        if (keep.Levels.Count > 0)
        {
            return now + TimeSpan.FromHours(1);
        }

        var young = points.Where(point => point.Name.Time > start).Select(point => point.Name.Time!.Value).ToList();
        return young.Count == 0 ? null : young.Min() + (now - start);
    }

    /// <summary>What is stored of one lineage.</summary>
    private sealed class Lineage(LineageId id, List<(ObjectInfo Info, TimelineName Name)> found)
    {
        public LineageId Id => id;

        public IReadOnlyList<LevelPoint> Points { get; } = LevelPoint.Of(id, found);

        public HashSet<long> Pins { get; } =
        [.. found.Where(item => item.Name.Object == TimelineObject.Pin).Select(item => item.Name.Last)];

        /// <summary>The lineages of a database, the oldest first.</summary>
        public static IReadOnlyList<Lineage> Of(IEnumerable<ObjectInfo> objects, string database)
        {
            var lineages = new SortedDictionary<LineageId, List<(ObjectInfo Info, TimelineName Name)>>();
            foreach (var info in objects)
            {
                if (TimelineNames.TryParse(info.Key, database, out var lineage, out var name))
                {
                    if (!lineages.TryGetValue(lineage, out var known))
                    {
                        lineages.Add(lineage, known = []);
                    }

                    known.Add((info, name));
                }
            }

            return [.. lineages.Select(lineage => new Lineage(lineage.Key, lineage.Value))];
        }

        /// <summary>The objects to be deleted, in order: restore points, then what they need.</summary>
        public IEnumerable<ObjectKey> Deletions(HashSet<LevelPoint> gone, LevelPoint? anchor)
        {
            if (anchor == null || anchor.Lineage < id)
            {
                return PointsOf(gone);
            }

            var isOver = id < anchor.Lineage;
            var left = Points.Where(point => !gone.Contains(point)).ToList();
            var commits = left.Where(point => point.IsExact).Select(point => point.Name.Last).ToHashSet();
            IEnumerable<ObjectKey> first =
            [
                .. Of(TimelineObject.Point)
                    .Where(item => (isOver || item.Name.Last < anchor.Name.Last) && !commits.Contains(item.Name.Last))
                    .Select(item => item.Info.Key),
                .. PointsOf(gone),
                .. Journals(isOver ? long.MaxValue : anchor.Name.Settled),
            ];
            return isOver && left.Count == 0 ? [.. first, .. found.Select(item => item.Info.Key)] : first;
        }

        private IEnumerable<ObjectKey> PointsOf(HashSet<LevelPoint> gone) =>
            Points.Reverse().Where(gone.Contains).SelectMany(point => point.Objects);

        /// <summary>The journals with no commit after one, the oldest first.</summary>
        private IEnumerable<ObjectKey> Journals(long settled)
        {
            var journals = Of(TimelineObject.Journal)
                .Concat(Of(TimelineObject.RollUp))
                .OrderBy(item => item.Name.First)
                .ToList();
            var rolledUp = journals.Max(item => (long?)item.Name.Last) ?? 0;

            // The newest stays, by which the log knows its own again; so do journals that wait to be rolled up.
            var old =
                settled == long.MaxValue
                    ? journals
                    : journals
                        .SkipLast(1)
                        .Where(
                            (item, at) =>
                                item.Name.Object == TimelineObject.RollUp
                                    ? item.Name.Last <= settled
                                    : item.Name.First <= rolledUp && journals[at + 1].Name.First - 1 <= settled
                        );
            var parts = Of(TimelineObject.Part).ToLookup(item => item.Name.Stem, item => item.Info.Key);
            return old.SelectMany(item =>
                (IEnumerable<ObjectKey>)[item.Info.Key, .. parts[TimelineNames.StemOf(item.Info.Key)]]
            );
        }

        private IEnumerable<(ObjectInfo Info, TimelineName Name)> Of(TimelineObject kind) =>
            found.Where(item => item.Name.Object == kind);
    }
}
