using System.CommandLine;
using Holdfast.Cli.Output;
using Holdfast.Core.Errors;

namespace Holdfast.Cli.CommandLine;

/// <summary>Runs a command and turns every failure into a message and an exit code.</summary>
internal static class CommandRunner
{
    public static async Task<int> RunAsync(CommandOutput output, ParseResult parsed, CancellationToken stop)
    {
        try
        {
            return await parsed.InvokeAsync(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null },
                stop
            );
        }
        catch (HoldfastException error)
        {
            return output.Fail(error);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            output.Note("interrupted; nothing half-made is left");
            return 130;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return output.Fail(
                new HoldfastException(
                    ErrorCode.Failure,
                    error.Message,
                    "look at the directory's rights and space",
                    error
                )
            );
        }
    }
}
