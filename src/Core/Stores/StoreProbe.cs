using Holdfast.Core.Engines;

namespace Holdfast.Core.Stores;

/// <summary>
/// Tries out what Holdfast needs of a store, on objects of its own below <see cref="Prefix"/>, and removes them again.
/// Where the store locks what is written, they stay, unseen, until their time has come.
/// </summary>
public static class StoreProbe
{
    /// <summary>What the names of all objects of probes begin with.</summary>
    public const string Prefix = ".holdfast-probe/";

    private static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(60);

    /// <summary>Examines a store.</summary>
    /// <param name="store">The store.</param>
    /// <param name="time">The clock to compare the store's with.</param>
    /// <param name="largeSize">
    /// Also write conditionally an object of so many bytes, to see how a store treats content in parts; null not to.
    /// </param>
    /// <param name="cancellationToken">Ends the examination; what it wrote is removed all the same.</param>
    /// <returns>What was found, good and bad; a store that cannot be used is a finding, not an exception.</returns>
    public static async Task<IReadOnlyList<Finding>> RunAsync(
        IObjectStore store,
        TimeProvider time,
        int? largeSize,
        CancellationToken cancellationToken
    )
    {
        var run = new StoreProbeRun(store, time, $"{Prefix}{Guid.NewGuid():N}/", ClockTolerance);
        try
        {
            await run.CheckAsync("versions", run.LookForVersionsAsync, cancellationToken);
            await run.CheckAsync("lock", run.LookForLockAsync, cancellationToken);
            if (await run.CheckAsync("write", run.WriteAsync, cancellationToken))
            {
                await run.CheckAsync("conditional write", run.WriteConditionallyAsync, cancellationToken);
                await run.CheckAsync("read", run.ReadAsync, cancellationToken);
                await run.CheckAsync("list", run.ListAsync, cancellationToken);
                await run.CheckAsync("clock", run.CompareClocksAsync, cancellationToken);
                if (largeSize is { } size)
                {
                    await run.CheckAsync("large content", token => run.WriteLargeAsync(size, token), cancellationToken);
                }
            }
        }
        finally
        {
            // A token of its own: also who gives up does not want leftovers.
            await run.CheckAsync("delete", run.DeleteAsync, CancellationToken.None);
        }

        return run.Findings;
    }
}
