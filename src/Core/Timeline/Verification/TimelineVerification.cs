using Holdfast.Core.Engines;
using Holdfast.Core.Errors;
using Holdfast.Core.Files;
using Holdfast.Core.Restoring;
using Holdfast.Core.Stores;
using Holdfast.Core.Timeline.Format;
using Holdfast.Core.Timeline.Restore;

namespace Holdfast.Core.Timeline.Verification;

/// <summary>What the verification of a lineage came to.</summary>
/// <param name="Lineage">The lineage.</param>
/// <param name="Level">How far it went.</param>
/// <param name="Outcome">Good, bad, or inconclusive; of what was looked at.</param>
/// <param name="Problems">What was found, or why it cannot be told.</param>
/// <param name="Segments">The segments that restore points need.</param>
/// <param name="Left">Those among them that the budget left for another time.</param>
/// <param name="Read">When the content of each was proven: now, or at an earlier time.</param>
/// <param name="Duration">How long it took.</param>
public sealed record TimelineVerificationResult(
    LineageId Lineage,
    VerifyLevel Level,
    CheckOutcome Outcome,
    IReadOnlyList<string> Problems,
    int Segments,
    int Left,
    IReadOnlyDictionary<ObjectKey, DateTimeOffset> Read,
    TimeSpan Duration
);

/// <summary>
/// Proves that a timeline can be restored. Damage is an outcome, not an exception; so is a store that cannot be asked.
/// <see cref="VerifyLevel.Stored"/>: each object is there, of the right size, with an index that fits its name, and the commits
/// follow each other. <see cref="VerifyLevel.Content"/>: each byte of each object, as far as the budget goes, what was
/// not read for longest first. <see cref="VerifyLevel.Restore"/>: stored, and the newest commit restored to scratch,
/// compared with the hash of the database, and checked by the engine. Not thread-safe.
/// </summary>
/// <param name="catalogue">The timelines of a database at a target, listed just now.</param>
/// <param name="engine">Checks what was restored.</param>
/// <param name="paths">Where scratch files are.</param>
/// <param name="time">The clock.</param>
public sealed class TimelineVerification(
    TimelineCatalogue catalogue,
    IDatabaseEngine engine,
    WorkPaths paths,
    TimeProvider time
)
{
    private readonly IObjectStore store = catalogue.Store;

    /// <summary>Verifies a lineage.</summary>
    /// <param name="lineage">One of the catalogue.</param>
    /// <param name="level">How far.</param>
    /// <param name="budget">
    /// How long content is read; one segment at least. Null until all is read. Other levels are not limited.
    /// </param>
    /// <param name="earlier">When segments were read by earlier verifications.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<TimelineVerificationResult> RunAsync(
        TimelineLineage lineage,
        VerifyLevel level,
        TimeSpan? budget,
        IReadOnlyDictionary<ObjectKey, DateTimeOffset> earlier,
        CancellationToken cancellationToken
    )
    {
        var began = time.GetTimestamp();
        var findings = new TimelineFindings(store);
        var segments = new List<SegmentReader>();
        var read = new Dictionary<ObjectKey, DateTimeOffset>();
        var (done, left) = (0, 0);
        await findings.CatchAsync(
            segment: null,
            async () => segments = await CheckStoredAsync(lineage, findings, cancellationToken),
            cancellationToken
        );
        foreach (var segment in segments.Where(s => earlier.ContainsKey(s.Key)))
        {
            read[segment.Key] = earlier[segment.Key];
        }

        if (level == VerifyLevel.Content)
        {
            foreach (var segment in segments.OrderBy(s => read.GetValueOrDefault(s.Key)).ToList())
            {
                if (budget is { } most && done > 0 && time.GetElapsedTime(began) >= most)
                {
                    // What is left comes first the next time.
                    left++;
                    continue;
                }

                done++;
                // What is not proven now is the first to be read the next time.
                _ = read.Remove(segment.Key);
                await findings.CatchAsync(
                    segment.Key,
                    async () =>
                    {
                        await segment.VerifyAsync(cancellationToken);
                        read[segment.Key] = time.GetUtcNow();
                    },
                    cancellationToken
                );
            }
        }

        if (level == VerifyLevel.Restore)
        {
            await findings.CatchAsync(
                segment: null,
                () => CheckRestoreAsync(lineage, findings, cancellationToken),
                cancellationToken
            );
        }

        return new TimelineVerificationResult(
            lineage.Id,
            level,
            findings.Outcome,
            findings.Problems,
            segments.Count,
            left,
            read,
            time.GetElapsedTime(began)
        );
    }

    private async Task<List<SegmentReader>> CheckStoredAsync(
        TimelineLineage lineage,
        TimelineFindings findings,
        CancellationToken cancellationToken
    )
    {
        var learning = new LineageReader(catalogue, lineage);
        _ = await learning.LearnEndsAsync(cancellationToken);
        await learning.LearnJournalsAsync(cancellationToken);
        var ranges = lineage.Ranges();
        if (ranges.Count == 0)
        {
            findings.Bad($"no commit of lineage {lineage.Id} can be restored: what it begins with is missing");
        }

        // What is older than the oldest base is what retention has not come to yet, unless the journal reaches to the beginning.
        var oldest =
            lineage.Covering(1) is null && lineage.Bases.Count > 0 ? lineage.Bases.Min(s => s.Name.Settled) : 0;
        var sequence = lineage.Sequence().Where(s => lineage.LastOf(s) > oldest).ToList();
        var opened = new List<SegmentReader>();
        SegmentIndex? before = null;
        foreach (var segment in lineage.Bases.Concat(lineage.Deltas).Concat(lineage.Closings).Concat(sequence))
        {
            await findings.CatchAsync(
                segment.Key,
                async () =>
                {
                    var reader = await LineageReader.OpenAsync(catalogue, lineage.Id, segment, cancellationToken);
                    await CheckPartsAsync(reader, cancellationToken);
                    if (segment.Name.Object is TimelineObject.Journal or TimelineObject.RollUp)
                    {
                        RequireFollows(reader, before);
                        RequireReached(reader, lineage, ranges, oldest);
                        before = reader.Index;
                    }
                    else if (!ranges.Any(range => range.Contains(segment.Name.Last)))
                    {
                        throw Unreached(segment.Key, segment.Name.Last);
                    }

                    opened.Add(reader);
                },
                cancellationToken
            );
        }

        return opened;
    }

    // A gap that a base closes is no damage: detail was given up. What is stored behind a gap and before a base is.
    private void RequireReached(
        SegmentReader journal,
        TimelineLineage lineage,
        IReadOnlyList<CommitRange> ranges,
        long oldest
    )
    {
        var (from, first, last) = (journal.Index.From.Number, journal.Index.Commit(0).Number, journal.Index.Last);
        var begins =
            from < oldest
            || ranges.Any(range => range.Contains(first))
            || lineage.Bases.Any(point => point.Name.Settled <= from && from < point.Name.Last);
        if (!begins || !ranges.Any(range => range.Contains(last)))
        {
            throw Unreached(journal.Key, begins ? last : first);
        }
    }

    private StoreException Unreached(ObjectKey key, long commit) =>
        new(
            StoreFault.Damaged,
            $"commit {commit} is stored in {key} at {store.Address}, and cannot be restored: what it needs is missing or damaged"
        );

    private void RequireFollows(SegmentReader journal, SegmentIndex? before)
    {
        if (before is null || journal.Index.From.Number != before.Last)
        {
            return;
        }

        if (journal.Index.From.Hash != before.Commit(before.CommitCount - 1).Hash)
        {
            throw new StoreException(
                StoreFault.Damaged,
                $"{journal.Key} at {store.Address} does not continue what is before it: it builds on another commit {before.Last}"
            );
        }
    }

    /// <summary>A part is its header and its blocks, and nothing else.</summary>
    private async Task CheckPartsAsync(SegmentReader segment, CancellationToken cancellationToken)
    {
        for (var part = 1; part <= segment.Index.Parts; part++)
        {
            var key = segment.KeyOf(part);
            var size = segment
                .Index.Blocks.Concat(segment.Index.HashBlocks)
                .Where(block => block.Part == part)
                .Select(block => block.Offset + block.StoredLength)
                .DefaultIfEmpty(SegmentHeader.Length)
                .Max();
            var found =
                await store.HeadAsync(key, cancellationToken)
                ?? throw new StoreException(StoreFault.NotFound, $"{key} is missing at {store.Address}");
            if (found.Size != size)
            {
                throw new StoreException(
                    StoreFault.Damaged,
                    $"{key} at {store.Address} has {found.Size} bytes where {size} were stored"
                );
            }
        }
    }

    private async Task CheckRestoreAsync(
        TimelineLineage lineage,
        TimelineFindings findings,
        CancellationToken cancellationToken
    )
    {
        var request = new TimelineRequest { Lineage = lineage.Id };
        var plan = await new TimelinePlanner(catalogue).PlanAsync(request, cancellationToken);
        _ = Scratch.SweepOrphans(paths.Scratch, time);
        using var scratch = Scratch.Create(paths.Scratch);
        if (scratch.FreeBytes < plan.DatabaseBytes)
        {
            throw new HoldfastException(
                ErrorCode.Failure,
                $"commit {plan.Target.Number} needs {ByteText.Of(plan.DatabaseBytes)} in {scratch.Path}, and {ByteText.Of(scratch.FreeBytes)} are free"
            );
        }

        var path = scratch.NewPath(engine.FileExtension);
        using (var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None))
        {
            var pages = new PageFile(file, plan.PageSize, path);
            var restored = await new TimelineRestore(catalogue).RunAsync(
                plan,
                pages,
                new TimelineRestoreOptions(),
                cancellationToken
            );
            pages.SetPages(restored.Plan.Target.DatabasePages);
            foreach (var lost in restored.Lost)
            {
                findings.Bad(lost.Message);
            }
        }

        var report = await engine.CheckAsync(path, CheckLevel.Integrity, cancellationToken);
        findings.Add(
            report.Outcome,
            report.Problems.Select(problem => $"commit {plan.Target.Number}, restored exactly: {problem}")
        );
    }
}
