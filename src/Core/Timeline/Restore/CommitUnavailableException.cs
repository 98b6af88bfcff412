using System.Globalization;
using Holdfast.Core.Errors;

namespace Holdfast.Core.Timeline.Restore;

/// <summary>
/// What was asked for cannot be restored. <see cref="ErrorCode.VerificationFailed"/> when damage is the reason, else
/// <see cref="ErrorCode.NothingSatisfies"/>.
/// </summary>
public sealed class CommitUnavailableException : HoldfastException
{
    internal CommitUnavailableException(
        TimelineLineage lineage,
        ErrorCode code,
        string what,
        string why,
        long? before,
        long? after
    )
        : base(code, $"{what} cannot be restored: {why}", HintFor(before, after))
    {
        Lineage = lineage;
        Before = before;
        After = after;
    }

    /// <summary>The lineage that was asked.</summary>
    public TimelineLineage Lineage { get; }

    /// <summary>Whether it was there, as far as can be told, and what is stored of it is missing or damaged.</summary>
    public bool IsLost { get; init; } = true;

    /// <summary>The nearest earlier commit of the lineage that can be restored; null when there is none.</summary>
    public long? Before { get; }

    /// <summary>The nearest later commit of the lineage that can be restored; null when there is none.</summary>
    public long? After { get; }

    private static string HintFor(long? before, long? after) =>
        (before, after) switch
        {
            ({ } b, { } a) => string.Create(
                CultureInfo.InvariantCulture,
                $"the nearest that can: --commit {b} before it, --commit {a} after it; all between are affected"
            ),
            ({ } b, null) => string.Create(
                CultureInfo.InvariantCulture,
                $"the nearest that can: --commit {b} before it; nothing after it"
            ),
            (null, { } a) => string.Create(
                CultureInfo.InvariantCulture,
                $"the nearest that can: --commit {a} after it; nothing before it"
            ),
            _ => "nothing of this lineage can be restored here; look at another target",
        };
}
