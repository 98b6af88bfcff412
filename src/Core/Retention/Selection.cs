using System.Globalization;

namespace Holdfast.Core.Retention;

/// <summary>
/// Applies the rules to copies, newest first, from the finest rule to the coarsest. A period whose newest copy a finer
/// rule chose is skipped and uses up no slot. Why this does not depend on when it runs: docs/retention.md.
/// </summary>
internal sealed class Selection(RetentionRules rules, TimeZoneInfo zone, DateTimeOffset now)
{
    private readonly DateTimeOffset localNow = TimeZoneInfo.ConvertTime(now, zone);

    /// <summary>Chooses among copies which are all at least as good as <paramref name="among"/>.</summary>
    /// <param name="copies">The copies, newest first.</param>
    /// <param name="among">The worst state among them.</param>
    public void Choose(IReadOnlyList<CopyUnderDecision> copies, CopyState among)
    {
        foreach (var copy in copies.Where(copy => copy.Candidate.Held != null))
        {
            copy.Choose(among, RetentionRule.Within, copy.Candidate.Held!);
        }

        if (rules.Last is { } last)
        {
            for (var i = 0; i < Math.Min(last, copies.Count); i++)
            {
                copies[i].Choose(among, RetentionRule.Last, Text($"last {i + 1} of {last}"));
            }
        }

        if (rules.Within is { } duration)
        {
            ChooseWithin(copies, among, duration);
        }

        foreach (var (tier, limit) in rules.Tiers)
        {
            ChooseTier(copies, among, tier, limit);
        }
    }

    private void ChooseWithin(IReadOnlyList<CopyUnderDecision> copies, CopyState among, KeepDuration duration)
    {
        for (var i = 0; i < copies.Count; i++)
        {
            var end = duration.EndFrom(copies[i].Local, zone);
            if (end <= now && i > 0)
            {
                return;
            }

            copies[i].Choose(among, RetentionRule.Within, $"within {duration} {Until(end)}");
            if (end > now)
            {
                copies[i].KeepUntil(end);
            }
        }
    }

    private void ChooseTier(
        IReadOnlyList<CopyUnderDecision> copies,
        CopyState among,
        RetentionRule tier,
        TierLimit limit
    )
    {
        var taken = 0;
        var counting = copies.Where(copy => copy.Candidate.Reach >= tier).ToList();

        // Where copies are for finer rules only, the newest that counts for this one may be chosen by none while its period
        // goes on: it uses no slot until that is over.
        var newest = copies.FirstOrDefault(copy => copy.ChosenAmong == among);
        var current = newest == null ? long.MaxValue : Period.Of(tier, newest.Local);
        foreach (var (copy, period) in NewestOfEachPeriod(counting, tier))
        {
            var end = limit.Duration?.EndFrom(copy.Local, zone);
            var isNewest = ReferenceEquals(copy, counting[0]);
            if (taken == limit.Periods || (end <= now && !isNewest))
            {
                return;
            }

            if (end > now && period != Period.Of(tier, localNow))
            {
                copy.KeepUntil(end.Value);
            }

            if (copy.ChosenAmong == among)
            {
                continue;
            }

            if (limit.Periods != null && period == current)
            {
                copy.Choose(among, tier, GoingOn(tier, copy.Local));
                continue;
            }

            taken++;
            copy.Choose(among, tier, Reason(tier, limit, taken, copy.Local, end));
        }
    }

    private static IEnumerable<(CopyUnderDecision Copy, long Period)> NewestOfEachPeriod(
        IReadOnlyList<CopyUnderDecision> copies,
        RetentionRule tier
    )
    {
        var previous = long.MaxValue;
        foreach (var copy in copies)
        {
            // Smaller, not different: where clocks go back over midnight, the evening belongs to the day already seen.
            if (Period.Of(tier, copy.Local) is var period && period < previous)
            {
                previous = period;
                yield return (copy, period);
            }
        }
    }

    private string Reason(RetentionRule tier, TierLimit limit, int taken, DateTimeOffset local, DateTimeOffset? end)
    {
        var name = $"{tier}".ToLowerInvariant();
        var period = Period.Name(tier, local);
        return end is { } date
            ? $"{name} for {limit.Duration} ({period}) {Until(date)}"
            : Text($"{name} {taken} of {limit.Periods} ({period})");
    }

    private static string GoingOn(RetentionRule tier, DateTimeOffset local) =>
        $"{tier} ({Period.Name(tier, local)}), using no slot while it goes on".ToLowerInvariant();

    private string Until(DateTimeOffset end) =>
        end > now
            ? Text($"until {TimeZoneInfo.ConvertTime(end, zone):yyyy-MM-dd}")
            : "(over, but the newest copy always counts)";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
