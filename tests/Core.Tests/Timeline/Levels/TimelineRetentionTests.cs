using Holdfast.Core.Retention;
using Holdfast.Core.Stores;
using Holdfast.Core.Tests.Timeline.Format;
using Holdfast.Core.Timeline.Format;
using Holdfast.Core.Timeline.Retention;

namespace Holdfast.Core.Tests.Timeline.Levels;

public sealed class TimelineRetentionTests
{
    private static readonly TimelineNames Names = new("app", Segments.Lineage);
    private readonly ManualClock clock = new();
    private readonly MemoryStore store = new();
    private readonly TimelineKeep keep = new()
    {
        EveryCommit = TimeSpan.FromHours(1),
        Grace = TimeSpan.Zero,
        Points = new RetentionRules { Min = 1, Daily = TierLimit.Newest(2) },
    };

    [Fact]
    public async Task Points_NoRuleKeeps_AreMarkedThenDeleted_AndNothingElse()
    {
        await StoreDaysAsync(6);
        await PruneAsync();
        Assert.Equal(6, await CountAsync("/b-"));
        Assert.Equal(1, await CountAsync("/mark-"));
        clock.Advance(TimeSpan.FromDays(6));
        await PruneAsync();
        Assert.Equal(6, await CountAsync("/b-"));
        clock.Advance(TimeSpan.FromDays(2));
        await PruneAsync();
        Assert.Equal([4, 5, 6], await LeftAsync());
        Assert.Equal(3, await CountAsync("/c-"));
        Assert.Equal(0, await CountAsync("/mark-"));
        await PruneAsync();
        Assert.Equal([4, 5, 6], await LeftAsync());
    }

    [Fact]
    public async Task APin_WithinTheGrace_BringsAPointBack_AndAfterItGivesTheWholeTimeOnceMore()
    {
        await StoreDaysAsync(6);
        await PruneAsync();
        clock.Advance(TimeSpan.FromDays(5));
        var pin = new PointPin
        {
            Commit = 2,
            Time = clock.Now,
            Reason = "the auditors",
        };
        _ = await store.PutAsync(Names.Pin(2), pin.ToContent(), PutCondition.IfAbsent, default);
        await PruneAsync();
        clock.Advance(TimeSpan.FromDays(30));
        await PruneAsync();
        await PruneAsync();
        Assert.Equal([2, 4, 5, 6], await LeftAsync());
        await store.DeleteAsync(Names.Pin(2), default);
        await PruneAsync();
        clock.Advance(TimeSpan.FromDays(6));
        await PruneAsync();
        Assert.Equal([2, 4, 5, 6], await LeftAsync());
        clock.Advance(TimeSpan.FromDays(2));
        await PruneAsync();
        Assert.Equal([4, 5, 6], await LeftAsync());
    }

    [Fact]
    public async Task OfPointsAtOneCommit_TheNewestIsHeld_AndUsesNoSlotOfAPeriodThatGoesOn()
    {
        foreach (var commit in (long[])[1, 2, 3, 3])
        {
            await PutAsync(Names.Base(commit, commit, clock.Now));
            clock.Advance(TimeSpan.FromDays(1));
        }

        clock.Advance(TimeSpan.FromHours(-22));
        Assert.Equal([3, 3, 2], await KeptAsync());
        await PutAsync(Names.Base(4, 4, clock.Now));
        Assert.Equal([4, 3, 3, 2], await KeptAsync());
    }

    [Fact]
    public async Task WhatTheNextDeltaMayStandOn_Stays_ThoughNoRuleKeepsIt()
    {
        await PutAsync(Names.Base(1, 1, clock.Now));
        clock.Advance(TimeSpan.FromHours(1));
        await PutAsync(Names.Base(2, 2, clock.Now));
        await PutAsync(Names.Delta(2, 1, 2, 2, clock.Now));
        clock.Advance(TimeSpan.FromDays(30));
        for (var run = 0; run < 3; run++)
        {
            await PruneAsync();
            clock.Advance(TimeSpan.FromDays(30));
        }

        Assert.Equal([1, 2], await LeftAsync());
    }

    [Fact]
    public async Task ForeignObjects_AreNeverTouched()
    {
        await StoreDaysAsync(6);
        await PutAsync(new ObjectKey($"timeline/app/{Segments.Lineage}/README"));
        await PutAsync(new ObjectKey($"timeline/app/{Segments.Lineage}/mark-nothing"));
        await PutAsync(Names.Mark(clock.Now, 5));
        for (var day = 0; day < 20; day++)
        {
            await PruneAsync();
            clock.Advance(TimeSpan.FromDays(1));
        }

        Assert.Equal([4, 5, 6], await LeftAsync());
        Assert.Equal(1, await CountAsync("/README"));
        Assert.Equal(1, await CountAsync("/mark-nothing"));
    }

    [Theory]
    [InlineData("daily=7", 30, 21)]
    [InlineData("daily=30d", 36, 6)]
    [InlineData("daily=30d", 365, 35)]
    [InlineData("daily=30d", 30, null)]
    [InlineData("yearly=7", 2_000, null)]
    public void Bucket_DeletesByAge_BasesRecurOrItIsSaid(string rules, int days, int? baseDays)
    {
        Assert.True(RetentionRules.TryParse(rules, out var points, out _));
        var lifetime = BucketLifetime.Of(
            new TimelineKeep { EveryCommit = TimeSpan.FromHours(24), Points = points },
            TimeSpan.FromDays(days)
        );
        Assert.Equal(baseDays, (int?)lifetime.BaseAge?.TotalDays);
        Assert.Equal(baseDays == null, lifetime.Problem != null);
        Assert.True(baseDays == null || lifetime.Wanted + lifetime.BaseAge <= TimeSpan.FromDays(days));
    }

    private async Task StoreDaysAsync(int days)
    {
        for (var day = 1; day <= days; day++)
        {
            await PutAsync(Names.Base(day == 1 ? 1 : day - 1, day, clock.Now));
            if (day > 1)
            {
                await PutAsync(Names.Closing(day - 1, day, clock.Now));
            }

            clock.Advance(TimeSpan.FromDays(1));
        }
    }

    private Task<ObjectInfo> PutAsync(ObjectKey key) =>
        store.PutAsync(key, ObjectContent.FromBytes(new byte[10]), PutCondition.IfAbsent, default);

    private async Task PruneAsync()
    {
        var pruner = new TimelinePruner(RetentionCalls.Once(store), "app", keep, clock);
        _ = await pruner.ApplyAsync(await pruner.PlanAsync(default), default);
    }

    [Fact]
    public async Task ALockedPoint_StaysWithWhatItBuildsOn_AndTheOthersGo()
    {
        await StoreDaysAsync(6);
        await PutAsync(Names.Delta(2, 3, 4, 4, clock.Now.AddHours(-50)));
        var locked = Names.Delta(2, 3, 4, 4, clock.Now.AddHours(-50));
        await PruneAsync();
        clock.Advance(TimeSpan.FromDays(20));
        var once = RetentionCalls.Once(store);
        var refusals = 0;
        var calls = once with
        {
            Delete = (key, token) =>
            {
                if (key != locked)
                {
                    return once.Delete(key, token);
                }

                refusals++;
                return Task.FromResult(Deletion.Locked);
            },
        };
        var pruner = new TimelinePruner(calls, "app", keep, clock);
        _ = await pruner.ApplyAsync(await pruner.PlanAsync(default), default);
        var left = await LeftAsync();
        Assert.True(refusals > 0, string.Join(' ', await NamesAsync()));
        Assert.Contains(4, left);
        Assert.DoesNotContain(1, left);
        Assert.Equal(1, await CountAsync("/d2-"));
    }

    private async Task<IEnumerable<long>> KeptAsync()
    {
        var plan = await new TimelinePruner(RetentionCalls.Once(store), "app", keep, clock).PlanAsync(default);
        return plan.Points.Where(point => point.Decision.IsKept).Select(point => point.Point.Name.Last);
    }

    private async Task<int> CountAsync(string part) =>
        (await NamesAsync()).Count(name => name.Contains(part, StringComparison.Ordinal));

    private async Task<List<long>> LeftAsync() =>
        [
            .. (await NamesAsync())
                .Select(name => TimelineNames.TryParse(new ObjectKey(name), "app", out _, out var found) ? found : null)
                .Where(name => name is { Object: TimelineObject.Base })
                .Select(name => name!.Last),
        ];

    private async Task<List<string>> NamesAsync()
    {
        var names = new List<string>();
        await foreach (var info in store.ListAsync("", null, default))
        {
            names.Add(info.Key.Value);
        }

        return names;
    }
}
