using Holdfast.Core.Retention;
using static Holdfast.Core.Tests.Retention.Copies;

namespace Holdfast.Core.Tests.Retention;

public sealed class RetentionTierTests
{
    [Fact]
    public void Decide_NoRule_KeepsEverything()
    {
        var plan = Decide(Daily("2026-01-01", 100), "");
        Assert.Equal(100, plan.Kept().Length);
        Assert.All(plan.Decisions, decision => Assert.Equal("no rule", decision.Reasons[0]));
    }

    [Fact]
    public void Decide_Forever_KeepsEverything()
    {
        var plan = Decide(Daily("2026-01-01", 100), "last=3 forever");
        Assert.Equal(100, plan.Kept().Length);
        Assert.All(plan.Decisions, decision => Assert.Equal("forever", decision.Reasons[0]));
    }

    [Fact]
    public void Decide_NoCopies_IsEmpty() =>
        Assert.Empty(RetentionPlan.Decide([], Rules("last=3"), TimeZoneInfo.Utc, Utc("2026-01-01")).Decisions);

    [Fact]
    public void Decide_LastThree_KeepsTheThreeNewest()
    {
        var plan = Decide([At("2026-11-03"), At("2026-11-01"), At("2026-11-04"), At("2026-11-02")], "last=3");
        Assert.Equal(["2026-11-04", "2026-11-03", "2026-11-02"], plan.Kept());
        Assert.Equal(["last 1 of 3", "newest good copy"], plan.Of("2026-11-04").Reasons);
        Assert.Equal(["last 3 of 3"], plan.Of("2026-11-02").Reasons);
        Assert.Equal(RetentionVerdict.Sweep, plan.Of("2026-11-01").Verdict);
        Assert.Equal(["no rule keeps it"], plan.Of("2026-11-01").Reasons);
    }

    [Fact]
    public void Decide_WithinThirtyDays_KeepsThirtyDailyCopies()
    {
        var plan = Decide(Daily("2026-01-01T03:00Z", 100), "within=30d");
        Assert.Equal(30, plan.Kept().Length);
        var oldest = plan.Decisions[29];
        Assert.Equal("within 30d until 2026-04-11", Assert.Single(oldest.Reasons));
        Assert.Equal(oldest.Candidate.Time.AddDays(30), oldest.KeptUntil);
    }

    [Fact]
    public void Decide_DailySeven_CountsOnlyDaysThatHaveCopies()
    {
        // Three weeks without a copy must not let the rule run empty.
        var copies = Daily("2026-10-01T03:00Z", 10).Concat(Daily("2026-11-01T03:00Z", 3)).ToList();
        var kept = Decide(copies, "daily=7").Kept();
        Assert.Equal(7, kept.Length);
        Assert.Equal("2026-10-07T03:00:00Z", kept[^1]);
    }

    [Fact]
    public void Decide_Daily_KeepsTheNewestOfEachDay()
    {
        var copies = Every(TimeSpan.FromHours(6), Utc("2026-11-01T00:00Z"), 12);
        var plan = Decide(copies, "daily=3 min=1");
        Assert.Equal(["2026-11-03T18:00:00Z", "2026-11-02T18:00:00Z", "2026-11-01T18:00:00Z"], plan.Kept());
        Assert.Equal(["daily 2 of 3 (2026-11-02)"], plan.Of("2026-11-02T18:00:00Z").Reasons);
    }

    [Fact]
    public void Decide_HourlyForTwoDays_KeepsTheNewestOfEachHour()
    {
        var copies = Every(TimeSpan.FromMinutes(20), Utc("2026-11-01T00:00Z"), 3 * 24 * 7);
        var plan = Decide(copies, "hourly=2d min=1");
        Assert.Equal(48, plan.Kept().Length);
        Assert.All(plan.Kept(), id => Assert.EndsWith(":40:00Z", id, StringComparison.Ordinal));
        var second = plan.Of("2026-11-07T22:40:00Z");
        Assert.Equal(["hourly for 2d (2026-11-07 22:00+00:00) until 2026-11-09"], second.Reasons);
        Assert.Equal(Utc("2026-11-09T22:40Z"), second.KeptUntil);
    }

    [Fact]
    public void Decide_CurrentPeriod_IsNotPromised()
    {
        // A later copy of the same day will take its place.
        var plan = Decide([At("2026-11-07T10:00Z"), At("2026-11-06T10:00Z")], "daily=9d", "2026-11-07T11:00Z");
        Assert.Null(plan.Decisions[0].KeptUntil);
        Assert.Equal(Utc("2026-11-15T10:00Z"), plan.Decisions[1].KeptUntil);
    }

    [Fact]
    public void Decide_PeriodKeptByAFinerTier_UsesNoSlot()
    {
        // 2026-11-15 and 2026-11-08 are Sundays.
        var plan = Decide(Daily("2026-10-01T03:00Z", 48), "daily=3 weekly=2 min=1");
        Assert.Equal(
            [
                "2026-11-17T03:00:00Z daily 1 of 3 (2026-11-17)",
                "2026-11-16T03:00:00Z daily 2 of 3 (2026-11-16)",
                "2026-11-15T03:00:00Z daily 3 of 3 (2026-11-15)",
                "2026-11-08T03:00:00Z weekly 1 of 2 (2026-W45)",
                "2026-11-01T03:00:00Z weekly 2 of 2 (2026-W44)",
            ],
            plan.Decisions.Where(decision => decision.IsKept).Select(decision => $"{decision.Id} {decision.Reasons[0]}")
        );
    }

    [Fact]
    public void Decide_GrandfatherFatherSonOverTenYears_KeepsThirtyPointsReachingBackSevenYears()
    {
        var copies = Daily("2016-01-01T03:00Z", 3653);
        foreach (var end in Enumerable.Range(0, 80).Select(step => copies.Count - (5 * step)))
        {
            var plan = Decide(copies[..end], "daily=7 weekly=4 monthly=12 yearly=7");
            var kept = plan.Decisions.Where(decision => decision.IsKept).ToList();
            Assert.Equal(30, kept.Count);
            Assert.True(kept[^1].Candidate.Time.AddYears(7) < kept[0].Candidate.Time);
            Assert.Equal(
                [
                    (RetentionRule.Daily, 7),
                    (RetentionRule.Weekly, 4),
                    (RetentionRule.Monthly, 12),
                    (RetentionRule.Yearly, 7),
                ],
                kept.CountBy(decision => decision.Rule!.Value).Select(pair => (pair.Key, pair.Value)).Order()
            );
        }
    }

    [Fact]
    public void Decide_SeveralRules_GiveAllReasonsThatUseNoSlot()
    {
        var plan = Decide(Daily("2026-11-01T03:00Z", 10), "last=2 within=5d daily=6 grace=none");
        Assert.Equal(["last 2 of 2", "within 5d until 2026-11-14"], plan.Of("2026-11-09T03:00:00Z").Reasons);
        Assert.Equal(10, plan.Kept().Length);
    }

    [Fact]
    public void Decide_NewestCopyOlderThanTheRule_StillCounts()
    {
        // Otherwise it would use a slot of the months today and none tomorrow, when a new copy takes its place.
        var plan = Decide(
            [At("2026-11-01"), At("2026-10-31"), At("2026-09-30"), At("2026-08-31")],
            "within=1d monthly=2 min=1",
            "2026-11-20"
        );
        Assert.Equal(["2026-11-01", "2026-10-31", "2026-09-30"], plan.Kept());
        Assert.Equal("within 1d (over, but the newest copy always counts)", plan.Of("2026-11-01").Reasons[0]);
        Assert.Null(plan.Of("2026-11-01").KeptUntil);
    }

    [Fact]
    public void Decide_SameTime_IsDecidedById()
    {
        var time = Utc("2026-11-01");
        RetentionCandidate[] copies = [new("b", time), new("a", time), new("c", time)];
        Assert.Equal(["c", "b"], Decide(copies, "last=2 min=1").Kept());
        Assert.Equal(["c", "b"], Decide([.. copies.Reverse()], "last=2 min=1").Kept());
    }

    [Fact]
    public void Decide_SameIdTwice_Throws() =>
        Assert.Throws<ArgumentException>(() => Decide([At("2026-11-01"), At("2026-11-01")], "last=1"));
}
