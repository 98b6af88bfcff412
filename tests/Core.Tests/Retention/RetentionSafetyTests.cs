using Holdfast.Core.Retention;
using static Holdfast.Core.Tests.Retention.Copies;

namespace Holdfast.Core.Tests.Retention;

public sealed class RetentionSafetyTests
{
    [Theory]
    [InlineData(CopyState.Bad)]
    [InlineData(CopyState.Unverified)]
    public void Decide_ThreeWorseCopies_PushOutNothing(CopyState state)
    {
        var good = Daily("2026-11-01", 3);
        var worse = Daily("2026-11-04", 3, state);
        var plan = Decide([.. good, .. worse], "last=3 min=1");
        Assert.Equal(6, plan.Kept().Length);
        Assert.Equal("last 1 of 3", plan.Of(good[2].Id).Reasons[0]);
        var word = state is CopyState.Bad ? "bad" : "unverified";
        Assert.Equal([$"last 3 of 3, counting {word} copies"], plan.Of(worse[0].Id).Reasons);
    }

    [Fact]
    public void Decide_OneBogusCopyADay_PushesOutNoGoodOne()
    {
        var good = Daily("2026-01-01T03:00Z", 200);
        var bogus = Daily("2026-01-01T23:59Z", 200, CopyState.Bad);
        const string Rules = "daily=7 weekly=4 monthly=12 yearly=7";
        var alone = Decide(good, Rules).Kept();
        var together = Decide([.. good, .. bogus], Rules).Kept();
        Assert.Equal(alone, together.Intersect(good.Select(copy => copy.Id)));
        Assert.Equal(alone.Length, together.Intersect(bogus.Select(copy => copy.Id)).Count());
    }

    [Fact]
    public void Decide_BadCopies_DoNotDisplaceUnverifiedOnes()
    {
        var foreign = Daily("2026-11-01", 3, CopyState.Unverified);
        var plan = Decide([.. foreign, .. Daily("2026-11-04", 5, CopyState.Bad)], "last=3 min=1");
        Assert.All(foreign, copy => Assert.True(plan.Of(copy.Id).IsKept));
    }

    [Fact]
    public void Decide_ForeignCopies_AreCleanedByTheSameRules()
    {
        var plan = Decide(Daily("2026-11-01", 30, CopyState.Unverified), "last=5");
        Assert.Equal(5, plan.Kept().Length);
        Assert.Equal("last 1 of 5, counting unverified copies", plan.Decisions[0].Reasons[0]);
    }

    [Fact]
    public void Decide_EverythingIsOld_KeepsTheMinimum()
    {
        var plan = Decide(Daily("2020-01-01", 10), "within=30d", "2026-01-01");
        Assert.Equal(3, plan.Kept().Length);
        Assert.Contains("newest good copy", plan.Decisions[0].Reasons);
        Assert.Equal(["minimum of 3"], plan.Decisions[2].Reasons);
        Assert.Equal(5, Decide(Daily("2020-01-01", 10), "within=30d min=5", "2026-01-01").Kept().Length);
    }

    [Fact]
    public void Decide_FewerGoodCopiesThanTheMinimum_FillsUpWithTheNextBest()
    {
        RetentionCandidate[] copies =
        [
            At("2020-01-01"),
            At("2020-02-01", CopyState.Bad),
            .. Daily("2020-03-01", 5, CopyState.Unverified),
            At("2020-04-01", CopyState.Bad),
        ];
        var plan = Decide(copies, "within=30d", "2026-01-01");
        Assert.Equal(["2020-04-01", "2020-03-05T00:00:00Z", "2020-03-04T00:00:00Z", "2020-01-01"], plan.Kept());
        Assert.Contains("newest good copy", plan.Of("2020-01-01").Reasons);
    }

    [Fact]
    public void Decide_OnlyBadCopies_KeepsTheMinimum() =>
        Assert.Equal(3, Decide(Daily("2020-01-01", 9, CopyState.Bad), "within=1d", "2026-01-01").Kept().Length);

    [Fact]
    public void Decide_PinnedCopy_IsKeptAndChangesNothingElse()
    {
        var copies = Daily("2026-01-01", 30);
        var without = Decide(copies, "last=3").Kept();
        copies[4] = copies[4] with { Pinned = true };
        var plan = Decide(copies, "last=3");
        Assert.Equal([.. without, copies[4].Id], plan.Kept());
        Assert.Equal(["pinned"], plan.Of(copies[4].Id).Reasons);
    }

    [Fact]
    public void Decide_CopyFromTheFuture_IsKeptAndDisplacesNothing()
    {
        // The clock was years ahead for three copies.
        var copies = Daily("2026-01-01", 5);
        var future = Daily("2031-01-01", 3);
        var plan = Decide([.. copies, .. future], "last=3", "2026-01-05");
        Assert.Equal(6, plan.Kept().Length);
        Assert.All(future, copy => Assert.Equal(["its time lies in the future"], plan.Of(copy.Id).Reasons));
        Assert.Equal(["last 1 of 3", "newest good copy"], plan.Of(copies[4].Id).Reasons);
    }

    [Fact]
    public void Decide_ClockSteppedBack_DeletesNothing()
    {
        var plan = Decide(Daily("2026-01-01", 5), "last=3", "2019-01-01");
        Assert.Equal(5, plan.Kept().Length);
    }

    [Fact]
    public void Decide_AncestorsOfKeptCopies_AreKept()
    {
        RetentionCandidate[] copies =
        [
            At("2026-01-01", CopyState.Bad),
            At("2026-01-02") with
            {
                Needs = ["2026-01-01"],
            },
            At("2026-01-03"),
            At("2026-01-04") with
            {
                Needs = ["2026-01-02", "unknown"],
            },
        ];
        var plan = Decide(copies, "last=1 min=1");
        Assert.Equal(["2026-01-04", "2026-01-02", "2026-01-01"], plan.Kept());
        Assert.Equal(["needed by 2026-01-04"], plan.Of("2026-01-02").Reasons);
        Assert.Equal(["needed by 2026-01-02"], plan.Of("2026-01-01").Reasons);
    }

    [Fact]
    public void Decide_Ancestor_IsKeptAsLongAsTheCopyThatNeedsIt()
    {
        RetentionCandidate[] copies =
        [
            At("2026-01-01"),
            At("2026-01-02") with
            {
                Needs = ["2026-01-01"],
            },
            At("2026-01-20") with
            {
                Needs = ["2026-01-02"],
            },
        ];
        var plan = Decide(copies, "within=30d min=1");
        Assert.All(plan.Decisions, decision => Assert.Equal(Utc("2026-02-19"), decision.KeptUntil));
    }

    [Fact]
    public void Decide_CopiesThatNeedEachOther_Ends()
    {
        RetentionCandidate[] copies =
        [
            At("2026-01-01") with
            {
                Needs = ["2026-01-02"],
            },
            At("2026-01-02") with
            {
                Needs = ["2026-01-01", "2026-01-02"],
            },
            .. Daily("2026-02-01", 5),
        ];
        Assert.Single(Decide(copies, "last=1 min=1 grace=1d").Kept());
        copies[0] = copies[0] with { Pinned = true };
        Assert.Equal(3, Decide(copies, "last=1 min=1 grace=1d").Kept().Length);
    }

    [Theory]
    [InlineData(6, "last=3", false)]
    [InlineData(7, "last=3", true)]
    [InlineData(7, "last=3 grace=7d", true)]
    [InlineData(3, "last=1 min=1", false)]
    [InlineData(4, "last=1 min=1", true)]
    [InlineData(100, "", false)]
    public void Decide_MoreThanHalfAtOnce_IsRefused(int count, string rules, bool refused)
    {
        var plan = Decide(Daily("2026-01-01", count), rules);
        Assert.Equal(refused, plan.RefusesWithoutConfirmation);
        Assert.Equal(refused, plan.Refusal is not null);
    }

    [Fact]
    public void Decide_MoreThanHalfAtOnce_SaysHowMany() =>
        Assert.Equal(
            "17 of 20 copies would be deleted, more than half at once",
            Decide(Daily("2026-01-01", 20), "last=3").Refusal
        );

    [Fact]
    public void Decide_ClockRunsAhead_IsRefused()
    {
        // A clock that jumps by a year would make nearly everything too old.
        var plan = Decide(Daily("2026-01-01", 30), "within=30d", "2027-02-01");
        Assert.True(plan.RefusesWithoutConfirmation);
    }

    [Fact]
    public void Decide_MarkedBefore_IsNotAskedAboutAgain()
    {
        var now = Utc("2026-03-01");
        var marked = Decide(Daily("2026-01-01", 20), "last=3 grace=7d", "2026-03-01").Apply(now);
        var sweep = Decide(marked, "last=3 grace=7d", "2026-03-09");
        Assert.Equal(17, sweep.Decisions.Count(decision => decision.Verdict is RetentionVerdict.Sweep));
        Assert.False(sweep.RefusesWithoutConfirmation);
    }

    [Fact]
    public void Decide_MarkedCopies_DoNotMakeTheOthersLookFew()
    {
        // 45 of 100 are marked already: 30 of the 55 others are more than half.
        var copies = Daily("2026-01-01", 100);
        copies = [.. copies.Select((copy, i) => i < 45 ? copy with { MarkedAt = copies[^1].Time } : copy)];
        Assert.True(Decide(copies, "last=25 grace=7d").RefusesWithoutConfirmation);
        Assert.False(Decide(copies, "last=30 grace=7d").RefusesWithoutConfirmation);
    }

    [Fact]
    public void Decide_HundredThousandCopies_Ends()
    {
        var copies = Every(TimeSpan.FromMinutes(30), Utc("2020-01-01"), 100_000);
        copies = [.. copies.Select((copy, i) => i == 0 ? copy : copy with { Needs = [copies[i - 1].Id] })];
        copies[^1] = copies[^1] with { Needs = null };
        var plan = Decide(
            copies,
            "last=9 within=1m hourly=7d daily=1y weekly=12 monthly=12 yearly=7",
            zone: Zones.Berlin
        );
        Assert.Equal(100_000, plan.Kept().Length);
    }
}
