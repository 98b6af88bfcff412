using System.Globalization;
using Holdfast.Core.Errors;
using Holdfast.Engines.Sqlite.Interop;

namespace Holdfast.Engines.Sqlite.Capture;

/// <summary>
/// Tries again while another process has the database locked: with a limit, and cancellable, as SQLite's own busy
/// handler is not.
/// </summary>
internal sealed class BusyRetry(string path, TimeSpan limit, TimeProvider time, string undone = "copied")
{
    // A writer at full speed in a rollback mode leaves gaps of less than a millisecond; with SQLite's own pauses, which
    // grow to 100 ms, a reader starves beside it.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Eager = TimeSpan.FromSeconds(5);

    /// <summary>Does it, again and again while the database is busy.</summary>
    /// <exception cref="HoldfastException">It stayed busy up to the limit.</exception>
    public async Task<T> RunAsync<T>(Func<T> action, CancellationToken token)
    {
        var start = time.GetTimestamp();
        while (true)
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

            await Task.Delay(time.GetElapsedTime(start) < Eager ? Pause : LongPause, time, token);
        }
    }

    private HoldfastException StayedBusy(SqliteException error) =>
        new(
            ErrorCode.Failure,
            string.Create(
                CultureInfo.InvariantCulture,
                $"the database {path} stayed locked by another process for {limit.TotalSeconds:0.#} s; it was not {undone}"
            ),
            "look for a long transaction, or switch the database to WAL mode, in which readers never wait",
            error
        );
}
