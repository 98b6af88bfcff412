using System.Threading.Channels;
using Holdfast.Agent;

namespace Holdfast.Cli.Output;

/// <summary>Tells events a moment after they come, so that what happens to many databases at once is told once.</summary>
internal sealed class TimelineEvents : IAsyncDisposable
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(100);

    private readonly Channel<TimelineEvent> events = Channel.CreateUnbounded<TimelineEvent>(
        new UnboundedChannelOptions { SingleReader = true }
    );
    private readonly Task telling;
    private readonly bool onlyTroubles;

    /// <summary>Begins to tell.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="onlyTroubles">Whether that all is well goes without saying.</param>
    public TimelineEvents(CommandOutput output, bool onlyTroubles = false)
    {
        this.onlyTroubles = onlyTroubles;
        telling = TellAsync(output);
    }

    /// <summary>Takes an event; from any thread.</summary>
    public void Add(TimelineEvent told)
    {
        if (!onlyTroubles || TimelineText.IsTrouble(told.Kind))
        {
            _ = events.Writer.TryWrite(told);
        }
    }

    /// <summary>Tells what is left.</summary>
    public async ValueTask DisposeAsync()
    {
        _ = events.Writer.TryComplete();
        await telling;
    }

    private async Task TellAsync(CommandOutput output)
    {
        var batch = new List<TimelineEvent>();
        while (await events.Reader.WaitToReadAsync())
        {
            if (!events.Reader.Completion.IsCompleted)
            {
                await Task.Delay(Moment);
            }

            while (events.Reader.TryRead(out var told))
            {
                batch.Add(told);
            }

            TimelineText.Tell(output, batch);
            batch.Clear();
        }
    }
}
