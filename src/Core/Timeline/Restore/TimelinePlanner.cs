using System.Globalization;
using Holdfast.Core.Errors;
using Holdfast.Core.Timeline.Format;

namespace Holdfast.Core.Timeline.Restore;

/// <summary>
/// Finds the way to a commit: the newest base or delta that is usable for it, then the journal. What is lost is gone around when
/// there is another way to the same commit; another commit is never taken instead. Not thread-safe.
/// </summary>
public sealed class TimelinePlanner(TimelineCatalogue catalogue)
{
    /// <summary>Plans the restore of a moment.</summary>
    /// <exception cref="CommitUnavailableException">
    /// It cannot be restored; the error names the nearest commits that can.
    /// </exception>
    /// <exception cref="HoldfastException"><see cref="ErrorCode.NothingSatisfies"/>: there is nothing of that kind.</exception>
    public async Task<TimelinePlan> PlanAsync(TimelineRequest request, CancellationToken cancellationToken)
    {
        var lineages = request.Lineage is { } id
            ? catalogue.Lineages.Where(l => l.Id == id).ToList()
            : catalogue.Lineages;
        if (lineages.Count == 0)
        {
            throw new HoldfastException(
                ErrorCode.NothingSatisfies,
                $"nothing of the timeline of {catalogue.Database} is stored at {catalogue.Store.Address}"
                    + (request.Lineage is { } missing ? $" in lineage {missing}" : ""),
                $"holdfast list {catalogue.Database}"
            );
        }

        if (request.At is { } time)
        {
            var search = new TimeSearch(catalogue, lineages, request.EveryCommitSince);
            var (lineage, commit, expired) = await search.FindAsync(time, cancellationToken);
            return await PlanAsync(lineage, commit, cancellationToken) with { Expired = expired };
        }

        var newest = lineages[^1];
        return await PlanAsync(newest, request.Commit ?? await TipAsync(newest, cancellationToken), cancellationToken);
    }

    /// <summary>Plans the restore of a commit; reads the index that holds it.</summary>
    internal async Task<TimelinePlan> PlanAsync(
        TimelineLineage lineage,
        long commit,
        CancellationToken cancellationToken
    )
    {
        var reader = new LineageReader(catalogue, lineage);
        while (FindWay(lineage, commit) is var (levels, journals))
        {
            var last = journals.Count > 0 ? journals[^1] : levels[^1];
            if (await reader.IndexAsync(last, cancellationToken) is not { } index || index.Last < commit)
            {
                continue;
            }

            var position = index.FindLast(commit);
            if (position < 0 || index.Commit(position).Number != commit)
            {
                throw Condensed(lineage, commit, index, position);
            }

            var start = levels.Count > 0 ? levels[0] : null;
            return new TimelinePlan(lineage, index.Commit(position), index.Header.PageSize, start, journals)
            {
                Deltas = [.. levels.Skip(1)],
            };
        }

        throw await UnavailableAsync(catalogue, lineage, commit, cancellationToken);
    }

    /// <summary>The failure for a commit, with the nearest ones that can be restored.</summary>
    internal static async Task<CommitUnavailableException> UnavailableAsync(
        TimelineCatalogue catalogue,
        TimelineLineage lineage,
        long commit,
        CancellationToken cancellationToken
    )
    {
        var tip = await new LineageReader(catalogue, lineage).LearnEndsAsync(cancellationToken);
        var asked = Math.Clamp(commit, 0, CommitPoint.MostCommits);
        var (before, after) = Nearest(lineage, asked - 1, asked + 1);
        var (code, why) =
            commit < 1 ? (ErrorCode.NothingSatisfies, "commits are numbered from 1")
            : commit > tip ? (ErrorCode.NothingSatisfies, Text($"the newest is {tip}"))
            : ReasonOf(lineage, "it is not stored, or what it builds on is not");
        return new CommitUnavailableException(
            lineage,
            code,
            Text($"commit {commit} of {catalogue.Database}"),
            why,
            before,
            after
        )
        {
            IsLost = commit >= 1 && !(commit > tip),
        };
    }

    /// <summary>The nearest commits that can be restored: at most the one, at least the other.</summary>
    internal static (long? Before, long? After) Nearest(TimelineLineage lineage, long most, long least)
    {
        long? before = null;
        long? after = null;
        foreach (var range in lineage.Ranges())
        {
            before = range.First <= most ? Math.Min(range.Last, most) : before;
            after ??= range.Last >= least ? Math.Max(range.First, least) : null;
        }

        return (before, after);
    }

    /// <summary>What is lost of a lineage, or what is to be said when nothing is.</summary>
    internal static (ErrorCode Code, string Why) ReasonOf(TimelineLineage lineage, string otherwise)
    {
        var causes = lineage.Lost.Values.ToList();
        if (causes.Count == 0)
        {
            return (ErrorCode.NothingSatisfies, otherwise);
        }

        var worst = causes.Find(c => c.Code == ErrorCode.VerificationFailed) ?? causes[0];
        return (worst.Code, string.Join("; ", causes.Select(c => c.Message).Distinct(StringComparer.Ordinal).Take(5)));
    }

    private static (IReadOnlyList<TimelineSegment> Levels, IReadOnlyList<TimelineSegment> Journals)? FindWay(
        TimelineLineage lineage,
        long commit
    )
    {
        if (commit < 1)
        {
            return null;
        }

        var points = lineage.Bases.Concat(lineage.Deltas).Where(point => point.Name.Last <= commit);
        foreach (var point in points.OrderByDescending(point => point.Name.Settled).ThenBy(point => point.Name.Last))
        {
            if (lineage.LevelsOf(point) is not { } levels)
            {
                continue;
            }

            var closing = lineage.ClosingOf(point);
            if (closing != null && point.Name.Last == commit)
            {
                return ([.. levels, closing], []);
            }

            if (lineage.Chain(point.Name.Settled + 1, commit) is { } journals)
            {
                return (levels, journals);
            }

            if (closing != null && lineage.Chain(point.Name.Last + 1, commit) is { } newer)
            {
                return ([.. levels, closing], newer);
            }
        }

        return lineage.Chain(1, commit) is { } all ? ([], all) : null;
    }

    private CommitUnavailableException Condensed(
        TimelineLineage lineage,
        long commit,
        SegmentIndex index,
        int position
    ) =>
        new(
            lineage,
            ErrorCode.NothingSatisfies,
            Text($"commit {commit} of {catalogue.Database}"),
            "its detail was given up while targets were away",
            position >= 0 ? index.Commit(position).Number
                : index.From.Number > 0 ? index.From.Number
                : null,
            index.Commit(position + 1).Number
        );

    private async Task<long> TipAsync(TimelineLineage lineage, CancellationToken cancellationToken)
    {
        if (await new LineageReader(catalogue, lineage).FindTipAsync(cancellationToken) is { } tip)
        {
            return tip;
        }

        var newest = lineage.NewestJournals.Where(lineage.Lost.ContainsKey).MaxBy(journal => journal.Name.First)!;
        var ranges = lineage.Ranges();
        throw new CommitUnavailableException(
            lineage,
            lineage.Lost[newest].Code,
            $"the newest commit of {catalogue.Database}",
            lineage.Lost[newest].Message,
            ranges.Count > 0 ? ranges[^1].Last : null,
            after: null
        );
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
