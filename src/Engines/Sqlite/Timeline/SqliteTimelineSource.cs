using Holdfast.Core.Errors;
using Holdfast.Core.Timeline;

namespace Holdfast.Engines.Sqlite.Timeline;

/// <summary>
/// A SQLite database in WAL mode whose commits are captured beside the application. Nothing is written into it: no
/// table, no row, no pragma that changes the file (except the switch to WAL, when <see cref="SqliteOptions.SwitchToWal"/>
/// asks for it). Thread-safe.
/// </summary>
/// <param name="path">The path of the file, relative to the current directory or absolute.</param>
/// <param name="options">How it is treated.</param>
/// <param name="time">The clock that measures durations.</param>
public sealed class SqliteTimelineSource(string path, SqliteOptions options, TimeProvider time) : ITimelineSource
{
    private readonly string path = Path.GetFullPath(path);

    /// <inheritdoc/>
    /// <exception cref="HoldfastException">
    /// <see cref="ErrorCode.Refused"/>: it is not in WAL mode. <see cref="ErrorCode.SourceMissing"/>: there is none.
    /// </exception>
    public async Task<ICapture> StartCaptureAsync(ITimelineLog log, CancellationToken cancellationToken)
    {
        var capture = new SqliteCapture(path, options, log, time);
        try
        {
            await capture.Started.WaitAsync(cancellationToken);
            return capture;
        }
        catch
        {
            await capture.DisposeAsync();
            throw;
        }
    }
}
