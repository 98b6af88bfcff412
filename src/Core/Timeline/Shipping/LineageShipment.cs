using Holdfast.Core.Errors;
using Holdfast.Core.Stores;
using Holdfast.Core.Timeline.Format;
using Holdfast.Core.Timeline.Spool;

namespace Holdfast.Core.Timeline.Shipping;

/// <summary>Brings one lineage to one target. Its steps are for one thread; the base is made beside them.</summary>
internal sealed class LineageShipment(
    ISpool spool,
    ICapture capture,
    StoreCalls calls,
    TimelineShipperOptions options,
    TimeProvider time,
    Action progress
)
{
    private static readonly TimeSpan WindowPause = TimeSpan.FromMinutes(10);

    private readonly TimelineNames names = new(options.Database, spool.Lineage);
    private readonly SegmentUpload upload = new(calls, options);
    private readonly SegmentOptions journalOptions = new();
    private StoredLineage stored = new();
    private TaskCompletionSource changed = NewSignal();
    private readonly Queue<(ObjectKey Key, DateTimeOffset NotBefore)> rolledUp = [];
    private DateTimeOffset nextBase;
    private DateTimeOffset nextWindow;
    private (BaseShipment Shipment, Task<StoredBase> Task, CancellationTokenSource Stop)? making;

    public ISpool Spool => spool;

    /// <summary>The newest commit that is stored.</summary>
    public long Stored { get; private set; }

    /// <summary>Whether what is stored can be restored.</summary>
    public bool IsRestorable { get; private set; }

    /// <summary>The newest base; null for none.</summary>
    public StoredBase? Base => stored.Base;

    /// <summary>Whether there is nothing more to be done for a lineage that has ended.</summary>
    public bool IsDone => spool.Ended && (stored.Tip.Number >= spool.Newest.Number || !CanGoOn);

    private bool CanGoOn => stored.Tip.Number > 0 && stored.Tip.Number + 1 >= spool.Oldest;

    /// <summary>Sees what is stored, and that it is ours.</summary>
    /// <exception cref="FencedException">It is not.</exception>
    public async Task VerifyAsync(CancellationToken cancellationToken)
    {
        upload.Prepare();
        try
        {
            stored = await StoredLineage.ReadAsync(
                calls,
                options.Database,
                spool.Lineage,
                isNew: spool.ReleasedBy(options.Target) == 0,
                cancellationToken
            );
        }
        catch (SegmentException error)
        {
            throw new FencedException(
                spool.Lineage,
                $"lineage {spool.Lineage} of {options.Database} cannot go on at {options.Target}: {error.Message}"
            );
        }

        var tip = stored.Tip;
        if (tip.Number > spool.Newest.Number)
        {
            throw Fenced($"it has commit {tip.Number}, and the newest here is {spool.Newest.Number}");
        }

        var ours = tip.Number == spool.Newest.Number ? spool.Newest : spool.Find(tip.Number);
        if (ours is { } commit && commit.Number == tip.Number && commit.Hash != tip.Hash)
        {
            throw Fenced($"its commit {tip.Number} is another one than ours");
        }

        foreach (var orphan in stored.Orphans)
        {
            _ = await calls.DeleteAsync(orphan, cancellationToken);
        }

        DeleteLater(stored.RolledUp);
        Advance();
    }

    /// <summary>Stores one journal with what is not stored yet.</summary>
    /// <returns>Whether there may be more.</returns>
    /// <exception cref="FencedException">Somebody else has stored such a commit.</exception>
    public async Task<bool> ShipJournalAsync(CancellationToken cancellationToken)
    {
        if (!CanGoOn || stored.Tip.Number >= spool.Newest.Number)
        {
            return false;
        }

        var header = SegmentUpload.NewHeader(SegmentKind.Journal, spool.Lineage, spool.PageSize);
        using var writer = upload.NewWriter(header, stored.Tip, journalOptions);
        var last = new LastCommit(writer);
        spool.Read(stored.Tip.Number + 1, spool.Newest.Number, last, options.JournalBytes, cancellationToken);
        if (last.Commit is not { } commit)
        {
            // Given up just now: there is a gap.
            return false;
        }

        var key = names.Journal(stored.Tip.Number + 1);
        var objects = writer.Finish();
        var parts = objects.Count - 1;
        try
        {
            var bytes = await upload.StoreAsync(objects, key, header.Salt, cancellationToken);
            stored.Add(
                new StoredJournal(key, false, stored.Tip, commit, writer.CommitCount, bytes, header.Salt, parts)
            );
        }
        catch (StoreException error) when (error.Fault == StoreFault.AlreadyExists)
        {
            throw Fenced($"another agent has stored commit {stored.Tip.Number + 1}");
        }

        spool.Release(options.Target, commit.Number);
        Advance();
        return stored.Tip.Number < spool.Newest.Number;
    }

    /// <summary>Begins a base when one is needed, and takes one that was finished.</summary>
    public async Task ShipBaseAsync(CancellationToken cancellationToken)
    {
        if (making is { Task.IsCompleted: true })
        {
            await TakeBaseAsync();
        }

        if (spool.Ended || !CanGoOn)
        {
            // With a gap in the journal the base that is being made could never be used.
            await EndAsync();
        }

        if (!spool.Ended && making == null && NeedsBase() && time.GetUtcNow() >= nextBase)
        {
            await BeginBaseAsync(cancellationToken);
        }
    }

    /// <summary>Rolls journals up, and removes what is too old.</summary>
    public async Task MaintainAsync(CancellationToken cancellationToken)
    {
        while (RollUp.Choose(stored.Journals, options.MostJournals, time.GetUtcNow()) is { } chosen)
        {
            try
            {
                var rollUp = await new RollUp(spool, calls, upload, names).RunAsync(chosen, cancellationToken);
                stored.Replace(chosen, rollUp);
                DeleteLater(chosen.SelectMany(journal => journal.Objects));
            }
            catch (Exception error) when (error is SegmentException or StoreException { Fault: StoreFault.NotFound })
            {
                // A journal was damaged or removed at the target: a new base does without it.
                calls.Note((HoldfastException)error);
                stored.Lose(chosen[^1]);
                Advance();
            }
        }

        while (rolledUp.TryPeek(out var next) && next.NotBefore <= time.GetUtcNow())
        {
            _ = await calls.DeleteAsync(next.Key, cancellationToken);
            _ = rolledUp.Dequeue();
        }

        if (options.KeepEveryCommit is { } window && time.GetUtcNow() >= nextWindow && stored.IsRestorable)
        {
            nextWindow = time.GetUtcNow() + WindowPause;
            await KeepWindowAsync(time.GetUtcNow() - window - options.Grace, cancellationToken);
        }
    }

    /// <summary>Completes when there is something to do.</summary>
    public Task WaitAsync(Task wished, CancellationToken cancellationToken)
    {
        List<Task> reasons = [spool.WaitForNewerAsync(Stored, cancellationToken), wished];
        if (making is { } unfinished)
        {
            reasons.Add(unfinished.Task);
        }

        if (nextBase - time.GetUtcNow() is var wait && wait > TimeSpan.Zero)
        {
            reasons.Add(Task.Delay(wait, time, cancellationToken));
        }

        return Task.WhenAny(reasons);
    }

    /// <summary>Gives up the base that is being made.</summary>
    public async Task EndAsync()
    {
        if (making is { } unfinished)
        {
            await unfinished.Stop.CancelAsync();
            await ((Task)unfinished.Task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            unfinished.Stop.Dispose();
            making = null;
        }
    }

    private async Task KeepWindowAsync(DateTimeOffset start, CancellationToken cancellationToken)
    {
        var found = await calls.ListAsync(TimelineNames.Prefix(options.Database), isNew: false, cancellationToken);
        var gone = RetentionWindow.Choose(found, options.Database, start);
        var deleted = new HashSet<ObjectKey>();
        foreach (var key in gone)
        {
            if (!await calls.DeleteAsync(key, cancellationToken))
            {
                break;
            }

            _ = deleted.Add(key);
        }

        stored.Forget(deleted);
    }

    // A restore that has listed them, and not yet the roll-up, goes on with them.
    private void DeleteLater(IEnumerable<ObjectKey> keys)
    {
        var notBefore = time.GetUtcNow() + options.RollUpGrace;
        foreach (var key in keys)
        {
            rolledUp.Enqueue((key, notBefore));
        }
    }

    private bool NeedsBase()
    {
        if (stored.Base is not { } newest || newest.Settled < stored.From || !CanGoOn)
        {
            return true;
        }

        var isOld = time.GetUtcNow() - newest.Time > options.BaseAge && stored.Tip.Number > newest.Finished;
        return isOld || stored.BytesSinceBase > Math.Max(newest.Bytes / 2, options.LeastJournalForBase);
    }

    private async Task BeginBaseAsync(CancellationToken cancellationToken)
    {
        if (await BaseShipment.BeginAsync(spool, capture, cancellationToken) is not { } shipment)
        {
            return;
        }

        if (!CanGoOn)
        {
            stored.BeginAfter(shipment.Settled);
            Advance();
        }

        var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        making = (
            shipment,
            Task.Run(() => shipment.RunAsync(upload, names, WaitForAsync, stop.Token), stop.Token),
            stop
        );
    }

    private async Task TakeBaseAsync()
    {
        var (_, task, stop) = making!.Value;
        making = null;
        using (stop)
        {
            try
            {
                var made = await task;
                if (made.Settled >= stored.From)
                {
                    stored.Add(made);
                }
            }
            catch (OperationCanceledException) when (spool.Ended)
            {
                return;
            }
            catch (HoldfastException error)
            {
                // The journal goes on; the base is tried again.
                calls.Note(error);
                nextBase = time.GetUtcNow() + options.LongestRetry;
            }
        }

        Advance();
    }

    private async Task WaitForAsync(long commit, CancellationToken cancellationToken)
    {
        while (true)
        {
            // Before the comparison: what is stored after it completes this very task.
            var more = Volatile.Read(ref changed).Task;
            if (Stored >= commit)
            {
                return;
            }

            await more.WaitAsync(cancellationToken);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Advance()
    {
        Stored = stored.Tip.Number;
        IsRestorable = stored.IsRestorable;
        Interlocked.Exchange(ref changed, NewSignal()).SetResult();
        progress();
    }

    private FencedException Fenced(string why) =>
        new(
            spool.Lineage,
            $"{options.Target} holds another history of lineage {spool.Lineage} of {options.Database}: {why}"
        );

    private sealed class LastCommit(SegmentWriter writer) : ISpoolVisitor
    {
        public CommitInfo? Commit { get; private set; }

        public void Begin(in CommitInfo commit) => writer.Begin(commit);

        public void Page(uint number, ReadOnlySpan<byte> page) => writer.Page(number, page);

        public void End(in CommitInfo commit)
        {
            writer.End(commit);
            Commit = commit;
        }
    }
}
