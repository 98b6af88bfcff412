using System.Globalization;

namespace Holdfast.Core.Retention;

/// <summary>Tries rules on a schedule, without a single copy being made.</summary>
public static class RetentionSimulation
{
    /// <summary>Simulates a copy at each interval.</summary>
    /// <param name="rules">What to keep.</param>
    /// <param name="zone">The time zone of the schedule.</param>
    /// <param name="interval">The time between two copies, above zero.</param>
    /// <param name="from">The time of the first copy.</param>
    /// <param name="years">The length of the simulation, at least 1.</param>
    public static RetentionForecast Run(
        RetentionRules rules,
        TimeZoneInfo zone,
        TimeSpan interval,
        DateTimeOffset from,
        int years
    )
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(interval, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(years, 1);
        return Run(rules, zone, Times(from, from.AddYears(years), interval));
    }

    /// <summary>Simulates good copies at the given times, with a decision at the last copy of each month.</summary>
    /// <param name="rules">What to keep.</param>
    /// <param name="zone">The time zone of the schedule.</param>
    /// <param name="times">The times of the copies, each later than the one before.</param>
    /// <exception cref="ArgumentException">The times do not ascend.</exception>
    public static RetentionForecast Run(RetentionRules rules, TimeZoneInfo zone, IEnumerable<DateTimeOffset> times)
    {
        var made = 0;
        var held = new List<RetentionCandidate>();
        var growth = new List<RetentionGrowth>();
        IReadOnlyList<RetentionDecision> kept = [];
        foreach (var time in times)
        {
            if (held.Count > 0 && time <= held[^1].Time)
            {
                throw new ArgumentException("the times of the copies must ascend", nameof(times));
            }

            if (held.Count > 0 && Month(time, zone) != Month(held[^1].Time, zone))
            {
                Decide();
            }

            made++;
            held.Add(new RetentionCandidate(made.ToString(CultureInfo.InvariantCulture), time));
        }

        if (held.Count > 0)
        {
            Decide();
        }

        return new RetentionForecast(made, kept, CountByRule(kept), growth);

        // Copies that no rule keeps may go at any time before the end, because the end does not depend on it.
        void Decide()
        {
            var now = held[^1].Time;
            kept = [.. RetentionPlan.Decide(held, rules, zone, now).Decisions.Where(decision => decision.IsKept)];
            held = [.. kept.Reverse().Select(decision => decision.Candidate)];
            growth.Add(new RetentionGrowth(now, held.Count));
        }
    }

    private static IEnumerable<DateTimeOffset> Times(DateTimeOffset from, DateTimeOffset end, TimeSpan interval)
    {
        for (var time = from; time < end; time += interval)
        {
            yield return time;
        }
    }

    private static long Month(DateTimeOffset time, TimeZoneInfo zone) =>
        Period.Of(RetentionRule.Monthly, TimeZoneInfo.ConvertTime(time, zone));

    private static Dictionary<RetentionRule, int> CountByRule(IEnumerable<RetentionDecision> kept) =>
        kept.Where(decision => decision.Rule is not null)
            .GroupBy(decision => decision.Rule!.Value)
            .OrderBy(group => group.Key)
            .ToDictionary(group => group.Key, group => group.Count());
}
