using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Holdfast.Cli.CommandLine;

/// <summary>Hands the signals that this process gets on to another, which decides when to end, and how.</summary>
internal sealed partial class ForwardedSignals : IDisposable
{
    private readonly List<PosixSignalRegistration> registrations = [];

    /// <summary>Begins to hand them on.</summary>
    public ForwardedSignals(Process process)
    {
        Forward(PosixSignal.SIGTERM, 15);
        Forward(PosixSignal.SIGHUP, 1);
        Forward(PosixSignal.SIGINT, 2);

        void Forward(PosixSignal signal, int number) =>
            registrations.Add(
                PosixSignalRegistration.Create(
                    signal,
                    context =>
                    {
                        context.Cancel = true;

                        // A terminal sends Ctrl-C to both; programs often take a second one for impatience.
                        if ((number != 2 || Console.IsInputRedirected) && !process.HasExited)
                        {
                            _ = Kill(process.Id, number);
                        }
                    }
                )
            );
    }

    /// <inheritdoc/>
    public void Dispose() => registrations.ForEach(r => r.Dispose());

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
