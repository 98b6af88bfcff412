using Holdfast.Core.Errors;
using Holdfast.Core.Timeline.Format;
using Holdfast.Core.Timeline.Spool;

namespace Holdfast.Core.Timeline.Shipping;

/// <summary>
/// Makes a base from the live file, without a lock: read front to back after it was settled at a commit, finished at the
/// newest commit when all was read. Each page that no commit changed meanwhile is compared with its hash.
/// </summary>
internal sealed class BaseShipment : IDisposable
{
    private const int RunBytes = 1024 * 1024;
    private static readonly SegmentOptions Options = new() { PageHashes = true };

    private readonly ISpool spool;
    private readonly ICapture capture;
    private readonly ChangedPages changed;
    private readonly List<uint> unexplained = [];

    private BaseShipment(ISpool spool, ICapture capture, ChangedPages changed, CommitInfo settled)
    {
        this.spool = spool;
        this.capture = capture;
        this.changed = changed;
        Settled = settled;
    }

    /// <summary>The commit at which the file was settled; the journal is needed after it.</summary>
    public CommitInfo Settled { get; }

    /// <summary>Settles the file; null when the spool does not reach back to what it holds: to be tried again.</summary>
    public static async Task<BaseShipment?> BeginAsync(
        ISpool spool,
        ICapture capture,
        CancellationToken cancellationToken
    )
    {
        var changed = spool.Track();
        try
        {
            var settled = await capture.SettleAsync(cancellationToken);
            if (spool.Ended || settled.Number + 1 < spool.Oldest || settled.Number > spool.Newest.Number)
            {
                changed.Dispose();
                return null;
            }

            spool.Read(settled.Number + 1, changed.Since, new Remembering(changed), long.MaxValue, cancellationToken);
            return new BaseShipment(spool, capture, changed, settled);
        }
        catch
        {
            changed.Dispose();
            throw;
        }
    }

    /// <summary>Reads and stores it.</summary>
    /// <param name="upload">Stores its objects.</param>
    /// <param name="names">Gives their names.</param>
    /// <param name="stored">Completes when a commit is stored.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    public async Task<StoredBase> RunAsync(
        SegmentUpload upload,
        TimelineNames names,
        Func<long, CancellationToken, Task> stored,
        CancellationToken cancellationToken
    )
    {
        var header = upload.NewHeader(SegmentKind.Base, spool.Lineage, spool.PageSize);
        using var writer = upload.NewWriter(header, CommitPoint.Of(Settled), Options);

        // Parts are named by the commit at which the file was settled; which one it ends at is not known yet.
        var unfinished = names.Base(Settled.Number, Settled.Number, Settled.Time);
        var bytes = await ReadAsync(writer, upload, unfinished, header.Salt, cancellationToken);
        var finished = await capture.CatchUpAsync(cancellationToken);
        Explain(finished.DatabasePages);
        await stored(finished.Number, cancellationToken);
        writer.End(finished);
        var key = names.Base(Settled.Number, finished.Number, finished.Time);
        bytes += await upload.StoreAsync(writer.Finish(), key, header.Salt, cancellationToken);
        return new StoredBase(Settled.Number, finished.Number, finished.Time, bytes);
    }

    public void Dispose() => changed.Dispose();

    private async Task<long> ReadAsync(
        SegmentWriter writer,
        SegmentUpload upload,
        Stores.ObjectKey key,
        ulong salt,
        CancellationToken cancellationToken
    )
    {
        var pageSize = spool.PageSize;
        var lockPage = ((uint)(1 << 30) / (uint)pageSize) + 1;
        var run = (uint)Math.Max(1, RunBytes / pageSize);
        var buffer = new byte[PageHash.PrefixLength + (run * pageSize)];
        long bytes = 0;
        for (uint first = 1; first <= Settled.DatabasePages; first += run)
        {
            var count = Math.Min(run, Settled.DatabasePages - first + 1);
            capture.ReadFile(first, buffer.AsSpan(PageHash.PrefixLength, (int)count * pageSize));
            for (uint page = 0; page < count; page++)
            {
                if (first + page != lockPage)
                {
                    Add(writer, first + page, buffer.AsSpan((int)page * pageSize, PageHash.PrefixLength + pageSize));
                }
            }

            bytes += await upload.StoreAsync(writer.TakeParts(), key, salt, cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
        }

        return bytes;
    }

    private void Add(SegmentWriter writer, uint number, Span<byte> prefixAndPage)
    {
        if (!spool.Confirm(number, prefixAndPage) && !changed.Contains(number))
        {
            // Perhaps of a commit that is not captured yet.
            unexplained.Add(number);
        }

        writer.Page(number, prefixAndPage[PageHash.PrefixLength..]);
    }

    // Pages that a later commit dropped are of no commit any more; when they came back, they changed.
    private void Explain(uint databasePages)
    {
        if (spool.Ended)
        {
            throw new OperationCanceledException("another lineage has begun");
        }

        foreach (var page in unexplained.Where(page => page <= databasePages && !changed.Contains(page)))
        {
            throw new HoldfastException(
                ErrorCode.VerificationFailed,
                $"page {page} of the database file is not what its commits say",
                "run an integrity check of the database, and look at its disk"
            );
        }
    }

    private sealed class Remembering(ChangedPages changed) : ISpoolVisitor
    {
        public void Begin(in CommitInfo commit) { }

        public void Page(uint number, ReadOnlySpan<byte> page) => changed.Add(number);

        public void End(in CommitInfo commit) { }
    }
}
