using Holdfast.Core.Retention;
using static Holdfast.Core.Tests.Retention.Copies;

namespace Holdfast.Core.Tests.Retention;

/// <summary>Years of copies, with a decision after each, leave what one decision at the end leaves.</summary>
public sealed class RetentionPathTests
{
    private const int TenYears = 3653;

    public static TheoryData<string> Rules =>
        [
            "daily=7 weekly=4 monthly=12 yearly=7",
            "daily=7 weekly=4 monthly=12 yearly=7 grace=none",
            "last=3",
            "within=30d",
            "within=1m",
            "last=3 within=2d daily=1m weekly=3m monthly=1y yearly=5y",
            "hourly=48 daily=7d weekly=4 monthly=6m yearly=3",
            "within=12h monthly=12 yearly=7",
            "weekly=4 yearly=2",
        ];

    [Theory]
    [MemberData(nameof(Rules))]
    public void Decide_DailyForTenYears_LeavesWhatOneDecisionLeaves(string rules) =>
        AssertSame(Daily("2016-01-01T02:30Z", TenYears), rules);

    [Theory]
    [MemberData(nameof(Rules))]
    public void Decide_TwiceADay_LeavesWhatOneDecisionLeaves(string rules) =>
        AssertSame(Every(TimeSpan.FromHours(12), Utc("2016-01-01T02:30Z"), 2 * TenYears), rules);

    [Theory]
    [MemberData(nameof(Rules))]
    public void Decide_HourlyForMonths_LeavesWhatOneDecisionLeaves(string rules) =>
        AssertSame(Every(TimeSpan.FromHours(1), Utc("2026-09-01T00:15Z"), 24 * 240), rules);

    [Theory]
    [MemberData(nameof(Rules))]
    public void Decide_WithGaps_LeavesWhatOneDecisionLeaves(string rules)
    {
        // Weeks and months without a copy, and the decisions go on every day.
        var copies = Daily("2016-01-01T02:30Z", TenYears).Where((_, i) => i % 97 < 40 && i % 1000 < 800 && i % 7 != 3);
        AssertSame([.. copies], rules);
    }

    private static void AssertSame(List<RetentionCandidate> copies, string text)
    {
        var rules = Copies.Rules(text);
        List<RetentionCandidate> left = [];
        var next = 0;
        var now = copies[0].Time;
        var plan = RetentionPlan.Decide([], rules, Zones.Berlin, now);
        while (next < copies.Count)
        {
            // An hour after each copy, and a day after the last decision at the latest.
            now = copies[next].Time.AddHours(0.5) is var after && after <= now.AddDays(1) ? after : now.AddDays(1);
            for (; next < copies.Count && copies[next].Time <= now; next++)
            {
                left.Add(copies[next]);
            }

            plan = RetentionPlan.Decide(left, rules, Zones.Berlin, now);
            left = plan.Apply(now);
        }

        var once = RetentionPlan.Decide(copies, rules, Zones.Berlin, now);
        Assert.Equal(once.Kept(), plan.Kept());
        Assert.Equal(
            once.Decisions.Where(decision => decision.IsKept).SelectMany(decision => decision.Reasons),
            plan.Decisions.Where(decision => decision.IsKept).SelectMany(decision => decision.Reasons)
        );
        Assert.True(left.Count < copies.Count / 4);
    }
}
