using Holdfast.Core.Errors;
using Holdfast.Core.Timeline;

namespace Holdfast.Agent;

/// <summary>
/// The capture that runs at the moment. Captures end when their database goes away; those who ship what was captured
/// go on. Thread-safe.
/// </summary>
internal sealed class CurrentCapture(ITimelineSource source, ITimelineLog log, string database) : ICapture
{
    private Task<ICapture> capture = Task.FromException<ICapture>(None(database));

    private volatile ICapture? running;

    /// <summary>The capture; null while there is none.</summary>
    public ICapture? Running => running;

    /// <inheritdoc/>
    public CaptureStatus Status => Running?.Status ?? new CaptureStatus(0, 0, null, 0, TimeSpan.Zero, 0);

    /// <inheritdoc/>
    public Task Completion => Running?.Completion ?? Task.CompletedTask;

    /// <summary>Starts the next one; whoever needs one waits for it.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var next = source.StartCaptureAsync(log, cancellationToken);
        capture = next;
        running = await next;
    }

    /// <inheritdoc/>
    public async Task<CommitInfo> CatchUpAsync(CancellationToken cancellationToken) =>
        await (await capture.WaitAsync(cancellationToken)).CatchUpAsync(cancellationToken).WaitAsync(cancellationToken);

    /// <inheritdoc/>
    public async Task<CommitInfo> SettleAsync(CancellationToken cancellationToken) =>
        await (await capture.WaitAsync(cancellationToken)).SettleAsync(cancellationToken).WaitAsync(cancellationToken);

    /// <inheritdoc/>
    public void ReadFile(uint first, Span<byte> destination) =>
        (Running ?? throw None(database)).ReadFile(first, destination);

    /// <summary>Ends the capture that runs; another may be started.</summary>
    public async Task StopAsync()
    {
        var last = capture;
        running = null;
        capture = Task.FromException<ICapture>(None(database));
        await ((Task)last).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (last.IsCompletedSuccessfully)
        {
            await (await last).DisposeAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync();

    private static HoldfastException None(string database) =>
        new(ErrorCode.SourceMissing, $"{database} is not captured at the moment", "holdfast status tells why");
}
