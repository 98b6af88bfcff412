using Holdfast.Core.Stores;

namespace Holdfast.Stores.S3;

/// <summary>The body of an answer; a read that waits too long fails.</summary>
internal sealed class WatchedDownload(Stream inner, StallGuard guard) : ReadingStream
{
    private CancellationTokenSource timer = guard.NewTimer();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        guard.Restart(timer);
        using var cancelling = cancellationToken.UnsafeRegister(
            static source => ((CancellationTokenSource)source!).Cancel(),
            timer
        );
        try
        {
            return await inner.ReadAsync(buffer, timer.Token);
        }
        catch (OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw guard.Stalled();
        }
        finally
        {
            if (!timer.TryReset())
            {
                timer.Dispose();
                timer = guard.NewTimer();
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
        timer.Dispose();
        inner.Dispose();
        base.Dispose(disposing);
    }
}
