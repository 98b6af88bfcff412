using Holdfast.Core.Retention;
using static Holdfast.Core.Tests.Retention.Copies;

namespace Holdfast.Core.Tests.Retention;

/// <summary>Years of copies, with a decision after each, leave what one decision at the end leaves.</summary>
public sealed class RetentionPathTests
{
    private const int TenYears = 3653;
    private const int FourYears = 1461;

    public static TheoryData<string> Rules =>
        [
            "daily=7 weekly=4 monthly=12 yearly=7",
            "daily=7 weekly=4 monthly=12 yearly=7 grace=none",
            "last=3",
            "within=30d",
            "within=1m",
            "last=3 within=2d daily=1m weekly=3m monthly=1y yearly=5y",
            "hourly=48 daily=7d weekly=4 monthly=6m yearly=3",
            "within=12h monthly=12 yearly=7 grace=none",
            "hourly=6h monthly=12 grace=none",
            "weekly=4 yearly=2",
        ];

    [Theory]
    [MemberData(nameof(Rules))]
    public void Decide_DailyForTenYears_LeavesWhatOneDecisionLeaves(string rules) =>
        AssertSame(Daily("2016-01-01T02:30Z", TenYears), rules);

    [Theory]
    [MemberData(nameof(Rules))]
    public void Decide_TwiceADay_LeavesWhatOneDecisionLeaves(string rules) =>
        AssertSame(Every(TimeSpan.FromHours(12), Utc("2022-01-01T02:30Z"), 2 * FourYears), rules);

    [Theory]
    [MemberData(nameof(Rules))]
    public void Decide_HourlyForSixtyDays_LeavesWhatOneDecisionLeaves(string rules) =>
        AssertSame(Every(TimeSpan.FromHours(1), Utc("2026-09-01T00:15Z"), 24 * 60), rules);

    [Theory]
    [MemberData(nameof(Rules))]
    public void Decide_WithGaps_LeavesWhatOneDecisionLeaves(string rules)
    {
        // Weeks and months without a copy, and the decisions go on every day.
        var copies = Daily("2016-01-01T02:30Z", TenYears).Where((_, i) => i % 97 < 40 && i % 1000 < 800 && i % 7 != 3);
        AssertSame([.. copies], rules);
    }

    [Theory]
    [InlineData("within=1d monthly=2 min=1 grace=none")]
    [InlineData("hourly=1d monthly=2 min=1 grace=none")]
    public void Decide_NewestCopyOutgrowsItsRule_TakesNoSlotForTheTimeBeing(string rules)
    {
        var copies = new[] { At("2026-08-31"), At("2026-09-30"), At("2026-10-31"), At("2026-11-01") };
        var left = Decide(copies, rules, "2026-11-20").Apply(Utc("2026-11-20"));
        var next = At("2026-11-21");
        Assert.Equal(Decide([.. copies, next], rules).Kept(), Decide([.. left, next], rules).Kept());
        Assert.Equal(3, Decide([.. left, next], rules).Kept().Length);
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
        Assert.True(left.Count < copies.Count);
    }
}
