using System.Globalization;

namespace Holdfast.Crash.Tests.Killing;

/// <summary>What befalls the command at a point.</summary>
/// <param name="Name">For messages.</param>
/// <param name="Concerns">Which calls it can happen to.</param>
/// <param name="Injection">How strace does it; {0} is the number of the call.</param>
/// <param name="Judge">How the command may end.</param>
internal sealed record Blow(string Name, Predicate<string> Concerns, string Injection, Action<ProcessResult> Judge)
{
    private static readonly HashSet<string> NeedSpace = new(StringComparer.Ordinal)
    {
        "mkdir",
        "link",
        "symlink",
        "ftruncate",
        "fallocate",
        "pwrite64",
        "pwritev",
    };

    /// <summary>SIGKILL, as by the kernel when memory is short.</summary>
    public static Blow Kill { get; } =
        new(
            "killed",
            _ => true,
            "signal=SIGKILL:when={0}",
            result => Assert.True(result.Code is HoldfastProcess.Killed or 0, $"{result.Code}: {result.Errors}")
        );

    /// <summary>From here on the disk is full.</summary>
    public static Blow DiskFull { get; } =
        new("disk full", NeedSpace.Contains, "error=ENOSPC:when={0}+", result => RequireClear(result, "space"));

    /// <summary>The disk fails to keep what it was given, once.</summary>
    public static Blow DiskError { get; } =
        new(
            "disk error",
            call => call is "fsync" or "rename" or "renameat2",
            "error=EIO:when={0}",
            result => RequireClear(result, "error")
        );

    /// <summary>The option of strace.</summary>
    public string At(KillPoint point) =>
        string.Create(CultureInfo.InvariantCulture, $"inject={point.Call}:{Injection}")
            .Replace("{0}", point.Ordinal.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

    // Done all the same, or a failure with a documented code that says what is wrong, and no stack trace.
    private static void RequireClear(ProcessResult result, string said)
    {
        if (result.Code == 0)
        {
            return;
        }

        Assert.Contains(result.Code, (int[])[1, 3, 14]);
        Assert.Contains("error: ", result.Errors, StringComparison.Ordinal);
        Assert.Contains(said, result.Errors, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("   at ", result.Errors, StringComparison.Ordinal);
    }
}
