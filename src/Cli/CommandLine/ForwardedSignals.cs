using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Holdfast.Cli.CommandLine;

/// <summary>Hands the signals that this process gets on to another, which decides when to end, and how.</summary>
internal sealed partial class ForwardedSignals : IDisposable
{
    private const int Interrupt = 2;

    private static readonly (PosixSignal Signal, int Number)[] Signals =
    [
        (PosixSignal.SIGHUP, 1),
        (PosixSignal.SIGINT, Interrupt),
        (PosixSignal.SIGTERM, 15),
    ];

    private readonly List<PosixSignalRegistration> registrations = [];
    private readonly List<int> early = [];
    private readonly Lock gate = new();
    private Process? process;

    /// <summary>Begins to hold signals back.</summary>
    public ForwardedSignals()
    {
        foreach (var (signal, number) in Signals)
        {
            registrations.Add(
                PosixSignalRegistration.Create(
                    signal,
                    context =>
                    {
                        context.Cancel = true;
                        HandOn(number);
                    }
                )
            );
        }
    }

    /// <summary>Hands on what came since the beginning, and what comes from now on.</summary>
    public void To(Process started)
    {
        lock (gate)
        {
            process = started;
            early.ForEach(Send);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => registrations.ForEach(r => r.Dispose());

    private void HandOn(int number)
    {
        lock (gate)
        {
            if (process is null)
            {
                early.Add(number);
            }
            else if (number != Interrupt || Console.IsInputRedirected)
            {
                // A terminal sends Ctrl-C to both; programs often take a second one for impatience.
                Send(number);
            }
        }
    }

    private void Send(int number)
    {
        if (!process!.HasExited)
        {
            _ = Kill(process.Id, number);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
