using Holdfast.Core.Engines;
using Holdfast.Core.Errors;

namespace Holdfast.Core.Restoring;

/// <summary>
/// Restores the newest of several moments. The same moment of another target takes the place of one that is damaged; an older
/// one only when that is asked for.
/// </summary>
public static class MomentRestore
{
    /// <summary>Orders moments, the one to be restored first.</summary>
    public static IEnumerable<RestorableMoment> Order(IEnumerable<RestorableMoment> moments) =>
        moments.OrderByDescending(m => m.Time).ThenBy(m => m.Rank);

    /// <summary>Restores one of them.</summary>
    /// <param name="moments">What there is; at least one.</param>
    /// <param name="onCorrupt">Whether an older moment will do.</param>
    /// <param name="engine">The kind of database.</param>
    /// <param name="request">Where to.</param>
    /// <param name="progress">Told the bytes written; null for none.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What was restored, and what was damaged and passed over.</returns>
    /// <exception cref="HoldfastException">The destination is as it was.</exception>
    public static async Task<(RestoredMoment Restored, IReadOnlyList<string> Skipped)> RunAsync(
        IReadOnlyCollection<RestorableMoment> moments,
        OnCorrupt onCorrupt,
        IDatabaseEngine engine,
        RestoreRequest request,
        IProgress<ByteProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var left = Order(moments).ToList();
        var skipped = new List<string>();
        var notes = new List<string>();
        var failed = new List<RestorableMoment>();
        while (true)
        {
            var moment = left[0];
            try
            {
                var restored = await moment.RestoreAsync(engine, request, progress, cancellationToken);
                return (restored with { Notes = [.. notes, .. restored.Notes] }, skipped);
            }
            catch (HoldfastException error) when (IsOfCopy(error))
            {
                left.RemoveAt(0);
                failed.Add(moment);
                if (left.FirstOrDefault(moment.IsSameAs) is { } same)
                {
                    left.Remove(same);
                    left.Insert(0, same);
                    notes.Add($"{error.Message}; the same moment is taken from another target");
                    continue;
                }

                if (onCorrupt == OnCorrupt.Fail)
                {
                    throw;
                }

                skipped.Add(error.Message);
                foreach (var one in failed)
                {
                    left.AddRange(await one.OlderAsync(cancellationToken) is { } older ? [older] : []);
                }

                failed.Clear();
                left = left.Count > 0 ? [.. Order(left)] : throw NoneIsGood(skipped, error);
            }
        }
    }

    private static HoldfastException NoneIsGood(List<string> skipped, HoldfastException last) =>
        new(
            ErrorCode.VerificationFailed,
            skipped.Count == 1
                ? $"{last.Message}; there is nothing older to fall back to"
                : $"none of the {skipped.Count} copies that fit the request is good: {last.Message}",
            "try another target, or a copy of any age: --id ID",
            last
        );

    // Damaged, or deleted since it was listed.
    private static bool IsOfCopy(HoldfastException error) =>
        error.Code is ErrorCode.VerificationFailed or ErrorCode.NothingSatisfies;
}
