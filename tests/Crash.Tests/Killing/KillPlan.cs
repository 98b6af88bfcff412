using System.Globalization;

namespace Holdfast.Crash.Tests.Killing;

/// <summary>
/// Which of the possible kill points are tried: each call that changes a directory, makes something durable or sends something, and
/// every seventh of the others, of which there are many alike.
/// <para>
/// HOLDFAST_CRASH_OFFSET=n tries other ones of the many; HOLDFAST_CRASH_EVERY=1 tries all of them.
/// </para>
/// </summary>
internal static class KillPlan
{
    private static readonly HashSet<string> Rare = new(StringComparer.Ordinal)
    {
        "rename",
        "renameat",
        "renameat2",
        "unlink",
        "unlinkat",
        "rmdir",
        "mkdir",
        "mkdirat",
        "link",
        "linkat",
        "symlink",
        "symlinkat",
        "fsync",
        "fdatasync",
        "sendto",
        "sendmsg",
    };

    public static int Every { get; } = Number("HOLDFAST_CRASH_EVERY", 7);

    public static int Offset { get; } = Number("HOLDFAST_CRASH_OFFSET", 0);

    public static IReadOnlyList<KillPoint> Choose(IReadOnlyList<KillPoint> points) =>
        [
            .. points.Where(p => Rare.Contains(p.Call)),
            .. points.Where(p => !Rare.Contains(p.Call)).Where((_, index) => (index + Offset) % Every == 0),
        ];

    private static int Number(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : otherwise;
}
