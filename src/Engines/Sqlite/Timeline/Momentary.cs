using System.Diagnostics;
using System.Runtime.InteropServices;
using Holdfast.Engines.Sqlite.Interop;

namespace Holdfast.Engines.Sqlite.Timeline;

/// <summary>Waiting for moments: SQLite's own waiting grows to 100 ms and starves beside busy writers.</summary>
internal static partial class Momentary
{
    private const uint PauseInMicroseconds = 200;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    /// <summary>Does it, again and again while it is busy, for at most five seconds.</summary>
    /// <exception cref="SqliteException">It stayed busy.</exception>
    public static void Retry(Action action)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                action();
                return;
            }
            catch (SqliteException error) when (error.IsMomentary && Stopwatch.GetElapsedTime(start) < Longest)
            {
                Pause();
            }
        }
    }

    /// <summary>Waits a fifth of a millisecond; .NET knows whole ones only.</summary>
    public static void Pause() => _ = Sleep(PauseInMicroseconds);

    [LibraryImport("libc", EntryPoint = "usleep")]
    private static partial int Sleep(uint microseconds);
}
