using System.Globalization;
using Holdfast.Core.Errors;
using Holdfast.Engines.Sqlite.Interop;

namespace Holdfast.Engines.Sqlite.Capture;

/// <summary>
/// Tries again while another process has the database locked: with a limit, and cancellable, as SQLite's own busy
/// handler is not.
/// </summary>
internal sealed class BusyRetry(string path, TimeSpan limit, TimeProvider time)
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(100);

    /// <summary>Does it, again and again while the database is busy.</summary>
    /// <exception cref="HoldfastException">It stayed busy up to the limit.</exception>
    public async Task<T> RunAsync<T>(Func<T> action, CancellationToken token)
    {
        var start = time.GetTimestamp();
        for (var pause = First; ; pause = pause < Longest ? pause * 2 : pause)
        {
            token.ThrowIfCancellationRequested();
            try
            {
                return action();
            }
            catch (SqliteException error) when (error.IsBusy)
            {
                if (time.GetElapsedTime(start) >= limit)
                {
                    throw StayedBusy(error);
                }
            }

            await Task.Delay(pause, time, token);
        }
    }

    private HoldfastException StayedBusy(SqliteException error) =>
        new(
            ErrorCode.Failure,
            string.Create(
                CultureInfo.InvariantCulture,
                $"the database {path} stayed locked by another process for {limit.TotalSeconds:0.#} s; it was not copied"
            ),
            "look for a long transaction, or switch the database to WAL mode, in which readers never wait",
            error
        );
}
