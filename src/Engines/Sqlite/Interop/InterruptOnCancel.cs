namespace Holdfast.Engines.Sqlite.Interop;

/// <summary>
/// Interrupts a connection when a token is cancelled. It does so again and again: an interrupt between two statements
/// is forgotten by SQLite. Disposed before the connection.
/// </summary>
internal sealed class InterruptOnCancel : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(20);
    private readonly CancellationTokenRegistration registration;
    private readonly Connection connection;
    private readonly Lock gate = new();
    private Timer? timer;
    private bool disposed;

    public InterruptOnCancel(Connection connection, CancellationToken token)
    {
        this.connection = connection;
        registration = token.Register(Start);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        registration.Dispose();
        lock (gate)
        {
            disposed = true;
            timer?.Dispose();
        }
    }

    private void Start()
    {
        lock (gate)
        {
            timer = disposed ? null : new Timer(_ => Interrupt(), state: null, TimeSpan.Zero, Period);
        }
    }

    private void Interrupt()
    {
        // Under the lock, so that no interrupt is under way once Dispose has returned.
        lock (gate)
        {
            if (!disposed)
            {
                connection.Interrupt();
            }
        }
    }
}
