using Holdfast.Core.Errors;
using Holdfast.Core.Stores;
using Holdfast.Core.Timeline.Format;
using Holdfast.Core.Timeline.Spool;
using Holdfast.Core.Vault;

namespace Holdfast.Core.Timeline.Shipping;

/// <summary>
/// Brings the commits of one database to one target: journals each interval, bases, roll-ups, the retention window. It
/// works from the spool, with no pin and no lock held; the capture never waits for it. Its methods are thread-safe.
/// </summary>
public sealed class TimelineShipper
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(20);

    private readonly ITimelineSpools spools;
    private readonly ICapture capture;
    private readonly TimelineShipperOptions options;
    private readonly TimeProvider time;
    private readonly StoreCalls calls;
    private readonly Lock gate = new();
    private TaskCompletionSource progress = NewSignal();
    private TaskCompletionSource wish = NewSignal();
    private LineageShipment? shipment;
    private int syncing;
    private SessionKey? session;
    private Exception? end;

    /// <summary>Prepares the shipping; <see cref="RunAsync"/> does it.</summary>
    public TimelineShipper(
        ITimelineSpools spools,
        ICapture capture,
        IObjectStore store,
        TimelineShipperOptions options,
        TimeProvider time
    )
    {
        this.spools = spools;
        this.capture = capture;
        this.options = options;
        this.time = time;
        calls = new StoreCalls(store, options, time);
    }

    /// <summary>How far it is.</summary>
    public TimelineShipperStatus Status
    {
        get
        {
            var current = shipment;
            return new TimelineShipperStatus(
                end is FencedException ? ShippingState.Fenced
                    : calls.IsFailing ? ShippingState.Retrying
                    : current == null ? ShippingState.Starting
                    : ShippingState.Shipping,
                current?.Spool.Lineage,
                current?.Stored ?? 0,
                current?.Base?.Finished ?? 0,
                LagOf(current),
                calls.Retries,
                calls.LastError,
                calls.LastErrorAt,
                calls.DeletionRefused,
                current?.PruningRefused
            );
        }
    }

    /// <summary>Ships until it is cancelled. Failures of the target are waited out.</summary>
    /// <exception cref="FencedException">The target holds another history of the lineage; it is abandoned.</exception>
    /// <exception cref="SpoolDamagedException">The spool does not hold what was written; the lineage is abandoned.</exception>
    /// <exception cref="HoldfastException">
    /// <see cref="ErrorCode.Refused"/>: the target is another vault than it was, or for others; nothing was written.
    /// </exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            session = await BeginSessionAsync(cancellationToken);
            LineageId? done = null;
            while (true)
            {
                var spool = await spools.NextAsync(done, cancellationToken);
                var next = new LineageShipment(spool, capture, calls, options, session, time, SignalProgress);
                shipment = next;
                try
                {
                    await ShipAsync(next, cancellationToken);
                }
                catch (HoldfastException error) when (IsFinal(error) && spool.Ended)
                {
                    // Nothing is built on it any more: what the target has of it stays, and the next lineage goes on.
                    calls.Note(error);
                }
                finally
                {
                    await next.EndAsync();
                }

                if (next.Stored < spool.Newest.Number)
                {
                    spools.GiveUp(spool, next.Stored + 1);
                }

                var all = spool.Newest.Number;
                spool.SetProgress(options.Target, new TargetProgress { Stored = all, Released = all });
                done = spool.Lineage;
            }
        }
        catch (Exception error)
        {
            if (IsFinal(error) && shipment is { } current)
            {
                // Another history, or a spool that does not hold what was written: neither can go on.
                spools.Distrust(current.Spool.Lineage, error.Message);
            }

            End(error);
            throw;
        }
    }

    /// <summary>Completes when everything up to a commit is stored and can be restored; makes it happen at once.</summary>
    /// <exception cref="FencedException">The target holds another history of the lineage.</exception>
    public async Task SyncAsync(LineageId lineage, long commit, CancellationToken cancellationToken)
    {
        _ = Interlocked.Increment(ref syncing);
        try
        {
            await WaitForAsync(lineage, commit, cancellationToken);
        }
        finally
        {
            _ = Interlocked.Decrement(ref syncing);
        }
    }

    /// <summary>
    /// Makes a base of the live database at once, whatever is stored already: what was lost before it is needed no more for what
    /// comes after it. Completes when it is stored.
    /// </summary>
    /// <exception cref="HoldfastException">The target is not written to any more.</exception>
    public async Task MakeBaseAsync(CancellationToken cancellationToken)
    {
        _ = Interlocked.Increment(ref syncing);
        try
        {
            LineageShipment? asked = null;
            while (true)
            {
                Task changed;
                lock (gate)
                {
                    RequireRunning();
                    if (asked == null && shipment is { } current)
                    {
                        asked = current;
                        asked.WantsBase = true;
                    }
                    else if (asked != null && (!asked.WantsBase || shipment != asked))
                    {
                        // Another lineage begins with one.
                        return;
                    }

                    changed = progress.Task;
                    _ = wish.TrySetResult();
                }

                await changed.WaitAsync(cancellationToken);
            }
        }
        finally
        {
            _ = Interlocked.Decrement(ref syncing);
        }
    }

    private void RequireRunning()
    {
        if (end is { } error)
        {
            throw new HoldfastException(
                (error as HoldfastException)?.Code ?? ErrorCode.Failure,
                $"{options.Target} is not written to any more: {error.Message}",
                (error as HoldfastException)?.Hint,
                error
            );
        }
    }

    /// <summary>Names a commit as a restore point; it is stored with everything before it when this completes.</summary>
    /// <param name="lineage">Its lineage.</param>
    /// <param name="commit">The commit.</param>
    /// <param name="reason">Why, for people.</param>
    /// <param name="cancellationToken">Ends the waiting; the point may have been stored.</param>
    public async Task PutPointAsync(
        LineageId lineage,
        CommitInfo commit,
        string reason,
        CancellationToken cancellationToken
    )
    {
        await SyncAsync(lineage, commit.Number, cancellationToken);
        var key = new TimelineNames(options.Database, lineage).Point(
            commit.Number,
            commit.Time,
            session == null ? reason : SealedObject.Slug
        );
        var point = new RestorePoint
        {
            Commit = commit.Number,
            Time = commit.Time,
            Reason = reason,
        };
        var content = session == null ? point.ToContent() : SealedObject.Seal(session, key, point.ToBytes());
        await calls.PutAsync(key, content, cancellationToken);
    }

    // Each step is repeated for itself: a target that fails often lets a start through in the end, and gets one session.
    private async Task<SessionKey?> BeginSessionAsync(CancellationToken cancellationToken)
    {
        if (options.Vault is not { } vault)
        {
            return null;
        }

        var pin = await calls.ReadAsync((store, token) => vault.CheckAsync(store, token), cancellationToken);
        if (!pin.IsEncrypted)
        {
            return null;
        }

        var drawn = vault.Draw(pin, options.Database);
        await calls.PutAsync(drawn.Name, drawn.Wrapped, cancellationToken);
        return drawn.Key;
    }

    private async Task WaitForAsync(LineageId lineage, long commit, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (gate)
            {
                RequireRunning();

                // A lineage that has ended is in what came after it.
                if (
                    shipment is { IsRestorable: true } current
                    && (
                        current.Spool.Lineage > lineage
                        || (current.Spool.Lineage == lineage && current.Stored >= commit)
                    )
                )
                {
                    return;
                }

                changed = progress.Task;
                _ = wish.TrySetResult();
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task ShipAsync(LineageShipment current, CancellationToken cancellationToken)
    {
        await current.VerifyAsync(cancellationToken);
        while (!current.IsDone)
        {
            var begun = time.GetTimestamp();
            try
            {
                await current.ShipPointAsync(cancellationToken);
                while (await current.ShipJournalAsync(cancellationToken)) { }
                await current.MaintainAsync(cancellationToken);
            }
            catch (HoldfastException error) when (!IsFinal(error))
            {
                // No room for temporary files, a database that cannot be read: it may pass.
                calls.Note(error);
                await Task.Delay(options.LongestRetry, time, cancellationToken);
                continue;
            }

            await WaitAsync(current, begun, cancellationToken);
        }
    }

    private static bool IsFinal(Exception error) => error is FencedException or SpoolDamagedException;

    private async Task WaitAsync(LineageShipment current, long begun, CancellationToken cancellationToken)
    {
        Task wished;
        lock (gate)
        {
            wished = wish.Task;
        }

        await current.WaitAsync(wished, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        var left = options.Interval - time.GetElapsedTime(begun);
        if (Volatile.Read(ref syncing) > 0 && left > ShortestPause)
        {
            // Somebody waits, perhaps for a base, which needs several turns.
            left = ShortestPause;
        }

        if (left > TimeSpan.Zero && !wished.IsCompleted)
        {
            _ = await Task.WhenAny(wished, Task.Delay(left, time, cancellationToken));
        }

        lock (gate)
        {
            if (wished.IsCompleted)
            {
                wish = NewSignal();
            }
        }
    }

    private TimeSpan LagOf(LineageShipment? current)
    {
        if (current == null || current.Stored >= current.Spool.Newest.Number)
        {
            return TimeSpan.Zero;
        }

        var next = Math.Max(current.Stored + 1, current.Spool.Oldest);
        var oldest = current.Spool.Find(next) ?? current.Spool.Newest;
        var lag = time.GetUtcNow() - oldest.Time;
        return lag > TimeSpan.Zero ? lag : TimeSpan.Zero;
    }

    private void SignalProgress()
    {
        lock (gate)
        {
            _ = progress.TrySetResult();
            progress = NewSignal();
        }
    }

    private void End(Exception error)
    {
        lock (gate)
        {
            end = error;
        }

        SignalProgress();
    }
}
