using System.Globalization;
using Holdfast.Core.Errors;
using Holdfast.Core.Timeline.Format;

namespace Holdfast.Core.Timeline.Restore;

/// <summary>
/// Goes through the segments of a plan, the newest first, and says which blocks hold the pages of the target. Each page is
/// claimed once, by the newest commit that wrote it and after which the database was never too small to hold it. Indexes
/// are opened some ahead and not kept. Not thread-safe.
/// </summary>
internal sealed class RestoreWalk(TimelineCatalogue catalogue, TimelinePlan plan, PageSet claimed, RestoreCounts counts)
{
    private const int OpenAhead = 8;

    /// <summary>Pages beyond this were cut off later than what is looked at now, and are not those of the target.</summary>
    private uint limit = plan.Target.DatabasePages;

    /// <summary>What the next commit must be; null for the target itself.</summary>
    private CommitPoint? expected;

    /// <summary>The jobs, in the order in which they are best done.</summary>
    public async IAsyncEnumerable<BlockJob> JobsAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var segments = plan.NewestFirst.ToList();
        var opening = new Queue<Task<SegmentReader>>();
        try
        {
            for (var i = 0; i < segments.Count; i++)
            {
                while (opening.Count < OpenAhead && i + opening.Count < segments.Count)
                {
                    opening.Enqueue(
                        LineageReader.OpenAsync(
                            catalogue,
                            plan.Lineage.Id,
                            segments[i + opening.Count],
                            cancellationToken
                        )
                    );
                }

                var reader = await opening.Dequeue();
                counts.Opened(reader);
                var wanted = new List<WantedPages>();
                Claim(segments[i], reader.Index, wanted);
                foreach (var job in WantedBlocks.Jobs(segments[i], reader, wanted))
                {
                    yield return job;
                }
            }
        }
        finally
        {
            // What was opened ahead in vain may fail, too: that is of no interest any more.
            await ((Task)Task.WhenAll(opening)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Claim(TimelineSegment segment, SegmentIndex index, List<WantedPages> wanted)
    {
        if (index.Header.PageSize != plan.PageSize)
        {
            throw Torn(segment, "it has pages of another size");
        }

        if (index.Header.Kind != SegmentKind.Journal)
        {
            ClaimWhole(segment, index, wanted);
            return;
        }

        var next = (expected ?? CommitPoint.Of(plan.Target)).Number;
        if (index.Last < next)
        {
            throw new JournalEndException(segment, index.Last);
        }

        var position = index.FindLast(next);
        RequireExpected(segment, position < 0 ? index.From : CommitPoint.Of(index.Commit(position)));
        for (; position >= 0 && index.Commit(position) is var commit && commit.Number > plan.Settled; position--)
        {
            limit = Math.Min(limit, commit.DatabasePages);
            Claim(index, position, wanted);
        }

        expected = position < 0 ? index.From : CommitPoint.Of(index.Commit(position));
    }

    /// <summary>Claims of a base, a delta or a closing.</summary>
    private void ClaimWhole(TimelineSegment segment, SegmentIndex index, List<WantedPages> wanted)
    {
        var found = expected == null ? CommitPoint.Of(index.Commit(0)) : index.Settled;

        // A condensed commit can span the one at which it was settled; then there is nothing to compare.
        if (expected is not { } following || following.Number >= found.Number)
        {
            RequireExpected(segment, found);
        }

        limit = Math.Min(limit, found.DatabasePages);
        Claim(index, 0, wanted);
        expected = index.From;
    }

    /// <summary>Whether a segment continues what follows it, and is no other history with the same numbers.</summary>
    private void RequireExpected(TimelineSegment segment, CommitPoint found)
    {
        var wanted = expected ?? CommitPoint.Of(plan.Target);
        if (found != wanted)
        {
            throw Torn(segment, "what follows it builds on another commit than the one it holds");
        }
    }

    private void Claim(SegmentIndex index, int position, List<WantedPages> wanted)
    {
        var ordinal = index.FirstPage(position);
        foreach (var (first, count) in index.Pages(position))
        {
            var start = 0u;
            var length = 0;
            for (var i = 0u; i < count && first + i <= limit; i++)
            {
                if (claimed.Add(first + i))
                {
                    start = length++ == 0 ? i : start;
                }
                else if (length > 0)
                {
                    wanted.Add(new WantedPages(ordinal + start, first + start, length));
                    length = 0;
                }
            }

            if (length > 0)
            {
                wanted.Add(new WantedPages(ordinal + start, first + start, length));
            }

            ordinal += count;
        }
    }

    private HoldfastException Torn(TimelineSegment segment, string why) =>
        new(
            ErrorCode.VerificationFailed,
            string.Create(
                CultureInfo.InvariantCulture,
                $"commit {plan.Target.Number} cannot be restored: {segment.Key} at {catalogue.OriginOf(segment).Store.Address} does not fit: {why}"
            ),
            "two writers may have written one timeline; look at another target"
        );
}
