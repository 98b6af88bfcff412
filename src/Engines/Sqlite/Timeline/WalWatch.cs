namespace Holdfast.Engines.Sqlite.Timeline;

/// <summary>
/// Wakes captures that sleep because nothing was committed: one thread for all of them looks at the wal-indexes, which is
/// a few reads of memory each. Thread-safe.
/// </summary>
internal sealed class WalWatch
{
    private const int PeriodInMilliseconds = 20;
    private const int CalmPeriodInMilliseconds = 40;
    private const int TurnsUntilCalm = 250;
    private readonly HashSet<SleepingCapture> sleeping = [];
    private bool running;

    private WalWatch() { }

    /// <summary>The one of this process.</summary>
    public static WalWatch Shared { get; } = new();

    /// <summary>Watches until something changes, or <see cref="Remove"/>.</summary>
    public void Add(SleepingCapture capture)
    {
        lock (sleeping)
        {
            var isFirst = sleeping.Count == 0;
            _ = sleeping.Add(capture);
            if (!running)
            {
                running = true;
                new Thread(Run) { IsBackground = true, Name = "holdfast watch" }.Start();
            }

            if (isFirst)
            {
                Monitor.Pulse(sleeping);
            }
        }
    }

    /// <summary>Watches no longer: once it returns, the memory may go.</summary>
    public void Remove(SleepingCapture capture)
    {
        lock (sleeping)
        {
            _ = sleeping.Remove(capture);
        }
    }

    private void Run()
    {
        lock (sleeping)
        {
            for (var calm = 0; ; calm++)
            {
                if (sleeping.RemoveWhere(static capture => capture.TryWake()) > 0)
                {
                    calm = 0;
                }

                // A pulse is for the first that comes only: captures that wake to look at their files are no news.
                var period = calm < TurnsUntilCalm ? PeriodInMilliseconds : CalmPeriodInMilliseconds;
                _ = sleeping.Count == 0 ? Monitor.Wait(sleeping) : Monitor.Wait(sleeping, period);
            }
        }
    }
}

/// <summary>A capture that sleeps.</summary>
/// <param name="Index">Its wal-index.</param>
/// <param name="Wake">What wakes it.</param>
/// <param name="Seen">What it has seen.</param>
/// <param name="Backfilled">The backfill that it has seen: an application's blocking checkpoint may wait for it.</param>
internal sealed record SleepingCapture(WalIndex Index, AutoResetEvent Wake, WalIndexHeader Seen, uint Backfilled)
{
    /// <summary>Wakes it if something has changed.</summary>
    public bool TryWake() => (!Index.Shows(Seen) || Index.Backfilled != Backfilled) && Wake.Set();
}
