using Holdfast.Core.Stores;
using Holdfast.Core.Timeline.Format;
using Holdfast.Core.Timeline.Spool;

namespace Holdfast.Core.Timeline.Shipping;

/// <summary>Puts journals that follow each other into one object, compressed together.</summary>
internal sealed class RollUp(ISpool spool, StoreCalls calls, SegmentUpload upload, TimelineNames names)
{
    private const long MostBytes = 48L << 20;
    private const int MostCommits = 100_000;

    // Versions of a page find each other within a block: a large one pays for what is kept for long.
    private static readonly SegmentOptions Options = new() { BlockBytes = 4 * 1024 * 1024, CompressionLevel = 6 };

    /// <summary>The journals to be rolled up now; null for none.</summary>
    /// <param name="journals">What is stored, oldest first.</param>
    /// <param name="most">The number of journals that stay as they are while their hour lasts.</param>
    /// <param name="now">What the hour is told by.</param>
    public static List<StoredJournal>? Choose(IReadOnlyList<StoredJournal> journals, int most, DateTimeOffset now)
    {
        var thisHour = HourOf(now);
        foreach (var hour in journals.GroupBy(journal => HourOf(journal.Last.Time)).OrderBy(hour => hour.Key))
        {
            var all = Fitting([.. hour]);
            if (hour.Key < thisHour && (all.Count > 1 || (all.Count == 1 && !all[0].IsRollUp && IsSmall(all[0]))))
            {
                return all;
            }

            var raw = Fitting([.. hour.Where(journal => !journal.IsRollUp)]);
            if (raw.Count > most)
            {
                return raw;
            }
        }

        return null;
    }

    /// <summary>Stores the roll-up; the journals may go when it returns.</summary>
    public async Task<StoredJournal> RunAsync(List<StoredJournal> journals, CancellationToken cancellationToken)
    {
        var header = upload.NewHeader(SegmentKind.Journal, spool.Lineage, spool.PageSize);
        using var writer = upload.NewWriter(header, journals[0].From, Options);
        foreach (var journal in journals)
        {
            await CopyAsync(journal, writer, cancellationToken);
        }

        var last = journals[^1].Last;
        var key = names.RollUp(journals[0].First, last.Number, last.Time);
        var objects = writer.Finish();
        StoredJournal rollUp;
        try
        {
            var parts = objects.Count - 1;
            var bytes = await upload.StoreAsync(objects, key, header.Salt, cancellationToken);
            rollUp = new StoredJournal(
                key,
                true,
                journals[0].From,
                last,
                writer.CommitCount,
                bytes,
                header.Salt,
                parts
            );
        }
        catch (StoreException error) when (error.Fault == StoreFault.AlreadyExists)
        {
            rollUp = await FindAsync(key, last, cancellationToken);
        }

        return rollUp;
    }

    private static long HourOf(DateTimeOffset time) => time.UtcTicks / TimeSpan.TicksPerHour;

    private static bool IsSmall(StoredJournal journal) => journal.Bytes <= MostBytes;

    /// <summary>The first of them that follow each other and fit into one object.</summary>
    private static List<StoredJournal> Fitting(List<StoredJournal> journals)
    {
        List<StoredJournal> best = [];
        for (var at = 0; at < journals.Count; )
        {
            var fitting = new List<StoredJournal>();
            var (bytes, commits) = (0L, 0);
            for (; at < journals.Count; at++)
            {
                var next = journals[at];
                bytes += next.Bytes;
                commits += next.CommitCount;
                if (
                    fitting.Count > 0
                    && (bytes > MostBytes || commits > MostCommits || next.From.Number != fitting[^1].Last.Number)
                )
                {
                    break;
                }

                fitting.Add(next);
            }

            best = fitting.Count > best.Count ? fitting : best;
        }

        return best;
    }

    private async Task CopyAsync(StoredJournal journal, SegmentWriter writer, CancellationToken cancellationToken)
    {
        var count = writer.CommitCount + journal.CommitCount;
        var reader = await calls.ReadAsync(
            async (store, token) =>
            {
                var info =
                    await store.HeadAsync(journal.Key, token)
                    ?? throw new StoreException(StoreFault.NotFound, $"{journal.Key} at {store.Address} is gone");
                return await SegmentReader.OpenAsync(store, journal.Key, info.Size, keys: null, token);
            },
            cancellationToken
        );
        await reader.ReadAsync(journal.First, journal.Last.Number, writer, cancellationToken);
        if (writer.CommitCount != count)
        {
            throw new InvalidOperationException($"{journal.Key} has other commits than it had");
        }
    }

    // An earlier attempt of ours, whose answer was lost with the process: the name tells what it holds.
    private async Task<StoredJournal> FindAsync(ObjectKey key, CommitInfo last, CancellationToken cancellationToken)
    {
        var (reader, size) = await calls.ReadAsync(
            async (store, token) =>
            {
                var info =
                    await store.HeadAsync(key, token)
                    ?? throw new StoreException(StoreFault.NotFound, $"{key} at {store.Address} is gone");
                return (await SegmentReader.OpenAsync(store, key, info.Size, keys: null, token), info.Size);
            },
            cancellationToken
        );
        var found = StoredJournal.Of(reader, isRollUp: true, size);
        return found.Last.Number == last.Number && found.Last.Hash == last.Hash
            ? found
            : throw new FencedException(spool.Lineage, $"{key} holds other commits than ours");
    }
}
