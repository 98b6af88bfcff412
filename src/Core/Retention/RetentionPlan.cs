using System.Globalization;

namespace Holdfast.Core.Retention;

/// <summary>What is to be done with each copy of one database at one target. Decided by a pure function.</summary>
public sealed class RetentionPlan
{
    // Up to this many copies, half of them says little.
    private const int FewCopies = 3;

    private RetentionPlan(IReadOnlyList<RetentionDecision> decisions)
    {
        Decisions = decisions;
        Refusal = RefusalOf(decisions);
    }

    /// <summary>
    /// A decision for each candidate, newest first, so that a copy comes before the older ones it needs: delete in this
    /// order.
    /// </summary>
    public IReadOnlyList<RetentionDecision> Decisions { get; }

    /// <summary>Why this plan must not be carried out without a confirmation; null when it may be.</summary>
    public string? Refusal { get; }

    /// <summary>
    /// Whether more than half of the copies that are not yet marked, and there are more than three of these, would be
    /// marked or deleted at once. Deleting what was marked earlier was decided then.
    /// </summary>
    public bool RefusesWithoutConfirmation => Refusal is not null;

    /// <summary>Decides about all copies of one database at one target.</summary>
    /// <param name="candidates">The copies in any order.</param>
    /// <param name="rules">What to keep.</param>
    /// <param name="zone">The time zone of the schedule, in which days, weeks, months and years begin.</param>
    /// <param name="now">The time of the decision.</param>
    /// <exception cref="ArgumentException">Two candidates have the same id.</exception>
    public static RetentionPlan Decide(
        IEnumerable<RetentionCandidate> candidates,
        RetentionRules rules,
        TimeZoneInfo zone,
        DateTimeOffset now
    )
    {
        var copies = candidates
            .OrderByDescending(candidate => candidate.Time)
            .ThenByDescending(candidate => candidate.Id, StringComparer.Ordinal)
            .Select(candidate => new CopyUnderDecision(candidate, zone))
            .ToArray();
        var chains = new CopyChains(copies);

        ApplyRules(copies, rules, zone, now);
        ApplySafeguards(copies, rules, now);
        chains.KeepNeeded();
        foreach (var copy in copies.Where(copy => !copy.IsKept))
        {
            copy.SweepAt = SweepTime(copy.Candidate, rules.EffectiveGrace, zone, now);
        }

        chains.HoldNeeded();
        return new RetentionPlan([.. copies.Select(copy => Decision(copy, now))]);
    }

    private static void ApplyRules(
        CopyUnderDecision[] copies,
        RetentionRules rules,
        TimeZoneInfo zone,
        DateTimeOffset now
    )
    {
        if (rules.Forever || rules.IsEmpty)
        {
            foreach (var copy in copies)
            {
                copy.KeepAlways(rules.Forever);
            }

            return;
        }

        // Once among the good, once more among the good and the unverified, and once among all: so a worse copy never
        // displaces a better one, and yet the worse ones go by the same rules in time.
        var past = copies.Where(copy => copy.Candidate.Time <= now).ToList();
        var selection = new Selection(rules, zone, now);
        foreach (var among in past.Select(copy => copy.Candidate.State).Distinct().Order())
        {
            selection.Choose(past.FindAll(copy => copy.Candidate.State <= among), among);
        }
    }

    private static void ApplySafeguards(CopyUnderDecision[] copies, RetentionRules rules, DateTimeOffset now)
    {
        // A copy from the future stands outside, lest it take the place of the newest: the clock is or was wrong.
        var past = copies.Where(copy => copy.Candidate.Time <= now).ToList();
        foreach (var copy in copies.Take(copies.Length - past.Count))
        {
            copy.Reasons.Add("its time lies in the future");
        }

        var best = past.OrderBy(copy => copy.Candidate.State).Take(rules.Min).ToList();
        if (best is [{ Candidate.State: CopyState.Good }, ..])
        {
            best[0].Reasons.Add("newest good copy");
        }

        foreach (var copy in best.Where(copy => !copy.IsKept))
        {
            copy.Reasons.Add(string.Create(CultureInfo.InvariantCulture, $"minimum of {rules.Min}"));
        }

        foreach (var copy in copies.Where(copy => copy.Candidate.Pinned))
        {
            copy.Reasons.Add("pinned");
        }

        foreach (var copy in copies.Where(copy => copy.Candidate.Wanted != null))
        {
            copy.Reasons.Add(copy.Candidate.Wanted!);
        }
    }

    private static DateTimeOffset SweepTime(
        RetentionCandidate candidate,
        KeepDuration grace,
        TimeZoneInfo zone,
        DateTimeOffset now
    ) => grace.Amount == 0 ? now : grace.EndFrom(candidate.MarkedAt ?? now, zone);

    private static RetentionDecision Decision(CopyUnderDecision copy, DateTimeOffset now)
    {
        var isMarked = copy.Candidate.MarkedAt is not null;
        var verdict = copy.SweepAt switch
        {
            null => isMarked ? RetentionVerdict.Unmark : RetentionVerdict.Keep,
            var time when time <= now => RetentionVerdict.Sweep,
            _ => isMarked ? RetentionVerdict.Wait : RetentionVerdict.Mark,
        };
        var reasons = copy.IsKept ? copy.Reasons : ["no rule keeps it", .. copy.HeldBy];
        return new RetentionDecision(copy.Candidate, verdict, reasons, copy.Rule, copy.KeptUntil, copy.SweepAt);
    }

    private static string? RefusalOf(IReadOnlyList<RetentionDecision> decisions)
    {
        var unmarked = decisions.Where(decision => decision.Candidate.MarkedAt is null).ToList();
        var condemned = unmarked.Count(decision => !decision.IsKept);
        if (unmarked.Count <= FewCopies || condemned * 2L <= unmarked.Count)
        {
            return null;
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"{condemned} of {unmarked.Count} copies would be deleted, more than half at once"
        );
    }
}
