namespace Holdfast.Stores.S3;

/// <summary>
/// Ends requests that make no progress. A limit on the whole request would have to be so long, for large content on
/// slow lines, that a dead connection would not be noticed for hours.
/// </summary>
internal sealed class StallGuard(HttpMessageHandler inner, TimeSpan patience, TimeProvider time)
    : DelegatingHandler(inner)
{
    /// <summary>A source of cancellation that is not running yet.</summary>
    public CancellationTokenSource NewTimer() => new(Timeout.InfiniteTimeSpan, time);

    /// <summary>Gives a timer its whole time again.</summary>
    public void Restart(CancellationTokenSource timer) => timer.CancelAfter(patience);

    /// <summary>What is thrown when the time is over; the SDK repeats such requests.</summary>
    public IOException Stalled() => new($"no progress for {patience.TotalSeconds:0} s");

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        using var timer = NewTimer();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        if (request.Content is { } content)
        {
            request.Content = new WatchedUpload(content, () => Restart(timer));
        }

        Restart(timer);
        try
        {
            var response = await base.SendAsync(request, either.Token);
            response.Content = await WatchAsync(response.Content, cancellationToken);
            return response;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Stalled();
        }
    }

    private async Task<HttpContent> WatchAsync(HttpContent content, CancellationToken cancellationToken)
    {
        var body = await content.ReadAsStreamAsync(cancellationToken);
        var watched = new StreamContent(new WatchedDownload(body, this));
        foreach (var (name, values) in content.Headers.NonValidated)
        {
            watched.Headers.TryAddWithoutValidation(name, values);
        }

        return watched;
    }
}
