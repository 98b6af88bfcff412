using System.Text.RegularExpressions;
using Holdfast.Testing;

namespace Holdfast.Crash.Tests.Killing;

/// <summary>
/// Runs the command under strace, which shows what it asks of the kernel, and kills it there or lets the call fail.
/// <para>
/// strace counts the calls of each thread by themselves. So that "the n-th rename" is one moment only, the command gets
/// one worker thread (see <see cref="HoldfastProcess"/>): all of its work is then done by that thread, in an order that
/// is the same in each run. A point that another thread would reach first is left out, and counted.
/// </para>
/// <para>The signal arrives at the entry of the call, and the kernel does not carry the call out any more.</para>
/// </summary>
internal static partial class Strace
{
    private const string FileCalls =
        "rename,renameat,renameat2,unlink,unlinkat,rmdir,mkdir,mkdirat,link,linkat,symlink,symlinkat,fsync,fdatasync,"
        + "ftruncate,fallocate,pwrite64,pwritev,fchmod,chmod,fchown,chown,utimensat,flock";

    private const string NetworkCalls = "sendto,sendmsg";

    private static readonly Task<string?> Reason = FindReasonAsync();

    /// <summary>Skips the test where no process can be traced.</summary>
    public static async Task RequireAsync()
    {
        if (await Reason is { } reason)
        {
            Assert.Skip(reason);
        }
    }

    /// <summary>Runs the command to its end.</summary>
    /// <returns>The moments at which it can be killed exactly, and the number of others.</returns>
    public static async Task<(IReadOnlyList<KillPoint> Points, int Unreachable)> ObserveAsync(
        HoldfastProcess command,
        string workingDirectory
    )
    {
        var log = Path.GetTempFileName();
        try
        {
            string[] options = ["-f", "-qq", "-yy", "-s", "0", "-o", log, "-e", "signal=none"];
            var run = await command.RunAsync(["strace", .. options, "-e", $"trace={FileCalls},{NetworkCalls}", "--"]);
            Assert.True(run.Code == 0, $"without a kill it ends with {run.Code}: {run.Errors}");
            return PointsOf(await File.ReadAllLinesAsync(log), workingDirectory);
        }
        finally
        {
            File.Delete(log);
        }
    }

    /// <summary>Runs the command and strikes it.</summary>
    public static async Task<ProcessResult> StrikeAsync(HoldfastProcess command, KillPoint point, Blow blow)
    {
        var result = await command.RunAsync([
            "strace",
            "-f",
            "-qq",
            "-o",
            "/dev/null",
            "-e",
            $"trace={point.Call}",
            "-e",
            blow.At(point),
            "--",
        ]);
        blow.Judge(result);
        return result;
    }

    /// <summary>Stops the command right after a call, does something, and lets it go on.</summary>
    public static async Task<ProcessResult> PauseAsync(HoldfastProcess command, KillPoint point, Action meanwhile)
    {
        using var logs = new ScratchDirectory();
        var log = logs["log"];
        var injection = $"inject={point.Call}:signal=SIGSTOP:when={point.Ordinal}";
        var running = command.RunAsync([
            "strace",
            "-f",
            "-qq",
            "-o",
            log,
            "-e",
            $"trace={point.Call}",
            "-e",
            injection,
            "--",
        ]);
        string? thread;
        while ((thread = StoppedThread(log)) is null)
        {
            Assert.False(running.IsCompleted, "it ended before it was stopped");
            await Task.Delay(20);
        }

        meanwhile();

        // Again and again: the n-th call of another thread stops the command once more.
        do
        {
            await ChildProcess.RunAsync("kill", "-CONT", thread);
        } while (await Task.WhenAny(running, Task.Delay(100)) != running);

        return await running;
    }

    private static string? StoppedThread(string log) =>
        File.Exists(log)
            ? File.ReadLines(log)
                .FirstOrDefault(l => l.Contains("stopped by SIGSTOP", StringComparison.Ordinal))
                ?.Split(' ')[0]
            : null;

    private static (IReadOnlyList<KillPoint> Points, int Unreachable) PointsOf(string[] log, string directory)
    {
        var counts = new Dictionary<(string Thread, string Call), int>();
        var taken = new HashSet<(string Call, int Ordinal)>();
        var points = new List<KillPoint>();
        var unreachable = 0;
        foreach (var match in log.Select(line => Entry().Match(line)).Where(match => match.Success))
        {
            var call = match.Groups["call"].Value;
            var key = (match.Groups["thread"].Value, call);
            var ordinal = counts[key] = counts.GetValueOrDefault(key) + 1;
            var isFirst = taken.Add((call, ordinal));
            var line = match.Groups["rest"].Value;
            if (!line.Contains(directory, StringComparison.Ordinal) && !line.Contains("TCP", StringComparison.Ordinal))
            {
                continue;
            }

            if (isFirst)
            {
                points.Add(new KillPoint(call, ordinal, line.Replace(directory, "", StringComparison.Ordinal)));
            }
            else
            {
                unreachable++;
            }
        }

        return (points, unreachable);
    }

    private static async Task<string?> FindReasonAsync()
    {
        try
        {
            var run = await ChildProcess.RunAsync("strace", ["-f", "-qq", "-o", "/dev/null", "true"]);
            return run.Code == 0 ? null : $"processes cannot be traced here: {run.Errors.Trim()}";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "the program strace is not installed: run tests/servers/install as root";
        }
    }

    [GeneratedRegex(@"^(?<thread>\d+)\s+(?<call>[a-z0-9]+)\((?<rest>.*)$", RegexOptions.ExplicitCapture)]
    private static partial Regex Entry();
}
