namespace Holdfast.Core.Tests;

/// <summary>A clock that a test sets. Waits of a minute and more are by this clock, shorter ones really pass.</summary>
internal sealed class ManualClock : TimeProvider
{
    private readonly Lock gate = new();
    private readonly List<LongWait> waits = [];

    public DateTimeOffset Now { get; set; } = new(2026, 3, 14, 15, 9, 26, 535, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => Now;

    public override long GetTimestamp() => Now.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime < TimeSpan.FromMinutes(1))
        {
            return base.CreateTimer(callback, state, dueTime, period);
        }

        lock (gate)
        {
            var wait = new LongWait(this, () => callback(state), Now + dueTime);
            waits.Add(wait);
            return wait;
        }
    }

    public void Advance(TimeSpan time)
    {
        List<LongWait> over;
        lock (gate)
        {
            Now += time;
            over = waits.FindAll(wait => wait.Due <= Now);
            _ = waits.RemoveAll(wait => wait.Due <= Now);
        }

        over.ForEach(wait => wait.Call());
    }

    private sealed class LongWait(ManualClock clock, Action call, DateTimeOffset due) : ITimer
    {
        public DateTimeOffset Due => due;

        public void Call() => call();

        public bool Change(TimeSpan dueTime, TimeSpan period) => throw new NotSupportedException();

        public void Dispose()
        {
            lock (clock.gate)
            {
                _ = clock.waits.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
