using Holdfast.Core.Retention;
using static Holdfast.Core.Tests.Retention.Copies;

namespace Holdfast.Core.Tests.Retention;

public sealed class RetentionGraceTests
{
    private const string Rules = "daily=3 min=1";

    [Fact]
    public void Decide_CopyThatNoRuleKeeps_IsMarkedThenWaitsThenIsSwept()
    {
        var copies = Daily("2026-11-01", 4);
        var marked = Decide(copies, Rules, "2026-11-04");
        Assert.Equal(RetentionVerdict.Mark, marked.Decisions[3].Verdict);
        Assert.Equal(Utc("2026-11-11"), marked.Decisions[3].SweepAt);

        copies = marked.Apply(Utc("2026-11-04"));
        var waiting = Decide(copies, Rules, "2026-11-10T23:59Z").Decisions[3];
        Assert.Equal(RetentionVerdict.Wait, waiting.Verdict);
        Assert.Equal(Utc("2026-11-11"), waiting.SweepAt);
        Assert.Equal(RetentionVerdict.Sweep, Decide(copies, Rules, "2026-11-11").Decisions[3].Verdict);
    }

    [Fact]
    public void Decide_RulesBecomeWider_Unmarks()
    {
        var copies = Decide(Daily("2026-11-01", 4), Rules).Apply(Utc("2026-11-04"));
        var decision = Decide(copies, "daily=4", "2026-11-20").Decisions[3];
        Assert.Equal(RetentionVerdict.Unmark, decision.Verdict);
        Assert.True(decision.IsKept);
        Assert.Null(decision.SweepAt);
        Assert.Equal(RetentionVerdict.Unmark, Decide(copies, "forever").Decisions[3].Verdict);
        Assert.Equal(RetentionVerdict.Unmark, Decide(copies, "").Decisions[3].Verdict);
    }

    [Fact]
    public void Decide_NoGrace_SweepsAtOnce()
    {
        Assert.Equal(RetentionVerdict.Sweep, Decide(Daily("2026-11-01", 4), "last=3").Decisions[3].Verdict);
        Assert.Equal(
            RetentionVerdict.Sweep,
            Decide(Daily("2026-11-01", 4), $"{Rules} grace=none").Decisions[3].Verdict
        );

        // Also one that is marked already, because its grace period was longer yesterday.
        var copies = Decide(Daily("2026-11-01", 4), Rules).Apply(Utc("2026-11-04"));
        Assert.Equal(RetentionVerdict.Sweep, Decide(copies, $"{Rules} grace=none", "2026-11-04").Decisions[3].Verdict);
    }

    [Fact]
    public void Decide_MarkFromTheFuture_Waits()
    {
        var copies = Daily("2026-11-01", 4);
        copies[0] = copies[0] with { MarkedAt = Utc("2030-01-01") };
        Assert.Equal(RetentionVerdict.Wait, Decide(copies, Rules).Decisions[3].Verdict);
    }

    [Fact]
    public void Decide_CopyNeededByAWaitingOne_WaitsWithIt()
    {
        var copies = Daily("2026-11-01", 5);
        copies[0] = copies[0] with { MarkedAt = Utc("2026-10-01") };
        copies[1] = copies[1] with { MarkedAt = Utc("2026-11-04"), Needs = [copies[0].Id] };
        var needed = Decide(copies, Rules, "2026-11-05").Decisions[4];
        Assert.Equal(RetentionVerdict.Wait, needed.Verdict);
        Assert.Equal(Utc("2026-11-11"), needed.SweepAt);
        Assert.Equal(["no rule keeps it", $"needed by {copies[1].Id}"], needed.Reasons);

        // Both in one go, and the one that needs the other first.
        var both = Decide(copies, Rules, "2026-11-11").Decisions;
        Assert.Equal([copies[1].Id, copies[0].Id], both.Skip(3).Select(decision => decision.Id));
        Assert.All(both.Skip(3), decision => Assert.Equal(RetentionVerdict.Sweep, decision.Verdict));
    }
}
