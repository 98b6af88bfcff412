using Holdfast.Core.Engines;
using Holdfast.Core.Errors;

namespace Holdfast.Core.Restoring;

/// <summary>One moment of a database that one target can give back. Not thread-safe.</summary>
public abstract class RestorableMoment
{
    /// <summary>When it was.</summary>
    public abstract DateTimeOffset Time { get; }

    /// <summary>Of moments of the same time the one with the lowest rank is taken: 0 for what is exact and proven.</summary>
    public abstract int Rank { get; }

    /// <summary>Whether another one, at another target, gives the same bytes.</summary>
    public abstract bool IsSameAs(RestorableMoment other);

    /// <summary>What restoring it would take; nothing is changed anywhere.</summary>
    public abstract Task<RestoreEstimate> EstimateAsync(CancellationToken cancellationToken);

    /// <summary>Restores it: fetch, compare, check, swap.</summary>
    /// <exception cref="HoldfastException">
    /// The destination is as it was. <see cref="ErrorCode.VerificationFailed"/> for damage.
    /// </exception>
    public abstract Task<RestoredMoment> RestoreAsync(
        IDatabaseEngine engine,
        RestoreRequest request,
        IProgress<ByteProgress>? progress,
        CancellationToken cancellationToken
    );

    /// <summary>The next moment to try when this one turned out to be damaged; null when there is none.</summary>
    public abstract Task<RestorableMoment?> OlderAsync(CancellationToken cancellationToken);
}

/// <summary>What a restore would take.</summary>
/// <param name="Objects">The objects that are fetched.</param>
/// <param name="FetchBytes">The bytes that are fetched.</param>
/// <param name="WriteBytes">The size of the restored file; null when it is not known.</param>
public sealed record RestoreEstimate(int Objects, long FetchBytes, long? WriteBytes);

/// <summary>What was restored.</summary>
/// <param name="Moment">Of which moment.</param>
/// <param name="Placement">Where it was put.</param>
/// <param name="Bytes">The size of the restored file.</param>
/// <param name="FetchedBytes">The bytes that were fetched.</param>
/// <param name="Checks">What was checked: "sha256" or "page_hashes", and the engine's checks.</param>
/// <param name="Notes">What was found on the way and did not matter, such as a damaged object that was gone around.</param>
public sealed record RestoredMoment(
    RestorableMoment Moment,
    Placement Placement,
    long Bytes,
    long FetchedBytes,
    IReadOnlyList<string> Checks,
    IReadOnlyList<string> Notes
);
