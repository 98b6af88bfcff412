namespace Holdfast.Core.Stores;

/// <summary>
/// The one rule by which objects that are still needed stay retained: when less than half of the time is left, they are
/// retained for the whole time again.
/// </summary>
public static class Retaining
{
    /// <summary>Extends what is needed; does nothing at a store that was not asked to retain.</summary>
    /// <param name="store">The store.</param>
    /// <param name="needed">The objects that must stay.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>How many were extended. Objects that have gone meanwhile are passed over.</returns>
    /// <exception cref="StoreException">The store refused, or cannot be asked.</exception>
    public static async Task<int> ExtendAsync(
        IObjectStore store,
        IEnumerable<ObjectInfo> needed,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        if (store is not IRetainingStore { RetainFor: { } period } retaining)
        {
            return 0;
        }

        var now = time.GetUtcNow();
        var extended = 0;
        // What is younger has more than half left, whether it was ever extended or not: it need not be asked for.
        foreach (var item in needed.Where(item => item.LastModified + (period / 2) < now))
        {
            try
            {
                var until = await retaining.RetainedUntilAsync(item.Key, cancellationToken).ConfigureAwait(false);
                if (until is null || until < now + (period / 2))
                {
                    await retaining.RetainAsync(item.Key, now + period, cancellationToken).ConfigureAwait(false);
                    extended++;
                }
            }
            catch (StoreException error) when (error.Fault == StoreFault.NotFound) { }
        }

        return extended;
    }
}
