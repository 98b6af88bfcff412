using Holdfast.Core.Retention;
using static Holdfast.Core.Tests.Retention.Copies;

namespace Holdfast.Core.Tests.Retention;

public sealed class RetentionSimulationTests
{
    [Fact]
    public void Run_TenYearsOfDailies_KeepsThirtyPoints()
    {
        var rules = Rules("daily=7 weekly=4 monthly=12 yearly=7");
        var forecast = RetentionSimulation.Run(rules, Zones.Berlin, TimeSpan.FromDays(1), Utc("2016-01-01T02:00Z"), 10);
        Assert.Equal(3653, forecast.Made);
        Assert.Equal(30, forecast.Kept.Count);
        Assert.Equal(
            [
                (RetentionRule.Daily, 7),
                (RetentionRule.Weekly, 4),
                (RetentionRule.Monthly, 12),
                (RetentionRule.Yearly, 7),
            ],
            forecast.KeptByRule.Select(pair => (pair.Key, pair.Value))
        );
        Assert.Equal(Utc("2017-12-31T02:00Z"), forecast.Oldest);
        Assert.Equal(120, forecast.Growth.Count);
        Assert.Equal(new RetentionGrowth(Utc("2016-01-31T02:00Z"), 11), forecast.Growth[0]);
        Assert.Equal(new RetentionGrowth(Utc("2025-12-31T02:00Z"), 30), forecast.Growth[^1]);
        Assert.Equal(forecast.Growth.Max(point => point.Kept), forecast.Growth[^1].Kept);
    }

    [Fact]
    public void Run_Times_KeepsWhatOneDecisionKeeps()
    {
        var copies = Every(TimeSpan.FromHours(5), Utc("2024-01-01"), 4000);
        var rules = Rules("hourly=9 daily=2w monthly=5 yearly=2y");
        var forecast = RetentionSimulation.Run(rules, Zones.Berlin, copies.Select(copy => copy.Time));
        var plan = RetentionPlan.Decide(copies, rules, Zones.Berlin, copies[^1].Time);
        Assert.Equal(plan.Kept(), forecast.Kept.Select(decision => Id(decision.Candidate.Time)));
    }

    [Fact]
    public void Run_NoTimes_IsEmpty()
    {
        var forecast = RetentionSimulation.Run(Rules("last=3"), TimeZoneInfo.Utc, []);
        Assert.Equal(0, forecast.Made);
        Assert.Null(forecast.Oldest);
        Assert.Empty(forecast.Growth);
    }

    [Fact]
    public void Run_Nonsense_Throws()
    {
        var start = Utc("2026-01-01");
        var rules = Rules("last=3");
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            RetentionSimulation.Run(rules, TimeZoneInfo.Utc, TimeSpan.Zero, start, 1)
        );
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            RetentionSimulation.Run(rules, TimeZoneInfo.Utc, TimeSpan.FromDays(1), start, 0)
        );
        Assert.Throws<ArgumentException>(() => RetentionSimulation.Run(rules, TimeZoneInfo.Utc, [start, start]));
    }
}
