using Holdfast.Core.Errors;
using Holdfast.Core.Timeline;
using Holdfast.Core.Timeline.Spool;

namespace Holdfast.Core.Tests.Timeline.Spool;

public sealed class TimelineLogTests
{
    [Fact]
    public void Open_NewDirectory_HasNoLineage()
    {
        using var place = new LogPlace();

        Assert.Null(place.Log.Lineage);
        Assert.Null(place.Log.Lost);
        Assert.Equal(0, place.Log.Tip.Number);
    }

    [Fact]
    public void Open_WhileOpen_IsBusy()
    {
        using var place = new LogPlace();

        var error = Assert.Throws<HoldfastException>(() => TimelineLog.Open(place.Options, place.Clock));

        Assert.Equal(ErrorCode.Busy, error.Code);
        Assert.Contains("app.db", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EndCommit_Second_TellsOneStory()
    {
        using var place = new LogPlace();
        place.Begin();

        place.CommitMany(1);

        place.AssertOneStory();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Reopen_AfterManyCommits_TellsTheSameStory(int seed)
    {
        using var place = new LogPlace(seed, file: 20_000);
        place.Begin();
        for (var round = 0; round < 4; round++)
        {
            place.CommitMany(60);
            place.AssertOneStory();

            _ = round % 2 == 0 ? place.Reopen() : place.ReopenKilled();

            Assert.Null(place.Log.Lost);
            place.AssertOneStory();
        }

        Assert.True(place.SpoolFiles().Count > 3);
    }

    [Fact]
    public void EndCommit_ClockStepsBack_TimeDoesNotDecrease()
    {
        using var place = new LogPlace();
        place.Begin();
        place.CommitMany(1);
        var before = place.Log.Tip.Time;

        place.Clock.Advance(TimeSpan.FromHours(-3));
        place.CommitMany(1);

        Assert.Equal(before, place.Log.Tip.Time);
        place.Reopen();
        place.CommitMany(1);
        Assert.Equal(before, place.Log.Tip.Time);
    }

    [Fact]
    public void MoveTo_WithoutCommit_IsRememberedByAKilledLog()
    {
        using var place = new LogPlace();
        place.Begin();
        place.CommitMany(3);
        var elsewhere = ModelDatabase.PositionAfter(4, mark: 9);

        place.Log.MoveTo(elsewhere);
        place.ReopenKilled();

        Assert.Equal(elsewhere, place.Log.Position);
        Assert.Equal(4, place.Log.Tip.Number);
    }

    [Fact]
    public void Reopen_LineageWithoutItsFirstCommit_HasNone()
    {
        using var place = new LogPlace();
        place.Log.BeginLineage(512, "because");

        place.ReopenKilled();

        Assert.Null(place.Log.Lineage);
        Assert.Equal("because", place.Log.WhyBegun);
    }

    [Fact]
    public void EndCommit_PagesLargerThanTheBuffer_ReadBack()
    {
        using var place = new LogPlace(pageSize: 4096, file: 1 << 20);
        place.Begin(1000);
        for (var round = 0; round < 3; round++)
        {
            var pages = Enumerable.Range(1, 1000).Select(page => (uint)page).ToArray();
            new Random(round).Shuffle(pages);
            _ = place.Database.Commit(place.Log, 1000, [.. pages, .. pages[..40]]);
        }

        place.AssertOneStory();
        place.ReopenKilled();
        place.AssertOneStory();
    }

    [Fact]
    public void AddPage_LockPage_IsRefused()
    {
        using var place = new LogPlace(pageSize: 65_536);
        place.Begin(2);

        Assert.Throws<ArgumentException>(() => place.Log.AddPage((1 << 14) + 1, new byte[65_540]));
    }

    [Fact]
    public async Task WaitForNewer_Commit_Completes()
    {
        using var place = new LogPlace();
        place.Begin();
        var spool = place.Spool;
        var waiting = spool.WaitForNewerAsync(1, TestContext.Current.CancellationToken);
        Assert.False(waiting.IsCompleted);

        place.CommitMany(1);

        await waiting;
        Assert.False(spool.WaitForNewerAsync(2, TestContext.Current.CancellationToken).IsCompleted);
    }

    [Fact]
    public async Task BeginLineage_Another_EndsTheOldSpoolAndKeepsWhatIsNotStored()
    {
        using var place = new LogPlace();
        place.Begin();
        place.CommitMany(5);
        var old = place.Spool;
        var waiting = old.WaitForNewerAsync(6, TestContext.Current.CancellationToken);
        var next = place.Log.NextAsync(old.Lineage, TestContext.Current.CancellationToken);

        place.Log.BeginLineage(512, "a test");
        await waiting;
        Assert.True(old.Ended);
        Assert.False(next.IsCompleted);
        _ = new ModelDatabase(9).CommitFirst(place.Log, 5);

        Assert.Equal(place.Log.Lineage, (await next).Lineage);
        place.AssertSpool(place.Spool, 6);
        place.Reopen();
        place.AssertSpool(place.Spool, 6);
        Assert.Equal("a test", place.Log.WhyBegun);

        place.Spool.SetProgress("vault", new TargetProgress { Stored = 6, Released = 6 });
        Assert.Equal(place.Log.Lineage, place.Spool.Lineage);
        Assert.Single(Directory.EnumerateDirectories(place.Directory));
    }

    [Fact]
    public void BeginLineage_ClockStepsBack_SortsBehindTheOldOne()
    {
        using var place = new LogPlace();
        place.Begin();
        var old = place.Log.Lineage!.Value;
        place.Clock.Advance(TimeSpan.FromDays(-1));

        place.Log.BeginLineage(512, "a test");

        Assert.True(place.Log.Lineage > old);
    }

    [Fact]
    public void Confirm_HolePage_BecomesZero()
    {
        using var place = new LogPlace();
        place.Begin(3);
        _ = place.Database.Commit(place.Log, 6, [1, 6]);
        var garbage = Enumerable.Repeat((byte)7, PageHash.PrefixLength + 512).ToArray();

        Assert.True(place.Spool.Confirm(5, garbage));
        Assert.Equal(new byte[512], garbage[PageHash.PrefixLength..]);
        Assert.False(place.Spool.Confirm(1, garbage));
        Assert.False(place.Spool.Confirm(7, garbage));
    }

    [Fact]
    public async Task BeginLineage_WhileTheOldOneIsRemoved_GoesOn()
    {
        using var place = new LogPlace();
        for (var lineage = 0; lineage < 40; lineage++)
        {
            place.Begin(3);
            var spool = place.Log.All[^1];
            spool.SetProgress("vault", new TargetProgress { Stored = 1, Released = 1 });

            // As those who ship it do: woken by its end, they remove what nobody wants any more.
            var looking = LookAsync(spool.WaitForNewerAsync(1, TestContext.Current.CancellationToken));
            place.Log.BeginLineage(place.Database.PageSize, "a test");
            await looking;
        }

        async Task LookAsync(Task newer)
        {
            await newer;
            _ = place.Log.All;
        }
    }

    [Fact]
    public void Distrust_Lineage_TheNextOpeningHasNone()
    {
        using var place = new LogPlace();
        place.Begin();
        place.CommitMany(2);

        place.Log.Distrust(place.Log.Lineage!.Value, "another agent writes it");
        place.Reopen();

        Assert.Null(place.Log.Lineage);
        Assert.Contains("another agent", place.Log.Lost, StringComparison.Ordinal);
    }
}
