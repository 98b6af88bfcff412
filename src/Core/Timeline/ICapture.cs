namespace Holdfast.Core.Timeline;

/// <summary>
/// A running capture of one database: commits flow into its <see cref="ITimelineLog"/>. Its methods may be called from
/// any thread; the work happens on the capture's own.
/// </summary>
public interface ICapture : IAsyncDisposable
{
    /// <summary>Captures everything that was committed before the call.</summary>
    /// <returns>The newest commit.</returns>
    Task<CommitInfo> CatchUpAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Brings the database file itself up to date as far as that is possible without hindering anybody.
    /// </summary>
    /// <returns>
    /// The commit N such that the file holds everything up to N: a page that no later commit changes reads, from now on,
    /// as it is after N. Its size in pages at N.
    /// </returns>
    Task<CommitInfo> SettleAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Reads pages from the database file as it lies, without a lock: pages that commits after the last
    /// <see cref="SettleAsync"/> changed may be old, new or torn. Thread-safe.
    /// </summary>
    /// <param name="first">The first page, from 1.</param>
    /// <param name="destination">Whole pages; those beyond the end of the file become zero.</param>
    void ReadFile(uint first, Span<byte> destination);

    /// <summary>What it does and how well.</summary>
    CaptureStatus Status { get; }

    /// <summary>Completes when the capture ends by itself: faulted with the reason, never silently.</summary>
    Task Completion { get; }
}

/// <summary>What a capture does and how well.</summary>
/// <param name="Commits">Commits captured since its start.</param>
/// <param name="Resynchronisations">How often it had to read the whole database.</param>
/// <param name="LastResynchronisation">Why the last time; null when never.</param>
/// <param name="WriteLockHolds">How often it held the write lock.</param>
/// <param name="LongestWriteLock">The longest it held the write lock.</param>
/// <param name="WalBytes">The size of the write-ahead log.</param>
public sealed record CaptureStatus(
    long Commits,
    long Resynchronisations,
    string? LastResynchronisation,
    long WriteLockHolds,
    TimeSpan LongestWriteLock,
    long WalBytes
)
{
    /// <summary>How long it held the write lock each time.</summary>
    public DurationCounts WriteLock { get; init; } = DurationCounts.None;
}
