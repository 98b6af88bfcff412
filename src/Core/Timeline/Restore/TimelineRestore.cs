using Holdfast.Core.Engines;
using Holdfast.Core.Errors;
using Holdfast.Core.Restoring;

namespace Holdfast.Core.Timeline.Restore;

/// <summary>What a restore may use beside the target.</summary>
public sealed record TimelineRestoreOptions
{
    /// <summary>
    /// An existing file of about the same content: pages of a base that it has are not fetched. It is read only.
    /// </summary>
    public IPageReader? Existing { get; init; }

    /// <summary>Told the bytes written; null for none.</summary>
    public IProgress<ByteProgress>? Progress { get; init; }

    /// <summary>How many requests are in flight at once.</summary>
    /// <value>The default value is 6.</value>
    public int Requests { get; init; } = 6;
}

/// <summary>What was restored.</summary>
/// <param name="Plan">The way that was taken in the end.</param>
/// <param name="Objects">The objects that were read.</param>
/// <param name="BytesRead">The bytes that were read of them.</param>
/// <param name="PagesWritten">The pages that were written.</param>
/// <param name="PagesKept">Those among them that the existing file had.</param>
/// <param name="Lost">Segments that turned out to be missing or damaged, and were gone around.</param>
public sealed record TimelineRestored(
    TimelinePlan Plan,
    int Objects,
    long BytesRead,
    long PagesWritten,
    long PagesKept,
    IReadOnlyList<HoldfastException> Lost
);

/// <summary>
/// Rebuilds a commit, page by page, and proves by the hash of the database that it is the one that was there. Whoever
/// calls it puts the file into place only when it returns.
/// </summary>
public sealed class TimelineRestore(TimelineCatalogue catalogue)
{
    /// <summary>What a restore would fetch: reads the indexes, no pages.</summary>
    /// <exception cref="CommitUnavailableException">Something it needs is missing or damaged, as far as that shows.</exception>
    public async Task<RestoreEstimate> EstimateAsync(TimelinePlan plan, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var counts = new RestoreCounts(plan.DatabaseBytes, progress: null);
                var walk = new RestoreWalk(catalogue, plan, new PageSet(plan.Target.DatabasePages), counts);
                await foreach (var job in walk.JobsAsync(cancellationToken))
                {
                    foreach (var (block, _) in job.Blocks)
                    {
                        counts.Read(job.Reader.KeyOf(block.Part).Value, job.Reader.BytesToFetch(block));
                    }
                }

                return new RestoreEstimate(counts.Objects, counts.BytesRead, plan.DatabaseBytes);
            }
            catch (SegmentLostException lost)
            {
                plan.Lineage.Lose(lost.Segment, lost.Reason);
            }
            catch (JournalEndException end)
            {
                plan.Lineage.Learn(end.Segment, end.Last);
            }

            plan = await new TimelinePlanner(catalogue).PlanAsync(plan.Lineage, plan.Target.Number, cancellationToken);
        }
    }

    /// <summary>Writes every page of a commit.</summary>
    /// <param name="plan">Which, and how.</param>
    /// <param name="writer">Where to: each page is written, but for the lock page; pages may be written again when the
    /// way turns out to be blocked and another is taken.</param>
    /// <param name="options">What it may use.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="CommitUnavailableException">
    /// Something it needs is missing or damaged and there is no other way to the commit.
    /// </exception>
    /// <exception cref="HoldfastException">
    /// <see cref="ErrorCode.VerificationFailed"/>: what was written is not what was there.
    /// </exception>
    public async Task<TimelineRestored> RunAsync(
        TimelinePlan plan,
        IPageWriter writer,
        TimelineRestoreOptions options,
        CancellationToken cancellationToken
    )
    {
        var planner = new TimelinePlanner(catalogue);
        var compareDigests = false;
        while (true)
        {
            try
            {
                var run = new RestoreRun(catalogue, plan, writer, options, compareDigests);
                if (await run.RunAsync(cancellationToken) is { } restored)
                {
                    return restored;
                }

                compareDigests = true;
                continue;
            }
            catch (SegmentLostException lost)
            {
                plan.Lineage.Lose(lost.Segment, lost.Reason);
            }
            catch (JournalEndException end)
            {
                plan.Lineage.Learn(end.Segment, end.Last);
            }

            plan = await planner.PlanAsync(plan.Lineage, plan.Target.Number, cancellationToken);
        }
    }
}
