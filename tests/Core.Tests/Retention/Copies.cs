using System.Globalization;
using Holdfast.Core.Retention;

namespace Holdfast.Core.Tests.Retention;

/// <summary>Copies and decisions in a few words.</summary>
internal static class Copies
{
    public static DateTimeOffset Utc(string time) =>
        DateTimeOffset.Parse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    public static RetentionCandidate At(string time, CopyState state = CopyState.Good) => new(time, Utc(time), state);

    public static List<RetentionCandidate> Daily(string first, int count, CopyState state = CopyState.Good) =>
        Every(TimeSpan.FromDays(1), Utc(first), count, state);

    public static List<RetentionCandidate> Every(
        TimeSpan interval,
        DateTimeOffset first,
        int count,
        CopyState state = CopyState.Good
    ) =>
        [
            .. Enumerable
                .Range(0, count)
                .Select(i => first + (i * interval))
                .Select(time => new RetentionCandidate(Id(time), time, state)),
        ];

    public static string Id(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static RetentionRules Rules(string text)
    {
        Assert.True(RetentionRules.TryParse(text, out var rules, out var errors), string.Join('\n', errors));
        return rules;
    }

    /// <summary>Decides at the time of the newest copy unless said otherwise, in UTC unless said otherwise.</summary>
    public static RetentionPlan Decide(
        IReadOnlyCollection<RetentionCandidate> copies,
        string rules,
        string? now = null,
        TimeZoneInfo? zone = null
    ) =>
        RetentionPlan.Decide(
            copies,
            Rules(rules),
            zone ?? TimeZoneInfo.Utc,
            now is null ? copies.Max(copy => copy.Time) : Utc(now)
        );

    public static string[] Kept(this RetentionPlan plan) =>
        [.. plan.Decisions.Where(decision => decision.IsKept).Select(decision => decision.Id)];

    public static RetentionDecision Of(this RetentionPlan plan, string id) =>
        plan.Decisions.Single(decision => decision.Id == id);

    /// <summary>What a prune leaves behind: marks set and removed, swept copies gone.</summary>
    public static List<RetentionCandidate> Apply(this RetentionPlan plan, DateTimeOffset now) =>
        [
            .. plan
                .Decisions.Where(decision => decision.Verdict is not RetentionVerdict.Sweep)
                .Select(decision =>
                    decision.Verdict switch
                    {
                        RetentionVerdict.Mark => decision.Candidate with { MarkedAt = now },
                        RetentionVerdict.Unmark => decision.Candidate with { MarkedAt = null },
                        _ => decision.Candidate,
                    }
                ),
        ];
}
