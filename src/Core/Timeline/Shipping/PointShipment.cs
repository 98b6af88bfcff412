using Holdfast.Core.Errors;
using Holdfast.Core.Stores;
using Holdfast.Core.Timeline.Format;
using Holdfast.Core.Timeline.Spool;

namespace Holdfast.Core.Timeline.Shipping;

/// <summary>
/// Makes a base or a delta from the live file, without a lock: read front to back after it was settled at a commit, finished
/// at the newest commit when all was read. Each page that no commit changed meanwhile is compared with its hash.
/// </summary>
internal sealed class PointShipment
{
    private const int RunBytes = 1024 * 1024;
    private static readonly SegmentOptions Options = new() { PageHashes = true };
    private static readonly SegmentOptions ClosingOptions = new();

    private readonly ISpool spool;
    private readonly ICapture capture;
    private readonly TimeProvider time;
    private readonly PointWish wish;
    private readonly ShippingRecord record;
    private readonly List<uint> unexplained = [];
    private readonly long[] changes;
    private readonly byte[] buffer;
    private readonly uint run;

    private PointShipment(
        ISpool spool,
        ICapture capture,
        TimeProvider time,
        PointWish wish,
        ShippingRecord record,
        CommitInfo settled
    )
    {
        this.record = record;
        this.spool = spool;
        this.capture = capture;
        this.time = time;
        this.wish = wish;
        Settled = settled;
        run = (uint)Math.Max(1, RunBytes / spool.PageSize);
        changes = new long[run];
        buffer = new byte[PageHash.PrefixLength + (run * spool.PageSize)];
    }

    /// <summary>The commit at which the file was settled; the journal is needed after it.</summary>
    public CommitInfo Settled { get; }

    /// <summary>Whether nothing is below it.</summary>
    public bool IsBase => wish.Below == null;

    /// <summary>Settles the file; null when what it holds cannot be told from what came later: to be tried again.</summary>
    public static async Task<PointShipment?> BeginAsync(
        ISpool spool,
        ICapture capture,
        TimeProvider time,
        PointWish wish,
        ShippingRecord record,
        CancellationToken cancellationToken
    )
    {
        var settled = await capture.SettleAsync(cancellationToken);
        if (wish.Closed && !spool.Ended)
        {
            record.Hold(settled.Number);
        }

        return
            spool.Ended
            || settled.Number + 1 < spool.Oldest
            || settled.Number > spool.Newest.Number
            || settled.Number < spool.ChangesSince
            || settled.Number <= wish.Below?.Number
            ? null
            : new PointShipment(spool, capture, time, wish, record, settled);
    }

    /// <summary>Reads and stores it.</summary>
    /// <param name="upload">Stores its objects.</param>
    /// <param name="names">Gives their names.</param>
    /// <param name="stored">Completes when a commit is stored.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    public async Task<MadePoint> RunAsync(
        SegmentUpload upload,
        TimelineNames names,
        Func<long, CancellationToken, Task> stored,
        CancellationToken cancellationToken
    )
    {
        var settled = CommitPoint.Of(Settled);
        var header = upload.NewHeader(IsBase ? SegmentKind.Base : SegmentKind.Delta, spool.Lineage, spool.PageSize) with
        {
            Level = IsBase ? (byte)0 : wish.Level,
        };
        using var writer = upload.NewWriter(header, wish.Below ?? settled, Options, IsBase ? null : settled);

        // Parts are named by the commit at which the file was settled; which one it ends at is not known yet.
        var bytes = await ReadAsync(writer, upload, NameOf(names, Settled), header.Salt, cancellationToken);
        var now = time.GetUtcNow();
        var finished = await capture.CatchUpAsync(cancellationToken);
        Explain(finished.DatabasePages);
        await stored(finished.Number, cancellationToken);
        var named = finished with { Time = now > finished.Time ? now : finished.Time };
        bytes += await CloseAsync(upload, names, finished, named.Time, cancellationToken);
        writer.End(finished);

        // Noted before it is there: what is noted in vain is never looked for.
        var level = IsBase ? TimelineLevel.Base : wish.Level;
        record.Change(note => note.With(new SettledPoint(level, settled)));
        bytes += await upload.StoreAsync(writer.Finish(), NameOf(names, named), header.Salt, cancellationToken);
        return new MadePoint(level, Settled, finished.Number, named.Time, bytes);
    }

    /// <summary>How many pages a delta from a commit would hold.</summary>
    public static long CountChanged(ISpool spool, long since)
    {
        var changes = new long[64 * 1024];
        var count = 0L;
        for (uint first = 1; first <= spool.Newest.DatabasePages; first += (uint)changes.Length)
        {
            spool.ChangesOf(first, changes);
            foreach (var commit in changes)
            {
                count += commit > since ? 1 : 0;
            }
        }

        return count;
    }

    private ObjectKey NameOf(TimelineNames names, in CommitInfo finished) =>
        wish.Below is { } below
            ? names.Delta(wish.Level, below.Number, Settled.Number, finished.Number, finished.Time)
            : names.Base(Settled.Number, finished.Number, finished.Time);

    private async Task<long> ReadAsync(
        SegmentWriter writer,
        SegmentUpload upload,
        ObjectKey key,
        ulong salt,
        CancellationToken cancellationToken
    )
    {
        long bytes = 0;
        for (uint first = 1; first <= Settled.DatabasePages; first += run)
        {
            ReadRun(writer, first, Math.Min(run, Settled.DatabasePages - first + 1));
            bytes += await upload.StoreAsync(writer.TakeParts(), key, salt, cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
        }

        return bytes;
    }

    /// <summary>Reads what is wanted of a run of pages, neighbours together.</summary>
    private void ReadRun(SegmentWriter writer, uint first, uint count)
    {
        spool.ChangesOf(first, changes.AsSpan(0, (int)count));
        for (uint at = 0; at < count; )
        {
            var start = at;
            while (at < count && IsWanted(first + at, changes[at]))
            {
                at++;
            }

            if (at == start)
            {
                at++;
                continue;
            }

            var size = spool.PageSize;
            capture.ReadFile(first + start, buffer.AsSpan(PageHash.PrefixLength, (int)(at - start) * size));
            for (var page = start; page < at; page++)
            {
                Add(writer, first + page, buffer.AsSpan((int)(page - start) * size, PageHash.PrefixLength + size));
            }
        }
    }

    // What was changed since it was settled is in the closing and in the journal.
    private bool IsWanted(uint page, long commit) =>
        page != SegmentHeader.LockPageOf(spool.PageSize)
        && (wish.Below is not { } below || (commit > below.Number && commit <= Settled.Number));

    private void Add(SegmentWriter writer, uint number, Span<byte> prefixAndPage)
    {
        if (!spool.Confirm(number, prefixAndPage) && !IsExplained(number))
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

        foreach (var page in unexplained.Where(page => page <= databasePages && !IsExplained(page)))
        {
            throw new HoldfastException(
                ErrorCode.VerificationFailed,
                $"page {page} of the database file is not what its commits say",
                "run an integrity check of the database, and look at its disk"
            );
        }
    }

    private bool IsExplained(uint page)
    {
        Span<long> commit = stackalloc long[1];
        spool.ChangesOf(page, commit);
        return commit[0] > Settled.Number;
    }

    /// <summary>Stores what changed while it was read, so that it needs no journal.</summary>
    /// <returns>The bytes.</returns>
    private async Task<long> CloseAsync(
        SegmentUpload upload,
        TimelineNames names,
        CommitInfo finished,
        DateTimeOffset named,
        CancellationToken cancellationToken
    )
    {
        if (!wish.Closed || finished.Number == Settled.Number)
        {
            return 0;
        }

        var header = upload.NewHeader(SegmentKind.Delta, spool.Lineage, spool.PageSize);
        using var writer = upload.NewWriter(header, CommitPoint.Of(Settled), ClosingOptions);
        if (!spool.ReadNet(Settled.Number + 1, finished.Number, writer, cancellationToken))
        {
            // The spool was full, and let go what was stored: a base is useful with its journal, a delta is tried again.
            return IsBase
                ? 0
                : throw new HoldfastException(
                    ErrorCode.Failure,
                    $"the commits since {Settled.Number} left the spool before the restore point was finished",
                    "give the spool more room, or the target a faster connection"
                );
        }

        var key = names.Closing(Settled.Number, finished.Number, named);
        try
        {
            return await upload.StoreAsync(writer.Finish(), key, header.Salt, cancellationToken);
        }
        catch (StoreException error) when (error.Fault == StoreFault.AlreadyExists)
        {
            // Of an attempt that was killed: between the same commits, it is the same.
            return 0;
        }
    }
}

/// <summary>What restore point is to be made.</summary>
/// <param name="Level">Its level.</param>
/// <param name="Below">Where what it builds on was settled; null for a base.</param>
/// <param name="Closed">Whether it is to be a restore point without its journal.</param>
internal sealed record PointWish(byte Level, CommitPoint? Below, bool Closed);

/// <summary>A base or delta that was stored.</summary>
/// <param name="Level">Its level.</param>
/// <param name="Settled">The commit at which the file was settled.</param>
/// <param name="Finished">The commit from which on it can be used.</param>
/// <param name="Time">When it was finished.</param>
/// <param name="Bytes">The stored bytes of all its objects.</param>
internal sealed record MadePoint(byte Level, CommitInfo Settled, long Finished, DateTimeOffset Time, long Bytes);
