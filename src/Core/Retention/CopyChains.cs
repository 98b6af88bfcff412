using System.Diagnostics;

namespace Holdfast.Core.Retention;

/// <summary>Copies and the copies they need: what is needed outlives what needs it.</summary>
internal sealed class CopyChains
{
    private readonly CopyUnderDecision[] copies;
    private readonly Dictionary<string, CopyUnderDecision> byId = new(StringComparer.Ordinal);

    /// <summary>Takes all copies of a database.</summary>
    /// <exception cref="ArgumentException">Two copies have the same id.</exception>
    public CopyChains(CopyUnderDecision[] copies)
    {
        this.copies = copies;
        foreach (var copy in copies)
        {
            if (!byId.TryAdd(copy.Candidate.Id, copy))
            {
                throw new ArgumentException($"two copies have the id '{copy.Candidate.Id}'", nameof(copies));
            }
        }
    }

    /// <summary>Keeps what kept copies need, directly or not, and as long as these.</summary>
    public void KeepNeeded()
    {
        // Kept for longest first, so that each needed copy is met once, with the latest time.
        foreach (var root in copies.Where(copy => copy.IsKept).OrderByDescending(copy => copy.KeptUntil).ToList())
        {
            var open = new Stack<CopyUnderDecision>([root]);
            while (open.TryPop(out var copy))
            {
                foreach (var needed in NeededBy(copy).Where(needed => !needed.IsKept || IsKeptShorter(needed, root)))
                {
                    needed.KeepFor(copy.Candidate.Id, root.KeptUntil);
                    open.Push(needed);
                }
            }
        }
    }

    /// <summary>Lets what is needed stay as long as the marked copies that need it.</summary>
    public void HoldNeeded()
    {
        // The last to go first, so that each needed copy is met once, with the latest time.
        foreach (var last in copies.Where(copy => !copy.IsKept).OrderByDescending(copy => copy.SweepAt).ToList())
        {
            var end = last.SweepAt ?? throw new UnreachableException("a copy that is not kept is to be deleted");
            var open = new Stack<CopyUnderDecision>([last]);
            while (open.TryPop(out var copy))
            {
                foreach (var needed in NeededBy(copy).Where(needed => needed.SweepAt < end))
                {
                    needed.HoldUntil(end, copy.Candidate.Id);
                    open.Push(needed);
                }
            }
        }
    }

    private static bool IsKeptShorter(CopyUnderDecision needed, CopyUnderDecision root) =>
        root.KeptUntil > (needed.KeptUntil ?? DateTimeOffset.MinValue);

    private IEnumerable<CopyUnderDecision> NeededBy(CopyUnderDecision copy) =>
        (copy.Candidate.Needs ?? []).Select(byId.GetValueOrDefault).OfType<CopyUnderDecision>();
}
