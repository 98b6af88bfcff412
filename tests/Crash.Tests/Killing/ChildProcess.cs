using System.Diagnostics;

namespace Holdfast.Crash.Tests.Killing;

/// <summary>What a program came to.</summary>
/// <param name="Code">Its exit code; 128 and the number of the signal when it was killed.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Errors">Its standard error.</param>
internal sealed record ProcessResult(int Code, string Output, string Errors);

/// <summary>Runs programs.</summary>
internal static class ChildProcess
{
    // Far above what anything here needs: a run that hangs must fail, not the whole test program.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    public static Task<ProcessResult> RunAsync(string program, params string[] arguments) =>
        FinishAsync(Start(new ProcessStartInfo(program, arguments)));

    public static Process Start(ProcessStartInfo start)
    {
        start.UseShellExecute = false;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.RedirectStandardInput = true;
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }

    /// <summary>Waits for the end.</summary>
    public static async Task<ProcessResult> FinishAsync(Process process)
    {
        using (process)
        using (var limit = new CancellationTokenSource(Limit))
        {
            var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
            var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
            try
            {
                await process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException error)
            {
                process.Kill(entireProcessTree: true);
                throw new TimeoutException($"{process.StartInfo.FileName} did not end: {await errors}", error);
            }

            return new ProcessResult(process.ExitCode, await output, await errors);
        }
    }
}
