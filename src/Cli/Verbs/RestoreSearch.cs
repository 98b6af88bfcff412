using System.Globalization;
using Holdfast.Cli.CommandLine;
using Holdfast.Cli.Output;
using Holdfast.Cli.Setup;
using Holdfast.Core.Errors;
using Holdfast.Core.Restoring;
using Holdfast.Core.Snapshots;
using Holdfast.Core.Timeline;
using Holdfast.Core.Timeline.Format;
using Holdfast.Core.Timeline.Restore;

namespace Holdfast.Cli.Verbs;

/// <summary>Asks every target of a database for what is meant: its snapshots, and its timeline.</summary>
internal sealed class RestoreSearch(Session session, DatabaseSetup database, RestoreSelection selection)
{
    private readonly List<(TargetSetup Target, RestorableMoment Moment)> found = [];
    private readonly List<(TargetSetup Target, HoldfastException Error)> nothing = [];
    private readonly List<(TargetSetup Target, HoldfastException Error)> failures = [];

    /// <summary>Commits that are meant, and cannot be restored from one target.</summary>
    private readonly List<(TimelineCatalogue Catalogue, CommitUnavailableException Error)> lost = [];

    /// <summary>Restore points that have the name that was given.</summary>
    private readonly List<(LineageId Lineage, TimelinePoint Point)> named = [];

    /// <summary>What is meant, at whichever targets have it; the best is first.</summary>
    /// <param name="onCorrupt">Whether an older moment will do.</param>
    /// <param name="token">Ends it.</param>
    /// <exception cref="HoldfastException">
    /// No target has it: <see cref="ErrorCode.NothingSatisfies"/>, but only when every one could be asked.
    /// </exception>
    public async Task<IReadOnlyList<RestorableMoment>> FindAsync(OnCorrupt onCorrupt, CancellationToken token)
    {
        var asked = database
            .Targets.Select(t =>
                (Target: t, Snapshots: AskSnapshotsAsync(t, token), Timeline: AskTimelineAsync(t, token))
            )
            .ToList();
        await Task.WhenAll(asked.SelectMany(a => new Task[] { a.Snapshots, a.Timeline }));
        var catalogues = new List<(TargetSetup Target, TimelineCatalogue Catalogue)>();
        foreach (var (target, snapshots, timeline) in asked)
        {
            if (await NoteAsync(target, snapshots, timeline) is { } catalogue)
            {
                catalogues.Add(catalogue);
            }
        }

        await PlanAsync(catalogues, token);
        RequireOneMeaning();
        await SettleLossesAsync(onCorrupt, token);
        if (found.Count == 0)
        {
            throw failures.Select(f => f.Error).FirstOrDefault() ?? await NothingAsync(token);
        }

        foreach (var (target, error) in failures.DistinctBy(f => f.Target.Name))
        {
            session.Output.Warn($"{target.Name} may hold a newer copy, and cannot be asked: {error.Message}");
        }

        IReadOnlyList<RestorableMoment> moments = [.. MomentRestore.Order(found.Select(f => f.Moment))];
        if (moments[0] is TimelineMoment { Plan: { Expired: { } expired, Target: var commit } })
        {
            session.Output.Warn(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"as of {SnapshotText.Moment(commit.Time)} UTC, commit {commit.Number}: commits between {SnapshotText.Moment(expired.After)} and {SnapshotText.Moment(expired.Before)} UTC are no longer kept"
                )
            );
        }

        return moments;
    }

    /// <summary>The target of a moment.</summary>
    public TargetSetup TargetOf(RestorableMoment moment) =>
        moment is TimelineMoment commit
            ? database.Targets.First(t => t.Store == commit.Catalogue.Store)
            : database.Targets.First(t => t.Store == ((SnapshotMoment)moment).Store);

    private async Task<(TargetSetup, TimelineCatalogue)?> NoteAsync(
        TargetSetup target,
        Task<(SnapshotMoment? Moment, HoldfastException? Error)> asked,
        Task<(TimelineCatalogue? Catalogue, HoldfastException? Error)> askedTimeline
    )
    {
        var (moment, noSnapshot) = await asked;
        var (catalogue, noTimeline) = await askedTimeline;
        Note(target, noSnapshot);
        Note(target, noTimeline);
        if (moment is not null)
        {
            found.Add((target, moment));
        }

        return catalogue is null ? null : (target, catalogue);
    }

    private async Task<(SnapshotMoment? Moment, HoldfastException? Error)> AskSnapshotsAsync(
        TargetSetup target,
        CancellationToken token
    )
    {
        try
        {
            if (!selection.MeansSnapshots)
            {
                return (null, null);
            }

            var restore = new SnapshotRestore(target.Store, database.Catalogue(target), session.Paths, session.Time)
            {
                Key = asked => session.Keys.KeyForAsync(target.Store, asked),
            };
            return (new SnapshotMoment(restore, await restore.PlanAsync(selection.OfSnapshots, token)), null);
        }
        catch (HoldfastException error) when (IsAnswer(error))
        {
            return (null, error);
        }
    }

    private async Task<(TimelineCatalogue? Catalogue, HoldfastException? Error)> AskTimelineAsync(
        TargetSetup target,
        CancellationToken token
    )
    {
        try
        {
            return selection.MeansCommits
                ? (
                    await TimelineCatalogue.ListAsync(
                        target.Store,
                        database.Name,
                        await session.Keys.RingAsync(target.Store, database.Name, token),
                        token
                    ),
                    null
                )
                : (null, null);
        }
        catch (HoldfastException error) when (IsAnswer(error))
        {
            return (null, error);
        }
    }

    private async Task PlanAsync(
        List<(TargetSetup Target, TimelineCatalogue Catalogue)> catalogues,
        CancellationToken token
    )
    {
        // A number means a commit of the newest lineage anywhere, not of the newest that a target knows that lags behind.
        var requests = new HashSet<TimelineRequest>();
        var newest = catalogues.SelectMany(c => c.Catalogue.Lineages).Select(l => l.Id).DefaultIfEmpty().Max();
        foreach (var (target, catalogue) in catalogues)
        {
            foreach (var request in await RequestsAsync(target, catalogue, newest, token))
            {
                requests.Add(request);
                try
                {
                    var plan = await new TimelinePlanner(catalogue).PlanAsync(request, token);
                    var moment = new TimelineMoment(catalogue, plan, session.Paths, session.Time)
                    {
                        Others = [.. catalogues.Select(c => c.Catalogue).Where(other => other != catalogue)],
                    };
                    found.Add((target, moment));
                }
                catch (CommitUnavailableException error)
                {
                    lost.Add((catalogue, error));
                }
                catch (HoldfastException error) when (IsAnswer(error))
                {
                    Note(target, error);
                }
            }
        }

        if (catalogues.Count > 1 && lost.Any(one => one.Error.IsLost))
        {
            await PlanTogetherAsync(catalogues, requests, token);
        }
    }

    /// <summary>What one target lost, others may have: what no single one can give, they may give together.</summary>
    private async Task PlanTogetherAsync(
        List<(TargetSetup Target, TimelineCatalogue Catalogue)> catalogues,
        IEnumerable<TimelineRequest> requests,
        CancellationToken token
    )
    {
        var united = TimelineCatalogue.Unite([.. catalogues.Select(c => c.Catalogue)]);
        foreach (var request in requests)
        {
            try
            {
                var plan = await new TimelinePlanner(united).PlanAsync(request, token);
                found.Add((catalogues[0].Target, new TimelineMoment(united, plan, session.Paths, session.Time)));
            }
            catch (HoldfastException error) when (error is CommitUnavailableException || IsAnswer(error))
            {
                // What each of them lacks is told already.
            }
        }
    }

    private async Task<IEnumerable<TimelineRequest>> RequestsAsync(
        TargetSetup target,
        TimelineCatalogue catalogue,
        LineageId newest,
        CancellationToken token
    )
    {
        if (selection.Id is { } id)
        {
            var points = new List<(LineageId Id, TimelinePoint point)>();
            foreach (
                var (lineage, point) in catalogue.Lineages.SelectMany(l => l.Points.Select(point => (l.Id, point)))
            )
            {
                // What is sealed is not in the name.
                var slug = catalogue.Keys is { } keys
                    ? TimelineNames.SlugOf(
                        (await RestorePoint.ReadAsync(catalogue.Store, point.Key, keys, token)).Reason
                    )
                    : point.Slug;
                if (slug == id || slug == TimelineNames.SlugOf(id))
                {
                    points.Add((lineage, point));
                }
            }

            named.AddRange(points);
            return points.Select(p => new TimelineRequest { Commit = p.point.Commit, Lineage = p.Id }).Distinct();
        }

        // Nothing of the timeline is no failure as long as nobody asked for a commit.
        return catalogue.Lineages.Count == 0 && selection.Commit is null ? []
            : selection.Commit is { } commit
                ? [new TimelineRequest { Commit = commit, Lineage = selection.Lineage ?? NullIfNone(newest) }]
            : [new TimelineRequest { At = selection.At, EveryCommitSince = EveryCommitSince(target) }];
    }

    /// <summary>Since when every commit should be there; null when no configuration says it.</summary>
    private DateTimeOffset? EveryCommitSince(TargetSetup target) =>
        database.Timeline is null ? null
        : target.TimelineKeep.EveryCommit is { } window ? session.Time.GetUtcNow() - window
        : DateTimeOffset.MinValue;

    private static LineageId? NullIfNone(LineageId lineage) => lineage == default ? null : lineage;

    /// <summary>A name must mean one moment.</summary>
    private void RequireOneMeaning()
    {
        if (selection.Id is not { } id)
        {
            return;
        }

        var commits = named
            .DistinctBy(n => (n.Lineage, n.Point.Commit))
            .OrderBy(n => n.Point.Time)
            .Select(n =>
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"commit {n.Point.Commit} of {SnapshotText.Moment(n.Point.Time)} UTC"
                )
            )
            .ToList();
        var copies = found.Select(f => f.Moment).OfType<SnapshotMoment>().Select(m => $"the copy {m.Entry.Key}");
        var meanings = commits.Concat(commits.Count > 0 ? copies.Distinct(StringComparer.Ordinal) : []).ToList();
        if (meanings.Count > 1)
        {
            throw new HoldfastException(
                ErrorCode.Usage,
                $"'{id}' means {meanings.Count} moments: {string.Join(", ", meanings)}",
                "say which: --commit N, or the whole name of a copy"
            );
        }
    }

    /// <summary>
    /// What a timeline should have and cannot give is an error, unless another target's timeline has it: an older snapshot is
    /// never taken instead without being asked for.
    /// </summary>
    private async Task SettleLossesAsync(OnCorrupt onCorrupt, CancellationToken token)
    {
        foreach (var (catalogue, error) in lost)
        {
            var target = database.Targets.First(t => t.Store == catalogue.Store);
            if (!error.IsLost)
            {
                // It begins later, or ends earlier: whatever else there is is what is meant.
                nothing.Insert(0, (target, await WithTimesAsync(catalogue, error, token)));
            }
            else if (IsFoundBehind(error))
            {
                session.Output.Warn($"{target.Name}: {error.Message}; it is taken from another target");
            }
            else if (onCorrupt == OnCorrupt.Fail)
            {
                throw await WithTimesAsync(catalogue, error, token);
            }
            else
            {
                session.Output.Warn($"{error.Message}; an older moment is taken, what came after it is not in it");
                if (error.Before is { } before)
                {
                    var request = new TimelineRequest { Commit = before, Lineage = error.Lineage.Id };
                    var plan = await new TimelinePlanner(catalogue).PlanAsync(request, token);
                    found.Add((target, new TimelineMoment(catalogue, plan, session.Paths, session.Time)));
                }
                else
                {
                    nothing.Insert(0, (target, error));
                }
            }
        }
    }

    /// <summary>The same failure, with the times of the nearest commits.</summary>
    private static async Task<HoldfastException> WithTimesAsync(
        TimelineCatalogue catalogue,
        CommitUnavailableException error,
        CancellationToken token
    )
    {
        var planner = new TimelinePlanner(catalogue);
        var nearest = new List<string>();
        foreach (var (commit, where) in new[] { (error.Before, "before"), (error.After, "after") })
        {
            if (commit is not { } number)
            {
                continue;
            }

            try
            {
                var request = new TimelineRequest { Commit = number, Lineage = error.Lineage.Id };
                var time = (await planner.PlanAsync(request, token)).Target.Time;
                nearest.Add($"--commit {number} {where} it ({SnapshotText.Moment(time)} UTC)");
            }
            catch (HoldfastException)
            {
                // The failure is told with its own hint, then.
                return error;
            }
        }

        return nearest.Count == 0
            ? error
            : new HoldfastException(
                error.Code,
                error.Message,
                $"the nearest that can: {string.Join(", ", nearest)}{(error.IsLost ? "; what is between is affected" : "")}",
                error
            );
    }

    private bool IsFoundBehind(CommitUnavailableException error) =>
        found
            .Select(f => f.Moment)
            .OfType<TimelineMoment>()
            .Where(m => m.Plan.Expired is null)
            .Any(m =>
                m.Plan.Lineage.Id > error.Lineage.Id
                || (m.Plan.Lineage.Id == error.Lineage.Id && m.Plan.Target.Number > (error.Before ?? 0))
            );

    private void Note(TargetSetup target, HoldfastException? error)
    {
        if (error is not null)
        {
            (error.Code == ErrorCode.NothingSatisfies ? nothing : failures).Add((target, error));
        }
    }

    private static bool IsAnswer(HoldfastException error) =>
        error.Code is ErrorCode.NothingSatisfies or ErrorCode.TargetNotFound or ErrorCode.TargetUnreachable;

    /// <summary>The most telling of the answers; no copy is often a name that is spelt otherwise: say which ones there are.</summary>
    private async Task<HoldfastException> NothingAsync(CancellationToken token)
    {
        var (target, error) = nothing[0];
        if (lost.Count > 0)
        {
            return error;
        }

        var others = await session.Workspace.DatabasesInAsync(target, token);
        return others.Count == 0 || others.Contains(database.Name)
            ? error
            : new HoldfastException(
                error.Code,
                $"{error.Message}; there are copies of: {Workspace.Some(others)}",
                error.Hint
            );
    }
}
