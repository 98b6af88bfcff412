using FsCheck.Fluent;
using Holdfast.Core.Retention;

namespace Holdfast.Core.Tests.Retention;

public sealed class RetentionPropertyTests
{
    [Fact]
    public void Decide_AnyCopies_KeepsWhatTheDefinitionKeeps() =>
        Hold(
            scenario =>
                Assert.Equal(
                    Oracle
                        .Kept(scenario.Copies, scenario.Rules, scenario.Zone, scenario.Now)
                        .Order(StringComparer.Ordinal),
                    Kept(scenario).Order(StringComparer.Ordinal)
                ),
            1000
        );

    [Fact]
    public void Decide_AnyTime_KeepsWhatTheDefinitionKeeps() =>
        Hold(scenario =>
        {
            // Also in the midst of the copies, so that some lie in the future.
            var now = scenario.Copies[scenario.Copies.Length / 2].Time;
            var plan = RetentionPlan.Decide(scenario.Copies, scenario.Rules, scenario.Zone, now);
            Assert.Equal(Oracle.Kept(scenario.Copies, scenario.Rules, scenario.Zone, now), plan.Kept().ToHashSet());
        });

    [Fact]
    public void Decide_AnyCopies_NeverDeletesTheNewestGoodOneNorTheBestNorPinnedNorNeededOnes() =>
        Hold(scenario =>
        {
            var kept = Kept(scenario);
            var best = scenario.Copies.Reverse().OrderBy(copy => copy.State).Take(scenario.Rules.Min);
            Assert.Subset(kept, best.Select(copy => copy.Id).ToHashSet());
            var newestGood = scenario.Copies.LastOrDefault(copy => copy.State is CopyState.Good);
            Assert.True(newestGood is null || kept.Contains(newestGood.Id));
            Assert.All(scenario.Copies.Where(copy => copy.Pinned), copy => Assert.Contains(copy.Id, kept));
            var needed = scenario.Copies.Where(copy => kept.Contains(copy.Id)).SelectMany(copy => copy.Needs ?? []);
            Assert.Subset(kept, needed.Intersect(scenario.Copies.Select(copy => copy.Id)).ToHashSet());
        });

    [Fact]
    public void Decide_AnotherRule_NeverDeletesMore() =>
        Hold(scenario =>
        {
            var kept = Kept(scenario);
            foreach (var rules in Scenario.Without(scenario.Rules).Where(rules => !rules.IsEmpty))
            {
                Assert.Subset(kept, Kept(scenario with { Rules = rules }));
            }
        });

    [Fact]
    public void Decide_HigherLimit_NeverDeletesMore() =>
        Hold(scenario =>
        {
            var wider = scenario.Rules with
            {
                Last = scenario.Rules.Last + 1,
                Daily = Wider(scenario.Rules.Daily),
                Monthly = Wider(scenario.Rules.Monthly),
                Min = scenario.Rules.Min + 1,
            };
            Assert.Subset(Kept(scenario with { Rules = wider }), Kept(scenario));
        });

    [Fact]
    public void Decide_WorseCopies_NeverDisplaceBetterOnes() =>
        Hold(scenario =>
        {
            var kept = Kept(scenario);
            foreach (var state in Enum.GetValues<CopyState>())
            {
                var better = scenario.Copies.Where(copy => copy.State <= state).ToArray();
                var rules = scenario.Rules with { Min = 1 };
                var alone = RetentionPlan.Decide(better, rules, scenario.Zone, scenario.Now);
                Assert.Subset(kept, alone.Kept().ToHashSet());
            }
        });

    [Fact]
    public void Decide_Twice_DeletesNothingMore() =>
        Hold(scenario =>
        {
            var kept = Kept(scenario);
            var left = scenario.Copies.Where(copy => kept.Contains(copy.Id)).ToArray();
            var again = RetentionPlan.Decide(left, scenario.Rules, scenario.Zone, scenario.Now);
            Assert.Equal(left.Length, again.Kept().Length);
        });

    [Fact]
    public void Decide_AfterEachCopy_LeavesWhatOneDecisionAtTheEndLeaves() =>
        Hold(
            scenario =>
            {
                var (left, last) = scenario.Live();
                Assert.Equal(Kept(scenario), last.Kept().ToHashSet());
                Assert.Subset(left.Select(copy => copy.Id).ToHashSet(), Kept(scenario));
            },
            1000
        );

    [Fact]
    public void Decide_AnyOrder_IsTheSame() =>
        Hold(scenario =>
        {
            var copies = scenario
                .Copies.OrderBy(copy => copy.Time.Minute)
                .ThenBy(copy => copy.Id, StringComparer.Ordinal);
            var plan = RetentionPlan.Decide(copies, scenario.Rules, scenario.Zone, scenario.Now);
            var expected = RetentionPlan.Decide(scenario.Copies, scenario.Rules, scenario.Zone, scenario.Now);
            Assert.Equal(expected.Decisions.Select(Line), plan.Decisions.Select(Line));
        });

    [Fact]
    public void Decide_KeptUntil_HoldsWhateverIsCopiedLater()
    {
        var cases =
            from scenario in Scenario.All
            from after in Gen.Choose(0, 100)
            from later in Gen.ArrayOf(Gen.Choose(1, 20 * 24 * 60), 10)
            select (Scenario: scenario, After: after, Later: later);
        Properties.Hold(
            cases,
            _ => [],
            sample =>
            {
                var (scenario, copies) = (sample.Scenario, sample.Scenario.Copies.ToList());
                var plan = RetentionPlan.Decide(copies, scenario.Rules, scenario.Zone, scenario.Now);
                var time = scenario.Now.AddMinutes(sample.After);
                copies.AddRange(
                    sample
                        .Later.Select(gap => new RetentionCandidate($"{gap}", time = time.AddMinutes(gap)))
                        .DistinctBy(copy => copy.Id)
                );
                foreach (var decision in plan.Decisions.Where(decision => decision.KeptUntil is not null))
                {
                    var end = decision.KeptUntil!.Value.AddTicks(-1);
                    var past = copies.Where(copy => copy.Time <= end);
                    Assert.True(end >= scenario.Now);
                    Assert.True(RetentionPlan.Decide(past, scenario.Rules, scenario.Zone, end).Of(decision.Id).IsKept);
                }
            }
        );
    }

    [Fact]
    public void Decide_AnyCopies_SaysWhy() =>
        Hold(scenario =>
        {
            var plan = RetentionPlan.Decide(scenario.Copies, scenario.Rules, scenario.Zone, scenario.Now);
            Assert.Equal(
                scenario.Copies.Select(copy => copy.Id).Reverse(),
                plan.Decisions.Select(decision => decision.Id)
            );
            Assert.All(
                plan.Decisions,
                decision =>
                {
                    Assert.NotEmpty(decision.Reasons);
                    Assert.Equal(decision.IsKept, decision.SweepAt is null);
                    Assert.Equal(decision.IsKept, decision.Reasons[0] != "no rule keeps it");
                }
            );
        });

    private static void Hold(Action<Scenario> check, int tests = 500) =>
        Properties.Hold(Scenario.All, Scenario.Shrink, check, tests);

    private static HashSet<string> Kept(Scenario scenario) =>
        [.. RetentionPlan.Decide(scenario.Copies, scenario.Rules, scenario.Zone, scenario.Now).Kept()];

    private static TierLimit? Wider(TierLimit? limit) =>
        limit?.Duration is { } duration ? TierLimit.For(new KeepDuration(duration.Amount + 1, duration.Unit))
        : limit?.Periods is { } periods ? TierLimit.Newest(periods + 1)
        : null;

    private static string Line(RetentionDecision decision) =>
        $"{decision.Id} {decision.Verdict} {string.Join(';', decision.Reasons)} {decision.KeptUntil} {decision.SweepAt}";
}
