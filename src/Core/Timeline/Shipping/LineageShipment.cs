using Holdfast.Core.Errors;
using Holdfast.Core.Stores;
using Holdfast.Core.Timeline.Format;
using Holdfast.Core.Timeline.Retention;
using Holdfast.Core.Timeline.Spool;
using Holdfast.Core.Vault;

namespace Holdfast.Core.Timeline.Shipping;

/// <summary>
/// Brings one lineage to one target. Its steps are for one thread; restore points and roll-ups are made beside them.
/// </summary>
internal sealed class LineageShipment(
    ISpool spool,
    ICapture capture,
    StoreCalls calls,
    TimelineShipperOptions options,
    SessionKey? session,
    TimeProvider time,
    Action progress
)
{
    private static readonly TimeSpan WindowPause = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan KeysPause = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan RefusalPause = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly TimelineNames names = new(options.Database, spool.Lineage);
    private readonly SegmentUpload upload = new(calls, options, session);

    // They are written again by their roll-up, harder: until then it is the CPU that counts.
    private readonly SegmentOptions journalOptions = new() { CompressionLevel = 1 };
    private readonly ShippingRecord record = new(spool, options.Target);
    private StoredLineage stored = new();
    private TaskCompletionSource changed = NewSignal();
    private readonly Queue<(ObjectKey Key, DateTimeOffset NotBefore)> rolledUp = [];
    private readonly PointSchedule schedule = new(options);
    private readonly TimelinePruner pruner = new(calls.ForRetention, options.Database, options.Keep, time);
    private IReadOnlyList<LevelPoint> points = [];
    private DateTimeOffset nextPoint;
    private volatile bool wantsBase;
    private DateTimeOffset nextWindow;
    private DateTimeOffset nextExtension;
    private DateTimeOffset nextKeys;
    private (Task<MadePoint> Task, CancellationTokenSource Stop)? making;
    private (RollUpPlan Plan, Task<StoredJournal?> Task, CancellationTokenSource Stop)? rolling;

    public ISpool Spool => spool;

    /// <summary>The newest commit that is stored.</summary>
    public long Stored { get; private set; }

    /// <summary>Whether what is stored can be restored.</summary>
    public bool IsRestorable { get; private set; }

    /// <summary>Why what is due is not deleted without a person's word; null when nothing is held back.</summary>
    public string? PruningRefused { get; private set; }

    /// <summary>The newest base; null for none.</summary>
    public StoredBase? Base => stored.Base;

    /// <summary>Whether a base is still to be made because somebody asked for it. Thread-safe.</summary>
    public bool WantsBase
    {
        get => wantsBase;
        set => wantsBase = value;
    }

    /// <summary>Whether there is nothing more to be done for a lineage that has ended.</summary>
    public bool IsDone => spool.Ended && (stored.Tip.Number >= spool.Newest.Number || !CanGoOn);

    /// <summary>Whether nothing is being made beside the journals.</summary>
    internal bool IsQuiet => making == null && rolling == null;

    private bool CanGoOn => stored.Tip.Number > 0 && stored.Tip.Number + 1 >= spool.Oldest;

    private List<StoredJournal> NotRolledUp =>
        [.. stored.Journals.Where(journal => journal.First > Math.Max(record.Note.RolledUp.Number, stored.From))];

    /// <summary>Sees what is stored, and that it is ours.</summary>
    /// <exception cref="FencedException">It is not.</exception>
    public async Task VerifyAsync(CancellationToken cancellationToken)
    {
        upload.Prepare();
        if (session != null)
        {
            await RequireEarlierKeysAsync(session, cancellationToken);
        }

        var (listed, note) = await new StoredCheck(calls, options, spool).RunAsync(record.Note, cancellationToken);
        record.Change(_ => note);
        stored = StoredLineage.Of(
            listed,
            note.From,
            note.Stored?.Commit ?? default,
            commit => record.Exactly(commit)?.Time
        );
        points = listed.Points;
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

        var header = upload.NewHeader(SegmentKind.Journal, spool.Lineage, spool.PageSize);
        using var writer = upload.NewWriter(header, CommitPoint.Of(stored.Tip), journalOptions);
        var last = new LastCommit(writer);
        spool.Read(stored.Tip.Number + 1, spool.Newest.Number, last, options.JournalBytes, cancellationToken);
        if (last.Commit is not { } commit)
        {
            // Given up just now: there is a gap.
            return false;
        }

        var first = stored.Tip.Number + 1;
        var key = names.Journal(first);
        var objects = writer.Finish();
        var mark = new StoredMark(ListedLineage.NameOf(key), writer.Digest.ToString(), commit);
        try
        {
            // Killed in between, either is recognised.
            record.Change(note => note with { Pending = mark });
            var bytes = await upload.StoreAsync(objects, key, header.Salt, cancellationToken);
            record.Change(note => note with { Stored = mark, Pending = null });
            List<ObjectKey> keys =
            [
                .. objects.Select(item => TimelineNames.Part(key, header.Salt, item.Part)).Reverse(),
            ];
            stored.Add(new StoredJournal(key, false, first, commit.Number, commit.Time, bytes, keys), commit);
        }
        catch (StoreException error) when (error.Fault == StoreFault.AlreadyExists)
        {
            throw Fenced($"another agent has stored commit {first}");
        }

        Advance();
        return stored.Tip.Number < spool.Newest.Number;
    }

    /// <summary>Begins a base or delta when one is due, and takes one that was finished.</summary>
    public async Task ShipPointAsync(CancellationToken cancellationToken)
    {
        if (making is { Task.IsCompleted: true })
        {
            await TakePointAsync(cancellationToken);
        }

        if (spool.Ended || !CanGoOn)
        {
            // With a gap in the journal what is being made could never be used.
            await EndPointAsync();
        }

        if (!spool.Ended && making == null && time.GetUtcNow() >= nextPoint && DueLevel() is { } level)
        {
            try
            {
                await BeginPointAsync(level, cancellationToken);
            }
            catch (HoldfastException error)
                when (stored.IsRestorable && error is not (SpoolDamagedException or FencedException))
            {
                // As when the database is gone: the journal goes on, the point is tried again.
                calls.Note(error);
                nextPoint = time.GetUtcNow() + options.LongestRetry;
            }
        }
    }

    /// <summary>Rolls journals up, and removes what is too old.</summary>
    /// <exception cref="FencedException">The key under which it is sealed was destroyed.</exception>
    public async Task MaintainAsync(CancellationToken cancellationToken)
    {
        if (session != null && time.GetUtcNow() >= nextKeys)
        {
            await RequireOwnKeyAsync(session, cancellationToken);
            nextKeys = time.GetUtcNow() + KeysPause;
        }

        if (rolling is { Task.IsCompleted: true })
        {
            await TakeRollUpAsync();
        }

        if (rolling == null)
        {
            RollUp(cancellationToken);
        }

        while (rolledUp.TryPeek(out var next) && next.NotBefore <= time.GetUtcNow())
        {
            _ = await calls.DeleteAsync(next.Key, cancellationToken);
            _ = rolledUp.Dequeue();
        }

        if (Prunes && time.GetUtcNow() >= nextWindow && stored.IsRestorable)
        {
            await PruneAsync(cancellationToken);
        }

        if (calls.RetainFor is { } period && time.GetUtcNow() >= nextExtension && stored.IsRestorable)
        {
            await ExtendAsync(period, cancellationToken);
        }
    }

    /// <summary>Completes when there is something to do.</summary>
    public async Task WaitAsync(Task wished, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        List<Task> reasons = [spool.WaitForNewerAsync(Stored, over.Token), wished];
        if (making is { } unfinished)
        {
            reasons.Add(unfinished.Task);
        }

        if (rolling is { } running)
        {
            reasons.Add(running.Task);
        }

        if (NextDue() is { } due)
        {
            var wait = due - time.GetUtcNow();
            wait = wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
            reasons.Add(Task.Delay(wait < LongestWait ? wait : LongestWait, time, over.Token));
        }

        _ = await Task.WhenAny(reasons);
        await over.CancelAsync();
    }

    /// <summary>Completes when nothing is being made any more, or after a while.</summary>
    internal async Task WhenQuietAsync(TimeSpan most)
    {
        List<Task> busy = [];
        if (making is { } point)
        {
            busy.Add(point.Task);
        }

        if (rolling is { } running)
        {
            busy.Add(running.Task);
        }

        _ = await Task.WhenAny(Task.WhenAll(busy), Task.Delay(most));
    }

    /// <summary>Gives up what is being made.</summary>
    public async Task EndAsync()
    {
        await EndPointAsync();
        await EndRollUpAsync();
    }

    private bool Prunes => options.KeepEveryCommit != null && options.ObjectsLive == null;

    private async Task EndRollUpAsync()
    {
        if (rolling is { } running)
        {
            await running.Stop.CancelAsync();
            await ((Task)running.Task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            running.Stop.Dispose();
            rolling = null;
        }
    }

    private async Task EndPointAsync()
    {
        if (making is { } unfinished)
        {
            await unfinished.Stop.CancelAsync();
            await ((Task)unfinished.Task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            unfinished.Stop.Dispose();
            making = null;
            record.Hold(null);
        }
    }

    // A database without commits costs nothing until one of these moments.
    private DateTimeOffset? NextDue()
    {
        List<DateTimeOffset> moments = [];
        if (rolledUp.TryPeek(out var journal))
        {
            moments.Add(journal.NotBefore);
        }

        if (rolling == null && NotRolledUp is [var oldest, ..])
        {
            moments.Add(Shipping.RollUp.DueOf(oldest));
        }

        if (making == null && !spool.Ended)
        {
            moments.Add(PointDue());
        }

        if (Prunes && stored.IsRestorable)
        {
            moments.Add(nextWindow);
        }

        if (calls.RetainFor != null && stored.IsRestorable)
        {
            moments.Add(nextExtension);
        }

        var next = moments.DefaultIfEmpty(DateTimeOffset.MaxValue).Min();
        return next == DateTimeOffset.MaxValue ? null : next;
    }

    private DateTimeOffset PointDue()
    {
        var due =
            DueLevel() != null
                ? DateTimeOffset.MinValue
                : schedule.NextFor(points, stored.Base!, stored.Tip.Number, time.GetUtcNow());
        return Later(due, nextPoint);
    }

    private byte? DueLevel() =>
        wantsBase || stored.Base is not { } newest || newest.Settled < stored.From || !CanGoOn
            ? TimelineLevel.Base
            : schedule.DueFor(points, newest, stored, time.GetUtcNow());

    private void RollUp(CancellationToken cancellationToken)
    {
        var way = new RollUp(spool, upload, names, record);
        while (way.Choose(NotRolledUp, options, time.GetUtcNow()) is { } plan)
        {
            if (plan.HasWork)
            {
                var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                rolling = (plan, Task.Run(() => way.RunAsync(plan, stop.Token), stop.Token), stop);
                return;
            }

            record.RollUpTo(plan.Journals[^1].Last);
        }
    }

    private async Task TakeRollUpAsync()
    {
        var (plan, task, stop) = rolling!.Value;
        rolling = null;
        using (stop)
        {
            var rollUp = await task;
            if (rollUp != null)
            {
                stored.Replace(plan.Journals, rollUp);
                DeleteLater(plan.Journals.SelectMany(journal => journal.Objects));
            }

            if (plan.IsFinal || rollUp == null)
            {
                record.RollUpTo(plan.Journals[^1].Last);
            }
        }
    }

    private async Task PruneAsync(CancellationToken cancellationToken)
    {
        var plan = await pruner.PlanAsync(cancellationToken);

        // Without tiers nothing is kept for long, and what leaves the window may well be most of it.
        var refusal = options.Keep.Levels.Count > 0 ? plan.Refusal : null;
        if (refusal != null)
        {
            if (PruningRefused == null)
            {
                calls.Note(
                    new HoldfastException(
                        ErrorCode.Refused,
                        $"{refusal}; nothing was deleted",
                        $"look with holdfast prune {options.Database} --dry-run, then confirm with --yes"
                    )
                );
            }

            PruningRefused = refusal;
            nextWindow = time.GetUtcNow() + RefusalPause;
            return;
        }

        PruningRefused = null;
        var deleted = await pruner.ApplyAsync(plan, cancellationToken);
        stored.Forget(deleted);
        points = [.. points.Where(point => !deleted.Contains(point.Key))];
        nextWindow =
            deleted.Count < plan.Delete.Count && !calls.DeletionRefused ? time.GetUtcNow() + WindowPause
            : plan.Next is { } next ? Later(next, time.GetUtcNow() + WindowPause)
            : DateTimeOffset.MaxValue;
    }

    // Often enough that nothing that is needed is ever let go of, and seldom enough to cost nothing.
    private async Task ExtendAsync(TimeSpan period, CancellationToken cancellationToken)
    {
        nextExtension = time.GetUtcNow() + (period / 10);
        var found = await calls.ListAsync(TimelineNames.Prefix(options.Database), isNew: false, cancellationToken);
        var plan = await pruner.PlanAsync(cancellationToken);
        var gone = plan
            .Points.Where(point => !point.Decision.IsKept)
            .SelectMany(point => point.Point.Objects)
            .Concat(plan.Delete)
            .Concat(plan.Done)
            .ToHashSet();
        await calls.ExtendAsync(found.Where(info => !gone.Contains(info.Key)), cancellationToken);
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    // A restore that has listed them, and not yet the roll-up, goes on with them.
    private void DeleteLater(IEnumerable<ObjectKey> keys)
    {
        var notBefore = time.GetUtcNow() + options.RollUpGrace;
        foreach (var key in keys)
        {
            rolledUp.Enqueue((key, notBefore));
        }
    }

    // What nobody can read is no use: after that a new lineage begins, with a base of its own.
    private async Task RequireEarlierKeysAsync(SessionKey own, CancellationToken cancellationToken)
    {
        if (record.Note.Stored == null)
        {
            return;
        }

        var sessions = await calls.ListAsync(VaultNames.Database(options.Database), isNew: false, cancellationToken);
        var mine = VaultNames.Session(options.Database, own.Id);
        if (sessions.TrueForAll(info => info.Key == mine))
        {
            throw Fenced("the keys of what was stored were destroyed");
        }
    }

    private async Task RequireOwnKeyAsync(SessionKey own, CancellationToken cancellationToken)
    {
        var mine = VaultNames.Session(options.Database, own.Id);
        var found = await calls.ListAsync(mine.Value, isNew: false, cancellationToken);
        if (found.Count == 0)
        {
            throw Fenced("the key of what is stored was destroyed");
        }
    }

    private async Task BeginPointAsync(byte level, CancellationToken cancellationToken)
    {
        if (session != null)
        {
            await RequireOwnKeyAsync(session, cancellationToken);
        }

        var wish = schedule.WishFor(level, points, record.Note, spool);
        if (wish.Closed)
        {
            record.Hold(stored.Tip.Number);
        }

        if (await PointShipment.BeginAsync(spool, capture, time, wish, record, cancellationToken) is not { } shipment)
        {
            record.Hold(null);
            nextPoint = time.GetUtcNow() + (stored.IsRestorable ? options.LongestRetry : options.FirstRetry);
            return;
        }

        if (!CanGoOn)
        {
            await EndRollUpAsync();
            var settled = shipment.Settled;
            record.Change(note =>
                note with
                {
                    From = settled.Number,
                    Stored = new StoredMark(null, null, settled),
                    Pending = null,
                    RolledUp = settled,
                }
            );
            stored.BeginAfter(settled);
            Advance();
        }

        var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        making = (Task.Run(() => shipment.RunAsync(upload, names, WaitForAsync, stop.Token), stop.Token), stop);
    }

    private async Task TakePointAsync(CancellationToken cancellationToken)
    {
        var (task, stop) = making!.Value;
        making = null;
        using (stop)
        {
            try
            {
                var made = await task;
                if (made.Level == TimelineLevel.Base && made.Settled.Number >= stored.From)
                {
                    stored.Add(new StoredBase(made.Settled.Number, made.Finished, made.Time, made.Bytes));
                    wantsBase = false;
                }

                if (options.Keep.Levels.Count > 0)
                {
                    points = await ListPointsAsync(cancellationToken);
                }

                nextWindow = DateTimeOffset.MinValue;
            }
            catch (OperationCanceledException) when (spool.Ended)
            {
                return;
            }
            catch (HoldfastException error)
            {
                // The journal goes on; the point is tried again.
                calls.Note(error);
                nextPoint = time.GetUtcNow() + options.LongestRetry;
            }
            finally
            {
                record.Hold(null);
            }
        }

        Advance();
    }

    private async Task<IReadOnlyList<LevelPoint>> ListPointsAsync(CancellationToken cancellationToken)
    {
        var prefix = $"{TimelineNames.Prefix(options.Database)}{spool.Lineage}/";
        var found = await calls.ListAsync(prefix, isNew: false, cancellationToken);
        return new ListedLineage(found, options.Database, spool.Lineage).Points;
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

    private FencedException Fenced(string why) => FencedException.Of(options, spool.Lineage, why);

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
