using System.CommandLine;
using Holdfast.Cli.Output;
using Holdfast.Core.Errors;

namespace Holdfast.Cli.CommandLine;

/// <summary>Runs a command and turns every failure into a message and an exit code.</summary>
internal static class CommandRunner
{
    /// <summary>Runs it.</summary>
    /// <returns>
    /// What the command returned, also when a signal came too late to matter; 128 and its number when it was in time.
    /// </returns>
    public static async Task<int> RunAsync(CommandOutput output, ParseResult parsed, Signals signals)
    {
        try
        {
            return await parsed.InvokeAsync(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null },
                signals.Token
            );
        }
        catch (OperationCanceledException) when (signals.ExitCode is not null)
        {
            return output.Interrupted(signals.ExitCode.Value);
        }
        catch (HoldfastException error)
        {
            var code = output.Fail(error);
            return signals.ExitCode ?? code;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return output.Fail(
                new HoldfastException(
                    ErrorCode.Failure,
                    error.Message,
                    "look at the rights and the space of that directory",
                    error
                )
            );
        }
#pragma warning disable CA1031 // the last line of JSON, and the exit code, are promised whatever happens
        catch (Exception error)
#pragma warning restore CA1031
        {
            output.Detail(error.ToString());
            return output.Fail(
                new HoldfastException(
                    ErrorCode.Failure,
                    $"this is a defect of holdfast: {error.GetType().Name}: {error.Message}",
                    "run it again with -v, and report what it prints",
                    error
                )
            );
        }
    }
}
