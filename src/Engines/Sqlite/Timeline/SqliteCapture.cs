using System.Collections.Concurrent;
using Holdfast.Core.Errors;
using Holdfast.Core.Timeline;
using Holdfast.Engines.Sqlite.Capture;
using Holdfast.Engines.Sqlite.Files;
using Holdfast.Engines.Sqlite.Interop;

namespace Holdfast.Engines.Sqlite.Timeline;

/// <summary>The thread of a capture, and what others ask of it.</summary>
internal sealed class SqliteCapture : ICapture
{
    private const int StackSize = 256 * 1024;
    private const int ShortestWait = 5;
    private const int PacedWait = 20;
    private const int ManyCommits = 16;
    private const int WatchedWait = 100;
    private const int LongestWait = 3000;
    private const int CompleteTries = 25;
    private const int MostResynchronisations = 5;
    private const int MostFinishTries = 100;

    private readonly string path;
    private readonly SqliteOptions options;
    private readonly ITimelineLog log;
    private readonly TimeProvider time;
    private readonly CaptureCounters counters = new();
    private readonly ConcurrentQueue<Request> requests = new();
    private readonly AutoResetEvent wake = new(initialState: false);
    private readonly CancellationTokenSource stopping = new();
    private readonly TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource completed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread thread;
    private readonly FileReader reader;
    private int disposed;

    public SqliteCapture(string path, SqliteOptions options, ITimelineLog log, TimeProvider time)
    {
        this.path = path;
        this.options = options;
        this.log = log;
        this.time = time;
        reader = new FileReader(path);
        thread = new Thread(Run, StackSize) { IsBackground = true, Name = "holdfast capture" };
        thread.Start();
    }

    /// <summary>Completes when the capture runs.</summary>
    public Task Started => started.Task;

    /// <inheritdoc/>
    public Task Completion => completed.Task;

    /// <inheritdoc/>
    public CaptureStatus Status
    {
        get
        {
            var held = counters.WriteLock;
            return new CaptureStatus(
                counters.Commits,
                counters.Resynchronisations,
                counters.LastReason,
                held.Total,
                held.Longest,
                FileStatus.Of((Posix.RealPath(path) ?? path) + SideFiles.Wal)?.Size ?? 0
            )
            {
                WriteLock = held,
            };
        }
    }

    /// <inheritdoc/>
    public Task<CommitInfo> CatchUpAsync(CancellationToken cancellationToken) =>
        // What was committed to a file that has taken the name is captured once that is the one attached to.
        AskAsync(state => state.HasTheName(path) && state.TryCatchUp() ? log.Tip : null, cancellationToken);

    /// <inheritdoc/>
    public Task<CommitInfo> SettleAsync(CancellationToken cancellationToken)
    {
        // A while for all of it; then what is there is good enough. Without any, somebody's long transaction must end.
        var tries = 0;
        return AskAsync(
            state =>
            {
                var commit = state.Settle(out var complete);
                return complete || ++tries > CompleteTries ? commit : null;
            },
            cancellationToken
        );
    }

    /// <inheritdoc/>
    public void ReadFile(uint first, Span<byte> destination) => reader.Read(first, destination);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0)
        {
            return;
        }

        await stopping.CancelAsync();
        _ = wake.Set();
        await Task.WhenAny(completed.Task);
        reader.Dispose();
        wake.Dispose();
        stopping.Dispose();
    }

    // The answer is asked for at each turn until there is one.
    private Task<CommitInfo> AskAsync(Func<CaptureState, CommitInfo?> ask, CancellationToken token)
    {
        var request = new Request(ask, token);
        requests.Enqueue(request);
        if (completed.Task.IsCompleted)
        {
            Refuse(completed.Task.Exception?.InnerException);
        }
        else
        {
            _ = wake.Set();
        }

        return request.Answer.Task;
    }

    private void Run()
    {
        Exception? failure = null;
        try
        {
            Attend();
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested) { }
        catch (SqliteException error)
        {
            failure = Failures.From(error, path);
        }
#pragma warning disable CA1031 // Whatever it is, it is told to those who wait for the capture.
        catch (Exception error)
#pragma warning restore CA1031
        {
            failure = error;
        }

        End(failure);
    }

    private void End(Exception? failure)
    {
        if (failure is null)
        {
            _ = started.TrySetCanceled();
            completed.SetResult();
        }
        else
        {
            _ = started.TrySetException(failure);
            completed.SetException(failure);
        }

        // Observed here: not everybody waits for both.
        _ = started.Task.Exception;
        _ = completed.Task.Exception;
        Refuse(failure);
    }

    private void Attend()
    {
        while (!stopping.IsCancellationRequested)
        {
            using var attachment = Attach();
            AttendTo(attachment);
        }
    }

    private Attachment Attach()
    {
        var start = time.GetTimestamp();
        while (true)
        {
            try
            {
                return Attachment.To(path, options);
            }
            catch (SqliteException error) when (error.IsMomentary && time.GetElapsedTime(start) < options.BusyTimeout)
            {
                _ = stopping.Token.WaitHandle.WaitOne(ShortestWait);
                stopping.Token.ThrowIfCancellationRequested();
            }
        }
    }

    // Until the capture ends, or another file has the name.
    private void AttendTo(Attachment attachment)
    {
        reader.Use(attachment);
        var state = new CaptureState(attachment, log, counters, time, stopping.Token);
        var watch = new FileWatch(path, attachment, time);
        Start(state);
        reader.PageSize = log.PageSize;
        _ = started.TrySetResult();

        var (wait, present) = (PacedWait, true);
        while (present && !stopping.IsCancellationRequested)
        {
            var (busy, before) = (false, counters.Commits);
            var unbroken = Unbroken(
                state,
                () =>
                {
                    busy = state.Turn();
                    present = watch.Look(state.Position);
                }
            );
            unbroken &= Unbroken(state, () => Answer(state));
            var urgent = !requests.IsEmpty || !unbroken || counters.Commits - before >= ManyCommits;
            wait =
                urgent ? ShortestWait
                : busy ? PacedWait
                : Math.Min(LongestWait, Math.Max(wait, PacedWait) * 2);
            Sleep(state, wait);
        }

        Finish(state);
    }

    private void Start(CaptureState state)
    {
        try
        {
            state.Start();
        }
        catch (ContinuityLostException error)
        {
            Resynchronise(state, error.Message);
        }
    }

    private void Sleep(CaptureState state, int milliseconds)
    {
        if (milliseconds < WatchedWait)
        {
            _ = wake.WaitOne(milliseconds);
            return;
        }

        var sleeping = state.Sleep(wake);
        WalWatch.Shared.Add(sleeping);
        _ = wake.WaitOne(milliseconds);
        WalWatch.Shared.Remove(sleeping);
    }

    // False when it was busy, or continuity was lost, and found again by reading everything.
    private bool Unbroken(CaptureState state, Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (SqliteException error) when (error.IsMomentary)
        {
            return false;
        }
        catch (ContinuityLostException error)
        {
            Resynchronise(state, error.Message);
            return false;
        }
    }

    private void Resynchronise(CaptureState state, string why)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                state.Resynchronise(why);
                return;
            }
            catch (ContinuityLostException error) when (tries < MostResynchronisations)
            {
                why = error.Message;
                _ = stopping.Token.WaitHandle.WaitOne(ShortestWait << (2 * tries));
            }
            catch (ContinuityLostException error)
            {
                throw new HoldfastException(
                    ErrorCode.Failure,
                    $"the database {path} cannot be read as one moment: {error.Message}",
                    "check whether a program other than SQLite touches its files",
                    error
                );
            }
        }
    }

    // What cannot be captured any more is found at the next start: the position says up to where it was.
    private void Finish(CaptureState state)
    {
        try
        {
            for (var tries = 0; tries < MostFinishTries && !state.TryCatchUp(); tries++)
            {
                Momentary.Pause();
            }
        }
        catch (ContinuityLostException)
        {
            log.Abandon();
        }

        log.Flush();
    }

    private void Answer(CaptureState state)
    {
        for (var count = requests.Count; count > 0 && requests.TryDequeue(out var request); count--)
        {
            var answered = false;
            try
            {
                answered = request.TryAnswer(state);
            }
            finally
            {
                if (!answered)
                {
                    requests.Enqueue(request);
                }
            }
        }
    }

    private void Refuse(Exception? reason)
    {
        while (requests.TryDequeue(out var request))
        {
            _ = request.Answer.TrySetException(
                reason ?? new HoldfastException(ErrorCode.Failure, $"the capture of {path} has ended")
            );
        }
    }

    private sealed record Request(Func<CaptureState, CommitInfo?> Ask, CancellationToken Token)
    {
        public TaskCompletionSource<CommitInfo> Answer { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool TryAnswer(CaptureState state)
        {
            if (Token.IsCancellationRequested)
            {
                return Answer.TrySetCanceled(Token);
            }

            return Ask(state) is { } commit && Answer.TrySetResult(commit);
        }
    }
}
