using Holdfast.Core.Stores;
using Holdfast.Core.Timeline.Format;
using Holdfast.Core.Timeline.Spool;

namespace Holdfast.Core.Timeline.Shipping;

/// <summary>Journals that follow each other, to become one object.</summary>
/// <param name="Journals">The journals and smaller roll-ups, oldest first.</param>
/// <param name="IsFinal">Whether the spool may let them go afterwards.</param>
/// <param name="HasWork">Whether there is something to be written.</param>
internal sealed record RollUpPlan(List<StoredJournal> Journals, bool IsFinal, bool HasWork);

/// <summary>
/// Writes the commits of several journals into one object, compressed together. They come from the spool, which keeps them
/// until then: nothing is read from the target.
/// </summary>
internal sealed class RollUp(ISpool spool, SegmentUpload upload, TimelineNames names, ShippingRecord record)
{
    private const long MostBytes = 48L << 20;
    private const long MostCommits = 100_000;

    // Versions of a page find each other within a block: a large one pays for what is kept for long.
    private static readonly SegmentOptions Options = new() { BlockBytes = 4 * 1024 * 1024, CompressionLevel = 6 };

    /// <summary>When a journal is rolled up at the latest: its hour is over.</summary>
    public static DateTimeOffset DueOf(StoredJournal journal) =>
        journal.Time is { } time
            ? new DateTimeOffset((HourOf(time) + 1) * TimeSpan.TicksPerHour, TimeSpan.Zero)
            : DateTimeOffset.MinValue;

    /// <summary>What is to be rolled up now; null for nothing.</summary>
    /// <param name="journals">What is not rolled up, oldest first.</param>
    /// <param name="options">How many and how large they may become.</param>
    /// <param name="now">What the hour is told by.</param>
    public RollUpPlan? Choose(IReadOnlyList<StoredJournal> journals, TimelineShipperOptions options, DateTimeOffset now)
    {
        if (journals.Count == 0)
        {
            return null;
        }

        // After a cap that was reached, or a gap: they stay as they are.
        var oldest = journals[0];
        if (oldest.Time == null || record.Exactly(oldest.First - 1) == null || !IsInDetail(oldest.First))
        {
            return new RollUpPlan([oldest], IsFinal: true, HasWork: false);
        }

        var (run, isFull) = Fitting(journals);
        var plain = run.SkipWhile(journal => journal.IsRollUp).ToList();
        var held = spool.BytesOf(run[0].First, run[^1].Last);
        if (
            isFull
            || now >= DueOf(oldest)
            || held >= options.MostHeldBytes
            || (plain.Count > options.MostJournals && held >= options.MostHeldBytes / 4)
        )
        {
            return new RollUpPlan(run, IsFinal: true, run.Count > 1 || (plain.Count > 0 && oldest.Bytes <= MostBytes));
        }

        return plain.Count > options.MostJournals ? new RollUpPlan(plain, IsFinal: false, HasWork: true) : null;
    }

    /// <summary>Stores the roll-up; the journals may go when it returns.</summary>
    /// <returns>The roll-up; null when the journals must stay as they are.</returns>
    public async Task<StoredJournal?> RunAsync(RollUpPlan plan, CancellationToken cancellationToken)
    {
        var (first, last) = (plan.Journals[0].First, plan.Journals[^1].Last);
        if (record.Exactly(first - 1) is not { } from || record.Exactly(last) is not { } end)
        {
            return null;
        }

        var header = upload.NewHeader(SegmentKind.Journal, spool.Lineage, spool.PageSize);
        using var writer = upload.NewWriter(header, CommitPoint.Of(from), Options);
        var commits = new EachCommit(writer, first);
        spool.Read(first, last, commits, long.MaxValue, cancellationToken);
        if (commits.Next != last + 1)
        {
            // The detail was given up just now.
            return null;
        }

        var key = names.RollUp(first, last, end.Time);
        var objects = writer.Finish();
        var mark = new StoredMark(ListedLineage.NameOf(key), writer.Digest.ToString(), end);
        record.Change(note => note with { RollUp = mark });
        try
        {
            var bytes = await upload.StoreAsync(objects, key, header.Salt, cancellationToken);
            List<ObjectKey> keys =
            [
                .. objects.Select(item => TimelineNames.Part(key, header.Salt, item.Part)).Reverse(),
            ];
            return new StoredJournal(key, true, first, last, end.Time, bytes, keys);
        }
        catch (StoreException error) when (error.Fault == StoreFault.AlreadyExists)
        {
            // Perhaps an attempt of a killed run that arrived late. Nothing is removed for an object that is not known.
            return null;
        }
    }

    private static long HourOf(DateTimeOffset time) => time.UtcTicks / TimeSpan.TicksPerHour;

    private bool IsInDetail(long commit) => spool.Find(commit) is { } found && found.Number == commit;

    // Those of one hour from the oldest on that fit into one object, and whether no more will.
    private static (List<StoredJournal> Run, bool IsFull) Fitting(IReadOnlyList<StoredJournal> journals)
    {
        var run = new List<StoredJournal>();
        var (bytes, first) = (0L, journals[0].First);
        foreach (var journal in journals)
        {
            bytes += journal.Bytes;
            if (
                run.Count > 0
                && (
                    bytes > MostBytes
                    || journal.Last - first >= MostCommits
                    || journal.First != run[^1].Last + 1
                    || journal.Time == null
                    || HourOf(journal.Time.Value) != HourOf(journals[0].Time!.Value)
                )
            )
            {
                return (run, true);
            }

            run.Add(journal);
        }

        return (run, false);
    }

    /// <summary>Passes commits on as long as none of them is missing.</summary>
    private sealed class EachCommit(SegmentWriter writer, long first) : ISpoolVisitor
    {
        private bool broken;

        public long Next { get; private set; } = first;

        public void Begin(in CommitInfo commit)
        {
            broken |= commit.Number != Next;
            if (!broken)
            {
                writer.Begin(commit);
            }
        }

        public void Page(uint number, ReadOnlySpan<byte> page)
        {
            if (!broken)
            {
                writer.Page(number, page);
            }
        }

        public void End(in CommitInfo commit)
        {
            if (!broken)
            {
                writer.End(commit);
                Next++;
            }
        }
    }
}
