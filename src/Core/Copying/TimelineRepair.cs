using Holdfast.Core.Errors;
using Holdfast.Core.Files;
using Holdfast.Core.Stores;
using Holdfast.Core.Timeline;
using Holdfast.Core.Timeline.Format;
using Holdfast.Core.Timeline.Restore;

namespace Holdfast.Core.Copying;

/// <summary>What a repair of a lineage came to.</summary>
/// <param name="Lineage">The lineage.</param>
/// <param name="Damaged">The segments that were found to be damaged.</param>
/// <param name="Taken">The segments that were taken from other targets, with the address of each.</param>
/// <param name="Left">What is damaged or missing still, and why.</param>
public sealed record TimelineRepairResult(
    LineageId Lineage,
    IReadOnlyList<ObjectKey> Damaged,
    IReadOnlyList<(ObjectKey Key, string From)> Taken,
    IReadOnlyList<string> Left
);

/// <summary>
/// Makes a timeline at one target whole by what others hold of it. Everything is read and proven: what is damaged is replaced
/// under its name, and what no longer leads to a commit is completed by segments of another target, which may be cut otherwise.
/// What is newer than all that the target holds is left to its agent. Not thread-safe.
/// </summary>
/// <param name="at">The timelines at the target, listed just now.</param>
/// <param name="others">Those at other targets of the same vault, or plain as well.</param>
/// <param name="paths">Where scratch files are.</param>
/// <param name="time">The clock.</param>
public sealed class TimelineRepair(
    TimelineCatalogue at,
    IReadOnlyList<TimelineCatalogue> others,
    WorkPaths paths,
    TimeProvider time
)
{
    /// <summary>Repairs a lineage.</summary>
    /// <exception cref="StoreException">A target cannot be used.</exception>
    public async Task<TimelineRepairResult> RunAsync(TimelineLineage lineage, CancellationToken cancellationToken)
    {
        _ = Scratch.SweepOrphans(paths.Scratch, time);
        using var scratch = Scratch.Create(paths.Scratch);
        var damaged = await ProveAsync(lineage, cancellationToken);
        var united = TimelineCatalogue.Unite([at, .. others]);
        var all = united.Lineages.First(l => l.Id == lineage.Id);
        var taken = new List<(ObjectKey Key, string From)>();
        var left = new List<string>();
        foreach (var key in damaged)
        {
            var twin = all.Segments.FirstOrDefault(s => s.Origin > 0 && s.Key == key);
            if (twin is null || !await TakeAsync(united, all, twin, scratch, taken, left, cancellationToken))
            {
                left.Add(
                    $"{key} at {at.Store.Address} is damaged, and {(twin is null ? "no other target has it" : "could not be replaced")}"
                );
            }
        }

        await CompleteAsync(united, all, scratch, taken, left, cancellationToken);
        return new TimelineRepairResult(lineage.Id, damaged, taken, [.. left.Distinct(StringComparer.Ordinal)]);
    }

    /// <summary>Reads every segment; notes in the lineage where each ends, and which are lost.</summary>
    private async Task<List<ObjectKey>> ProveAsync(TimelineLineage lineage, CancellationToken cancellationToken)
    {
        var damaged = new List<ObjectKey>();
        foreach (var segment in lineage.Segments.ToList())
        {
            try
            {
                var reader = await LineageReader.OpenAsync(at, lineage.Id, segment, cancellationToken);
                await reader.VerifyAsync(cancellationToken);
                if (segment.Name.Object is TimelineObject.Journal or TimelineObject.RollUp)
                {
                    lineage.Learn(segment, reader.Index);
                }
            }
            catch (HoldfastException error) when (error is SegmentLostException || SegmentLostException.IsLoss(error))
            {
                lineage.Lose(segment, error);

                // Retention and roll-ups remove the object with the index first: then it was not lost.
                if (await at.Store.HeadAsync(segment.Key, cancellationToken) is not null)
                {
                    damaged.Add(segment.Key);
                }
            }
        }

        return damaged;
    }

    /// <summary>Takes what leads to commits that can be restored from all targets together, but not from this one.</summary>
    private async Task CompleteAsync(
        TimelineCatalogue united,
        TimelineLineage all,
        Scratch scratch,
        List<(ObjectKey Key, string From)> taken,
        List<string> left,
        CancellationToken cancellationToken
    )
    {
        var reader = new LineageReader(united, all);
        var tried = taken.Select(t => t.Key).ToHashSet();
        var goesOn = true;
        while (goesOn)
        {
            goesOn = false;
            _ = await reader.LearnEndsAsync(cancellationToken);
            await reader.LearnJournalsAsync(cancellationToken);
            var here = all.OnlyOf(0, taken.Select(t => t.Key));
            foreach (var (first, last) in Missing(all.Ranges(), here))
            {
                // All that it had; what is newer comes from its agent.
                if (first > here.Highest)
                {
                    continue;
                }

                TimelinePlan plan;
                try
                {
                    plan = await new TimelinePlanner(united).PlanAsync(
                        all,
                        Math.Min(last, here.Highest),
                        cancellationToken
                    );
                }
                catch (CommitUnavailableException error)
                {
                    left.Add(error.Message);
                    continue;
                }

                foreach (var segment in plan.NewestFirst.Where(s => s.Origin > 0).Reverse().ToList())
                {
                    goesOn |=
                        tried.Add(segment.Key)
                        && await TakeAsync(united, all, segment, scratch, taken, left, cancellationToken);
                }
            }
        }

        foreach (var (first, last) in Missing(all.Ranges(), all.OnlyOf(0, taken.Select(t => t.Key))))
        {
            if (first <= all.OnlyOf(0, []).Highest)
            {
                left.Add(
                    FormattableString.Invariant($"commits {first} to {last} cannot be restored from {at.Store.Address}")
                );
            }
        }
    }

    /// <summary>The commits of ranges that a lineage cannot give.</summary>
    private static List<(long First, long Last)> Missing(IReadOnlyList<CommitRange> ranges, TimelineLineage here)
    {
        var missing = new List<(long First, long Last)>();
        var has = here.Ranges();
        foreach (var range in ranges)
        {
            var first = range.First;
            foreach (var own in has.Where(own => own.Last >= range.First && own.First <= range.Last))
            {
                if (own.First > first)
                {
                    missing.Add((first, own.First - 1));
                }

                first = Math.Max(first, own.Last == long.MaxValue ? own.Last : own.Last + 1);
            }

            if (first <= range.Last)
            {
                missing.Add((first, range.Last));
            }
        }

        return missing;
    }

    /// <summary>Takes a segment of another target; parts before the object with the index.</summary>
    private async Task<bool> TakeAsync(
        TimelineCatalogue united,
        TimelineLineage all,
        TimelineSegment segment,
        Scratch scratch,
        List<(ObjectKey Key, string From)> taken,
        List<string> left,
        CancellationToken cancellationToken
    )
    {
        var store = united.OriginOf(segment).Store;
        var transfer = new ObjectTransfer(store, at.Store, scratch);
        try
        {
            var reader = await LineageReader.OpenAsync(united, all.Id, segment, cancellationToken);
            await reader.VerifyAsync(cancellationToken);
            for (var part = reader.Index.Parts; part >= 0; part--)
            {
                // One that is there is damaged, or there would be nothing to repair.
                var key = reader.KeyOf(part);
                if (await transfer.CopyAsync(key, PutCondition.IfAbsent, null, cancellationToken) is null)
                {
                    _ = await transfer.CopyAsync(key, PutCondition.Always, null, cancellationToken);
                }
            }

            taken.Add((segment.Key, store.Address));
            return true;
        }
        catch (HoldfastException error) when (error is SegmentLostException || SegmentLostException.IsLoss(error))
        {
            all.Lose(segment, error);
            return false;
        }
        catch (StoreException error) when (error.Fault is StoreFault.Denied or StoreFault.Locked)
        {
            left.Add($"{segment.Key} cannot be written at {at.Store.Address}: {error.Message}");
            return false;
        }
    }
}
