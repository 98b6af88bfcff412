using static Holdfast.Core.Tests.Retention.Copies;

namespace Holdfast.Core.Tests.Retention;

public sealed class RetentionCalendarTests
{
    [Fact]
    public void Decide_HourThatClocksRepeat_IsTwoHours()
    {
        // Berlin 2026-10-25: 02:00 to 03:00 happens at 00:00Z (+02:00) and again at 01:00Z (+01:00).
        var copies = Every(TimeSpan.FromMinutes(30), Utc("2026-10-24T22:00Z"), 10);
        var plan = Decide(copies, "hourly=9 min=1", zone: Zones.Berlin);
        Assert.Equal(
            [
                "hourly 1 of 9 (2026-10-25 03:00+01:00)",
                "hourly 2 of 9 (2026-10-25 02:00+01:00)",
                "hourly 3 of 9 (2026-10-25 02:00+02:00)",
                "hourly 4 of 9 (2026-10-25 01:00+02:00)",
                "hourly 5 of 9 (2026-10-25 00:00+02:00)",
            ],
            plan.Decisions.Where(decision => decision.IsKept).Select(decision => decision.Reasons[0])
        );
    }

    [Theory]
    [InlineData("2026-10-25T22:00Z", "2026-10-24T22:00Z", 25)]
    [InlineData("2026-03-29T21:00Z", "2026-03-28T23:00Z", 23)]
    public void Decide_LongAndShortDays_BeginAtLocalMidnight(string lastHour, string firstHour, int hours)
    {
        var copies = Every(TimeSpan.FromHours(1), Utc(firstHour).AddDays(-1), 24 + hours);
        Assert.Equal(Utc(lastHour), copies[^1].Time);
        var plan = Decide(copies, "daily=2 min=1", zone: Zones.Berlin);
        Assert.Equal([Id(Utc(lastHour)), Id(Utc(firstHour).AddHours(-1))], plan.Kept());
    }

    [Fact]
    public void Decide_DayThatGoesBackOverMidnight_IsOneDay()
    {
        // In Santiago on 2026-04-04 the evening from 23:00 to midnight happens twice (02:00Z and 03:00Z).
        var copies = Every(TimeSpan.FromMinutes(30), Utc("2026-04-05T01:00Z"), 8);
        var plan = Decide(copies, "daily=2 min=1", zone: Zones.Santiago);
        Assert.Equal(["2026-04-05T04:30:00Z", "2026-04-05T03:30:00Z"], plan.Kept());
    }

    [Fact]
    public void Decide_DayThatGoesBackJustAfterMidnight_IsNotTwoDays()
    {
        // In St. John's on 2010-11-07 clocks went back at 00:01, to 23:01 of the day before.
        var zone = TimeZoneInfo.FindSystemTimeZoneById("America/St_Johns");
        var copies = new[] { At("2010-11-07T02:00:00Z"), At("2010-11-07T02:30:30Z"), At("2010-11-07T03:00:00Z") };
        Assert.Equal(6, TimeZoneInfo.ConvertTime(copies[2].Time, zone).Day);
        Assert.Equal(7, TimeZoneInfo.ConvertTime(copies[1].Time, zone).Day);
        var later = At("2010-11-07T12:00:00Z");
        Assert.Equal([later.Id, copies[2].Id], Decide([.. copies, later], "daily=9 min=1", zone: zone).Kept());
    }

    [Fact]
    public void Decide_ZoneOfTheSchedule_DrawsTheBorders()
    {
        // 23:30Z is the next day, month and year in Berlin.
        var copies = new[] { At("2026-12-31T22:30Z"), At("2026-12-31T23:30Z") };
        Assert.Equal(["2026-12-31T23:30Z"], Decide(copies, "yearly=2 min=1").Kept());
        Assert.Equal(2, Decide(copies, "yearly=2 min=1", zone: Zones.Berlin).Kept().Length);
        Assert.Equal(2, Decide(copies, "monthly=2 min=1", zone: Zones.Berlin).Kept().Length);
        Assert.Equal(2, Decide(copies, "daily=2 min=1", zone: Zones.Berlin).Kept().Length);
    }

    [Fact]
    public void Decide_WeekInTwoYears_IsOneWeek()
    {
        // Monday 2026-12-28 to Sunday 2027-01-03 is week 53 of 2026.
        var plan = Decide(Daily("2026-12-26T03:00Z", 10), "weekly=9 min=1");
        Assert.Equal(
            [
                "2027-01-04T03:00:00Z weekly 1 of 9 (2027-W01)",
                "2027-01-03T03:00:00Z weekly 2 of 9 (2026-W53)",
                "2026-12-27T03:00:00Z weekly 3 of 9 (2026-W52)",
            ],
            plan.Decisions.Where(decision => decision.IsKept).Select(decision => $"{decision.Id} {decision.Reasons[0]}")
        );
    }

    [Theory]
    [InlineData("2020-12-31", "2020-W53")]
    [InlineData("2021-01-03", "2020-W53")]
    [InlineData("2021-01-04", "2021-W01")]
    [InlineData("2018-12-31", "2019-W01")]
    [InlineData("2024-12-30", "2025-W01")]
    public void Decide_DayNearNewYear_HasItsIsoWeek(string day, string week) =>
        Assert.Equal($"weekly 1 of 1 ({week})", Decide([At(day)], "weekly=1").Of(day).Reasons[0]);

    [Fact]
    public void Decide_LeapYear_HasAFebruary29()
    {
        var plan = Decide(Daily("2023-12-01", 123), "monthly=3 min=1");
        Assert.Equal(["2024-04-01T00:00:00Z", "2024-03-31T00:00:00Z", "2024-02-29T00:00:00Z"], plan.Kept());
    }

    [Fact]
    public void Decide_OneYearFromFebruary29_EndsWithFebruary28()
    {
        RetentionPlanIsKept(true, "2025-02-28T23:59Z");
        RetentionPlanIsKept(false, "2025-03-01T00:00Z");

        static void RetentionPlanIsKept(bool expected, string now)
        {
            var copies = new[] { At("2024-02-29T12:00Z"), At("2025-02-01") };
            Assert.Equal(expected, Decide(copies, "within=1y min=1", now).Of("2024-02-29T12:00Z").IsKept);
        }
    }

    [Fact]
    public void Decide_OneMonthAtTheEndOfMarch_NeverWantsBackWhatItLetGo()
    {
        // With times of day, one month before March 29, 23:00 is later than one month before March 30, 01:00.
        var copies = new[] { At("2026-02-28T12:00Z"), At("2026-03-20") };
        var now = Utc("2026-03-25");
        var wasKept = true;
        for (; now < Utc("2026-04-03"); now = now.AddHours(1))
        {
            var isKept = Decide(copies, "within=1m min=1", Id(now)).Of("2026-02-28T12:00Z").IsKept;
            Assert.True(wasKept || !isKept);
            wasKept = isKept;
        }

        Assert.False(wasKept);
    }
}
