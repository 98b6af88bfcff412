using Holdfast.Core.Engines;
using Holdfast.Core.Errors;
using Holdfast.Core.Files;
using Holdfast.Core.Stores;
using Holdfast.Core.Timeline.Restore;

namespace Holdfast.Core.Timeline.Verification;

/// <summary>What a verification finds: damage goes before what cannot be told.</summary>
internal sealed class TimelineFindings(IObjectStore store)
{
    private readonly List<string> problems = [];

    public CheckOutcome Outcome { get; private set; }

    public IReadOnlyList<string> Problems => problems;

    public void Bad(string problem) => Add(CheckOutcome.Bad, [problem]);

    public void Add(CheckOutcome outcome, IEnumerable<string> found)
    {
        Outcome =
            Outcome == CheckOutcome.Bad || outcome == CheckOutcome.Bad ? CheckOutcome.Bad
            : Outcome == CheckOutcome.Good ? outcome
            : Outcome;
        problems.AddRange(found.Except(problems, StringComparer.Ordinal).ToList());
    }

    /// <summary>Makes one check; its failure is a finding.</summary>
    /// <param name="segment">What it is about; null for the lineage.</param>
    /// <param name="check">The check.</param>
    /// <param name="cancellationToken">Ends the verification, and is no finding.</param>
    public async Task CatchAsync(ObjectKey? segment, Func<Task> check, CancellationToken cancellationToken)
    {
        try
        {
            await check();
        }
        catch (Exception error) when (error is HoldfastException || LocalFailure.Is(error))
        {
            cancellationToken.ThrowIfCancellationRequested();
            Add(
                !IsDamage(error) ? CheckOutcome.Inconclusive
                    : await WasRemovedAsync(segment, error, cancellationToken) ? CheckOutcome.Inconclusive
                    : CheckOutcome.Bad,
                [error.Message]
            );
        }
    }

    private static bool IsDamage(Exception error) =>
        error is SegmentLostException or CommitUnavailableException { IsLost: true }
        || SegmentLostException.IsLoss(error)
        || error is HoldfastException { Code: ErrorCode.VerificationFailed } and not StoreException;

    // Retention and roll-ups remove the object with the index first: a segment that is gone with it was not lost.
    private async Task<bool> WasRemovedAsync(ObjectKey? segment, Exception error, CancellationToken cancellationToken)
    {
        var cause = error is SegmentLostException lost ? lost.Reason : error;
        if (segment is not { } key || cause is not StoreException { Fault: StoreFault.NotFound })
        {
            return false;
        }

        try
        {
            return await store.HeadAsync(key, cancellationToken) is null;
        }
        catch (StoreException)
        {
            return true;
        }
    }
}
