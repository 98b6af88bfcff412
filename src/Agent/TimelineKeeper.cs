using System.Globalization;
using Holdfast.Core.Errors;
using Holdfast.Core.Timeline;
using Holdfast.Core.Timeline.Shipping;
using Holdfast.Core.Timeline.Spool;

namespace Holdfast.Agent;

/// <summary>
/// Keeps the timeline of one database: opens its log, captures, ships, and begins again when one of them ends.
/// Thread-safe.
/// </summary>
public sealed class TimelineKeeper : IDisposable
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private readonly TimelineDatabase database;
    private readonly string directory;
    private readonly SemaphoreSlim starts;
    private readonly TimeProvider time;
    private readonly KeeperEvents events;
    private readonly CancellationTokenSource stop = new();
    private readonly TaskCompletionSource<HoldfastException?> begun = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );
    private volatile OpenTimeline? open;
    private volatile HoldfastException? problem;
    private volatile TimelineStatus? last;
    private volatile TaskCompletionSource nudge = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile TimelineState state = TimelineState.Starting;
    private TimeSpan wait = FirstWait;

    /// <summary>Prepares the keeping; <see cref="RunAsync"/> does it.</summary>
    /// <param name="database">The database.</param>
    /// <param name="timelines">The directory in which each timeline has its own.</param>
    /// <param name="starts">Held while a capture starts, so that not all of them read their databases at once.</param>
    /// <param name="report">Told what happens; from any thread, must not throw.</param>
    /// <param name="time">The clock.</param>
    public TimelineKeeper(
        TimelineDatabase database,
        string timelines,
        SemaphoreSlim starts,
        Action<TimelineEvent> report,
        TimeProvider time
    )
    {
        this.database = database;
        this.starts = starts;
        this.time = time;
        Key = database.Key;
        directory = Path.Combine(timelines, Key);
        events = new KeeperEvents(database, report, time);
    }

    /// <summary>What the timeline is called in requests; the name of its directory.</summary>
    public string Key { get; }

    /// <summary>The database.</summary>
    public TimelineDatabase Database => database;

    /// <summary>Completes when the first attempt to capture it has ended: null when it is captured, else why not.</summary>
    public Task<HoldfastException?> Begun => begun.Task;

    /// <summary>Whether a failure is one that a person must settle, as waiting does not.</summary>
    public bool NeedsPerson(HoldfastException failure) =>
        failure.Code is ErrorCode.Busy or ErrorCode.Refused or ErrorCode.Usage or ErrorCode.WrongKey
        || (failure.Code == ErrorCode.SourceMissing && database.Exists());

    /// <summary>What is done, and how well.</summary>
    public TimelineStatus Status => StatusOf(open);

    /// <summary>How it was when its capture or it itself ended last; how it is before that.</summary>
    public TimelineStatus LastStatus => open == null && last is { } status ? status : Status;

    /// <summary>Keeps the timeline until it is stopped, or somebody else writes it.</summary>
    /// <exception cref="FencedException">Somebody else writes it.</exception>
    public async Task RunAsync()
    {
        try
        {
            while (true)
            {
                var failure = await KeepAsync();
                if (failure is FencedException { } fenced)
                {
                    throw fenced;
                }

                await WaitAsync(failure);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            state = TimelineState.Ended;
        }
        catch (FencedException error)
        {
            (state, problem) = (TimelineState.Fenced, error);
            events.Problem(TimelineEventKind.Fenced, $"{error.Message}; it is not captured here any more", error.Hint);
            throw;
        }
        finally
        {
            _ = begun.TrySetResult(problem);
        }
    }

    /// <summary>Looks whether anything is to be told, and whether a database that was missing has come.</summary>
    public void Look()
    {
        if (open is { } timeline)
        {
            events.Look(timeline);
        }

        if (state is TimelineState.Gone && database.Exists())
        {
            _ = nudge.TrySetResult();
        }
    }

    /// <summary>Captures and stores everything committed before the call.</summary>
    /// <returns>The newest commit; every target has it.</returns>
    /// <exception cref="HoldfastException">It is not captured, or not kept any more.</exception>
    public async Task<StoredCommit> SyncAsync(CancellationToken cancellationToken)
    {
        var timeline = RequireCapture();
        var (lineage, commit) = await timeline.CatchUpAsync(cancellationToken);
        await timeline.SyncAsync(lineage, commit.Number, cancellationToken);
        return new StoredCommit(lineage.ToString(), commit.Number, commit.Time);
    }

    /// <summary>Names what is committed now as a restore point.</summary>
    /// <returns>The commit; every target has it, and the point.</returns>
    /// <exception cref="HoldfastException">It is not captured, or not kept any more.</exception>
    public async Task<StoredCommit> PutPointAsync(string reason, CancellationToken cancellationToken)
    {
        var timeline = RequireCapture();
        if (Status.Targets.Any(target => target.Base == 0))
        {
            // Nothing from before the first base is finished can be restored.
            _ = await SyncAsync(cancellationToken);
        }

        var (lineage, commit) = await timeline.CatchUpAsync(cancellationToken);
        await timeline.PutPointAsync(lineage, commit, reason, cancellationToken);
        return new StoredCommit(lineage.ToString(), commit.Number, commit.Time);
    }

    /// <summary>Makes a base of the live database at every target, whatever is stored already.</summary>
    /// <returns>The newest commit; every target has it, and can restore it with nothing from before the base.</returns>
    /// <exception cref="HoldfastException">It is not captured, or not kept any more.</exception>
    public async Task<StoredCommit> MakeBaseAsync(CancellationToken cancellationToken)
    {
        await RequireCapture().MakeBaseAsync(cancellationToken);
        return await SyncAsync(cancellationToken);
    }

    /// <summary>Captures and stores what was committed, and ends. What could not be stored waits in the spool.</summary>
    /// <param name="deadline">Ends the storing.</param>
    public async Task<TimelineEnding> EndAsync(CancellationToken deadline)
    {
        var ending = await FinishAsync(deadline);
        if (ending.IsComplete)
        {
            var upTo = string.Create(
                CultureInfo.InvariantCulture,
                $"everything up to commit {ending.Commit} is stored"
            );
            events.Tell(TimelineEventKind.Ended, upTo, commit: ending.Commit);
        }

        await StopAsync();
        return ending;
    }

    /// <summary>Ends; what is not stored waits in the spool. <see cref="RunAsync"/> ends soon.</summary>
    public Task StopAsync() => stop.CancelAsync();

    /// <summary>To be called when <see cref="RunAsync"/> has ended.</summary>
    public void Dispose() => stop.Dispose();

    private async Task<TimelineEnding> FinishAsync(CancellationToken deadline)
    {
        string? why = null;
        var timeline = open;
        try
        {
            if (state == TimelineState.Capturing)
            {
                _ = await SyncAsync(deadline);
            }
            else
            {
                why = state == TimelineState.Gone ? null : problem?.Message ?? "its capture had not begun";
                if (timeline?.Spool is { } spool)
                {
                    await timeline.SyncAsync(spool.Lineage, spool.Newest.Number, deadline);
                }
            }
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested) { }
        catch (HoldfastException error)
        {
            why = error.Message;
        }

        var status = StatusOf(timeline);
        return new TimelineEnding(
            database.Name,
            status.Commit,
            why,
            [
                .. status.Targets.Where(target =>
                    status.Commit > 0
                    && (target.Lineage != status.Lineage || target.Stored < status.Commit || target.Base == 0)
                ),
            ]
        );
    }

    // Until it must begin again: with the reason.
    private async Task<HoldfastException> KeepAsync()
    {
        try
        {
            stop.Token.ThrowIfCancellationRequested();
            await using var timeline = await OpenAsync();
            open = timeline;
            try
            {
                events.Opened(timeline);
                while (true)
                {
                    var failure = await CaptureAsync(timeline);
                    if (failure.Code != ErrorCode.SourceMissing || failure is FencedException or SpoolDamagedException)
                    {
                        return failure;
                    }

                    // Those who ship go on: what was captured of it is to be stored.
                    await WaitAsync(failure);
                }
            }
            finally
            {
                events.Look(timeline);
                last = StatusOf(timeline);
                open = null;
            }
        }
        catch (HoldfastException error)
        {
            return error;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new HoldfastException(
                ErrorCode.Failure,
                error.Message,
                "look at the rights and the space of that directory",
                error
            );
        }
    }

    private async Task<OpenTimeline> OpenAsync()
    {
        await starts.WaitAsync(stop.Token);
        try
        {
            return await Task.Run(() => OpenTimeline.Open(database, directory, time), stop.Token);
        }
        finally
        {
            _ = starts.Release();
        }
    }

    // Until the capture or a shipper ends: with the reason.
    private async Task<HoldfastException> CaptureAsync(OpenTimeline timeline)
    {
        try
        {
            await starts.WaitAsync(stop.Token);
            try
            {
                await timeline.Capture.StartAsync(stop.Token);
            }
            finally
            {
                _ = starts.Release();
            }

            var started = time.GetTimestamp();
            (state, problem) = (TimelineState.Capturing, null);
            events.Capturing(timeline);
            _ = begun.TrySetResult(null);
            var (failure, shipper) = await timeline.EndedAsync(stop.Token);
            if (time.GetElapsedTime(started) > LongestWait)
            {
                wait = FirstWait;
            }

            return Translate(failure, shipper);
        }
        catch (HoldfastException error)
        {
            return error;
        }
        finally
        {
            await timeline.Capture.StopAsync();
        }
    }

    private static HoldfastException Translate(Exception failure, TimelineShipperStatus? shipper) =>
        failure switch
        {
            // Nothing was stored yet: what is there is ahead of what we had. The log begins anew, and nobody is in the way.
            FencedException when shipper is { Stored: 0 } => new HoldfastException(
                ErrorCode.Failure,
                $"{failure.Message}: a new lineage begins",
                hint: null,
                failure
            ),
            HoldfastException known => known,
            _ => new HoldfastException(
                ErrorCode.Failure,
                $"this is a defect of holdfast: {failure.GetType().Name}: {failure.Message}",
                "report it; what was captured is kept",
                failure
            ),
        };

    private async Task WaitAsync(HoldfastException failure)
    {
        problem = failure;
        var gone = failure.Code == ErrorCode.SourceMissing && !database.Exists();
        state = gone ? TimelineState.Gone : TimelineState.Waiting;
        events.Problem(gone ? TimelineEventKind.Gone : TimelineEventKind.Waiting, failure.Message, failure.Hint);
        _ = begun.TrySetResult(failure);
        var woken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        nudge = woken;
        _ = await Task.WhenAny(woken.Task, Task.Delay(wait, time, stop.Token));
        stop.Token.ThrowIfCancellationRequested();
        wait = wait * 2 < LongestWait ? wait * 2 : LongestWait;
    }

    private OpenTimeline RequireCapture() =>
        state == TimelineState.Capturing && open is { } timeline
            ? timeline
            : throw new HoldfastException(
                problem?.Code ?? ErrorCode.Failure,
                $"{database.Name} is not captured at the moment: {problem?.Message ?? "its capture is about to begin"}",
                problem?.Hint ?? "try again in a moment",
                problem
            );

    private TimelineStatus StatusOf(OpenTimeline? timeline)
    {
        var spool = timeline?.Spool;
        return new TimelineStatus
        {
            Database = database.Name,
            Address = database.Address,
            Identity = database.Identity,
            Key = Key,
            State = state,
            Problem = problem?.Message,
            Lineage = spool?.Lineage.ToString(),
            Commit = spool?.Newest.Number ?? 0,
            CommitTime = spool?.Newest.Time,
            SpoolBytes = timeline?.Log.Bytes ?? 0,
            Gaps = timeline?.Log.GivenUp.Count ?? 0,
            Targets = timeline == null ? [] : [.. timeline.Shipping.Select(Of)],
            Capture = timeline?.Capture.Running is { } capture ? Of(capture.Status) : null,
        };
    }

    private static TimelineTargetStatus Of((TimelineTarget Target, TimelineShipperStatus Status) shipping) =>
        new()
        {
            Target = shipping.Target.Name,
            Address = shipping.Target.Store.Address,
            State = shipping.Status.State.ToString().ToLowerInvariant(),
            Lineage = shipping.Status.Lineage?.ToString(),
            Stored = shipping.Status.Stored,
            Base = shipping.Status.Base,
            LagSeconds = Math.Round(shipping.Status.Lag.TotalSeconds, 3),
            LastError = shipping.Status.LastError,
            LastErrorAt = shipping.Status.LastErrorAt,
            DeletionRefused = shipping.Status.DeletionRefused,
            PruningRefused = shipping.Status.PruningRefused,
        };

    private static TimelineCaptureStatus Of(CaptureStatus status) =>
        new()
        {
            Commits = status.Commits,
            Resynchronisations = status.Resynchronisations,
            LastResynchronisation = status.LastResynchronisation,
            WriteLockHolds = status.WriteLockHolds,
            LongestWriteLockMilliseconds = Math.Round(status.LongestWriteLock.TotalMilliseconds, 3),
            WalBytes = status.WalBytes,
        };
}
