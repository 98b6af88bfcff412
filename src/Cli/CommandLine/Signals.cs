using System.Runtime.InteropServices;

namespace Holdfast.Cli.CommandLine;

/// <summary>
/// Turns the first SIGINT, SIGTERM or SIGHUP into a cancellation, so that everything half-made is removed; a second one
/// ends the process as the system does.
/// </summary>
internal sealed class Signals : IDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly List<PosixSignalRegistration> registrations = [];
    private int received;

    public Signals()
    {
        foreach (var signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP])
        {
            registrations.Add(PosixSignalRegistration.Create(signal, Handle));
        }
    }

    public CancellationToken Token => stop.Token;

    /// <summary>128 and the number of the signal; null when none came.</summary>
    public int? ExitCode => received == 0 ? null : 128 + received;

    public void Dispose()
    {
        registrations.ForEach(r => r.Dispose());
        stop.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        var number = context.Signal switch
        {
            PosixSignal.SIGINT => 2,
            PosixSignal.SIGHUP => 1,
            _ => 15,
        };
        if (Interlocked.CompareExchange(ref received, number, comparand: 0) == 0)
        {
            context.Cancel = true;
            stop.Cancel();
        }
    }
}
