using Holdfast.Core.Errors;
using Holdfast.Core.Timeline.Shipping;
using Holdfast.Testing;

namespace Holdfast.Core.Tests.Timeline.Shipping;

public sealed class ShipperTests
{
    [Fact]
    public async Task I_can_restore_every_commit_that_was_made_while_a_base_was_read()
    {
        await using var place = new ShippingPlace();
        place.Log.Begin(3000);
        place.Capture.Commit(5);
        place.Capture.BeforeRead = _ => place.Capture.Commit(4);

        place.Start();
        await place.SyncAsync();
        place.Capture.Commit(20);
        await place.SyncAsync();

        var stored = await place.ReadAsync();
        AssertRestorable(place, stored, from: place.Shipper.Status.Base);
        Assert.Equal(1, stored.Bases);
        Assert.Equal(TimeSpan.Zero, place.Shipper.Status.Lag);
        Assert.Equal(ShippingState.Shipping, place.Shipper.Status.State);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Run_StoreFailsAtRandom_StoresEveryCommit(int seed)
    {
        await using var place = new ShippingPlace(seed);
        place.Store.FailAtRandom(seed, 0.4, TestContext.Current.TestOutputHelper!.WriteLine);
        place.Log.Begin(200);
        place.Start();
        for (var round = 0; round < 15; round++)
        {
            place.Capture.Commit(6);
            await place.SyncAsync();
        }

        Assert.True(place.Shipper.Status.Retries > 5);
        Assert.NotNull(place.Shipper.Status.LastError);
        AssertRestorable(place, await place.ReadAsync(), place.Shipper.Status.Base);
    }

    [Fact]
    public async Task Run_StoppedAndStartedAgain_GoesOnWithoutANewBase()
    {
        await using var place = new ShippingPlace();
        place.Log.Begin(100);
        place.Start();
        for (var round = 0; round < 5; round++)
        {
            place.Capture.Commit(7);
            await place.SyncAsync();
            await place.RestartAsync();
            place.Capture.Commit(3);
        }

        await place.SyncAsync();

        var stored = await place.ReadAsync();
        Assert.Equal(1, stored.Bases);
        AssertRestorable(place, stored, place.Shipper.Status.Base);
    }

    [Fact]
    public async Task Run_BaseWithoutACommitSince_GoesOnFromIt()
    {
        await using var place = new ShippingPlace();
        place.Log.Begin(100);
        place.Start();
        await place.SyncAsync();

        await place.RestartAsync();
        await place.SyncAsync();
        place.Capture.Commit(3);
        await place.SyncAsync();

        var stored = await place.ReadAsync();
        Assert.Equal(1, stored.Bases);
        AssertRestorable(place, stored, from: 1);
    }

    [Fact]
    public async Task Run_ListingFails_StoresNothingUntilItIsKnownWhatIsThere()
    {
        await using var place = new ShippingPlace();
        var well = false;
        place.Store.When(call =>
            call.Operation == StoreOperation.List && !Volatile.Read(ref well) ? InjectedFault.Unreachable() : null
        );
        place.Log.Begin(20);
        place.Capture.Commit(5);
        place.Start();
        while (place.Shipper.Status.Retries < 4)
        {
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        Assert.DoesNotContain(place.Store.Calls, call => call.Operation == StoreOperation.Put);
        Assert.Equal(ShippingState.Retrying, place.Shipper.Status.State);

        Volatile.Write(ref well, true);
        await place.SyncAsync();
        Assert.Single(await place.NamesAsync(), name => name.Contains("/b-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_AnotherAgentStoresTheNextCommit_IsFenced()
    {
        await using var place = new ShippingPlace();
        place.Log.Begin(20);
        place.Start();
        await place.SyncAsync();
        place.Capture.Commit(1);
        await place.SyncAsync();
        var next = place.Log.Log.Tip.Number + 1;
        var key = $"timeline/app/{place.Log.Log.Lineage}/j-{next:x16}";
        await place.Inner.PutAsync(key, [1, 2, 3]);

        place.Capture.Commit(1);

        var error = await Assert.ThrowsAsync<FencedException>(() => place.Running);
        Assert.Equal(ErrorCode.Refused, error.Code);
        Assert.Equal(ShippingState.Fenced, place.Shipper.Status.State);
        Assert.Equal([1, 2, 3], await place.Inner.GetAsync(key));
        await Assert.ThrowsAsync<HoldfastException>(place.SyncAsync);

        // The lineage must not go on here; a new one may begin.
        place.Log.Reopen();
        Assert.Null(place.Log.Log.Lineage);
    }

    [Fact]
    public async Task Run_TargetIsAheadOfTheLog_IsFenced()
    {
        await using var place = new ShippingPlace();
        var old = await StoreMoreThanACopyKnowsAsync(place);
        place.Log.Close();
        Directory.Delete(place.Log.Directory, recursive: true);
        Directory.Move(old, place.Log.Directory);
        place.Log.Reopen();

        place.Start();

        var error = await Assert.ThrowsAsync<FencedException>(() => place.Running);
        Assert.Contains("the newest here is 5", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task I_can_go_on_in_a_new_lineage_after_the_old_one_was_fenced_with_commits_that_were_not_stored()
    {
        await using var place = new ShippingPlace();
        place.Log.Begin(20);
        place.Capture.Commit(2);
        var old = place.Log.CopyOfDirectory();
        place.Start();
        place.Capture.Commit(5);
        await place.SyncAsync();
        await place.StopAsync();
        place.Log.Close();
        Directory.Delete(place.Log.Directory, recursive: true);
        Directory.Move(old, place.Log.Directory);
        place.Log.Reopen();
        place.Log.Database.RewindTo(3);
        place.Capture.Commit(1);
        place.Start();
        _ = await Assert.ThrowsAsync<FencedException>(() => place.Running);
        await place.StopAsync();

        place.Log.Reopen();
        Assert.Null(place.Log.Log.Lineage);
        place.Log.Begin(20);
        place.Start();
        place.Capture.Commit(3);

        await place.SyncAsync();
        _ = Assert.Single(place.Log.Log.All);
    }

    [Fact]
    public async Task Run_TargetHasAnotherCommitOfThatNumber_IsFenced()
    {
        await using var place = new ShippingPlace();
        var old = await StoreMoreThanACopyKnowsAsync(place);
        place.Log.Close();
        Directory.Delete(place.Log.Directory, recursive: true);
        Directory.Move(old, place.Log.Directory);
        place.Log.Reopen();
        place.Log.Database.RewindTo(5);
        place.Capture.Commit(9);

        place.Start();

        var error = await Assert.ThrowsAsync<FencedException>(() => place.Running);
        Assert.Contains("was not stored by this log", error.Message, StringComparison.Ordinal);

        // The history of both goes on: as another lineage.
        place.Log.Reopen();
        Assert.Null(place.Log.Log.Lineage);
        place.Log.Begin(30);
        place.Start();
        place.Capture.Commit(3);
        await place.SyncAsync();
        AssertRestorable(place, await place.ReadAsync(), place.Shipper.Status.Base);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_NewestJournalIsAnotherOneOrGone_IsFenced(bool gone)
    {
        await using var place = new ShippingPlace();
        _ = await StoreMoreThanACopyKnowsAsync(place);
        var name = (await place.NamesAsync()).Last(name => name.Contains("/j-", StringComparison.Ordinal));
        var bytes = await place.Inner.GetAsync(name);
        await place.Inner.DeleteAsync(name);
        if (!gone)
        {
            bytes[^1] ^= 1;
            await place.Inner.PutAsync(name, bytes);
        }

        place.Start();

        var error = await Assert.ThrowsAsync<FencedException>(() => place.Running);
        Assert.Contains(gone ? "is not there any more" : "another one", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_NoteIsLost_IsFenced()
    {
        await using var place = new ShippingPlace();
        _ = await StoreMoreThanACopyKnowsAsync(place);
        place.Log.Close();
        File.Delete(Assert.Single(Directory.EnumerateFiles(place.Log.LineageDirectory, "target-*")));
        place.Log.Reopen();

        place.Start();

        var error = await Assert.ThrowsAsync<FencedException>(() => place.Running);
        Assert.Contains("was not stored by this log", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_KilledWhileAJournalWasStored_RecognisesItAndGoesOn(bool arrived)
    {
        await using var place = new ShippingPlace();
        _ = await StoreMoreThanACopyKnowsAsync(place);
        var journals = (await place.NamesAsync()).Count(name => name.Contains("/j-", StringComparison.Ordinal));
        place.Store.When(call =>
            call.Operation == StoreOperation.Put ? InjectedFault.Unreachable(afterTheFact: arrived) : null
        );
        place.Start();
        place.Capture.Commit(3);
        await place.UntilAsync(() => Task.FromResult(place.Shipper.Status.Retries > 0));
        await place.StopAsync();
        Assert.Equal(
            journals + (arrived ? 1 : 0),
            (await place.NamesAsync()).Count(name => name.Contains("/j-", StringComparison.Ordinal))
        );

        place.Store = new FaultInjectingStore(place.Inner);
        await place.RestartAsync();
        place.Capture.Commit(2);
        await place.SyncAsync();

        var stored = await place.ReadAsync();
        Assert.Equal(1, stored.Bases);
        AssertRestorable(place, stored, place.Shipper.Status.Base);
    }

    [Fact]
    public async Task Run_LineageThatEndedIsAnotherAtTheTarget_GivesItUpAndGoesOnWithTheNext()
    {
        await using var place = new ShippingPlace();
        place.Log.Begin(20);
        place.Capture.Commit(2);
        var old = place.Log.CopyOfDirectory();
        place.Start();
        place.Capture.Commit(5);
        await place.SyncAsync();
        await place.StopAsync();
        place.Log.Close();
        Directory.Delete(place.Log.Directory, recursive: true);
        Directory.Move(old, place.Log.Directory);
        place.Log.Reopen();
        place.Log.Database.RewindTo(3);
        place.Capture.Commit(6);
        var fenced = place.Log.Log.Lineage!.Value;
        place.Start();
        _ = await Assert.ThrowsAsync<FencedException>(() => place.Running);

        place.Log.Reopen();
        Assert.Null(place.Log.Log.Lineage);
        Assert.Equal(fenced, Assert.Single(place.Log.Log.All).Lineage);
        _ = place.Log.Database.Begin(place.Log.Log, 30, place.Log.Log.Lost);
        place.Capture.Commit(2);
        place.Start();
        await place.SyncAsync();

        AssertRestorable(place, await place.ReadAsync(), place.Shipper.Status.Base);
        var gap = Assert.Single(place.Log.Log.GivenUp);
        Assert.Equal((fenced, 9, false), (gap.Lineage, gap.Last, gap.NetChangeKept));
    }

    [Theory]
    [InlineData(400_000, false)]
    [InlineData(30_000, true)]
    public async Task I_can_go_on_after_an_outage_that_was_longer_than_the_spool_allows(long cap, bool dropped)
    {
        await using var place = new ShippingPlace(cap: cap, file: 8_000);
        var away = false;
        place.Store.When(_ => Volatile.Read(ref away) ? InjectedFault.Unreachable() : null);
        place.Log.Begin(100);
        place.Start();
        place.Capture.Commit(10);
        await place.SyncAsync();
        Volatile.Write(ref away, true);
        place.Capture.Commit(600);
        Assert.True(place.Log.Log.Bytes <= cap);
        place.Log.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.NotEqual(TimeSpan.Zero, place.Shipper.Status.Lag);

        Volatile.Write(ref away, false);
        await place.SyncAsync();
        place.Capture.Commit(10);
        await place.SyncAsync();

        Assert.Contains(place.Log.Log.GivenUp, gap => gap.NetChangeKept != dropped);
        var stored = await place.ReadAsync();
        Assert.Equal(dropped, stored.Bases > 1);
        var restorable = stored.Restorable();
        Assert.Contains(11, restorable);
        Assert.Contains(621, restorable);
        // What the shipper had in hand when the outage began is still stored as it was.
        Assert.Contains(Enumerable.Range(12, 600), commit => !restorable.Contains(commit));
        foreach (var commit in restorable)
        {
            Assert.Equal(place.Log.Database.After(commit), stored.Restore(commit, 512));
        }
    }

    [Fact]
    public async Task I_can_name_a_restore_point()
    {
        await using var place = new ShippingPlace();
        place.Log.Begin(20);
        place.Capture.Commit(3);
        place.Start();

        await place.Shipper.PutPointAsync(
            place.Log.Log.Lineage!.Value,
            place.Log.Log.Tip,
            "Before migration",
            ShippingPlace.Deadline
        );

        var name = Assert.Single(await place.NamesAsync(), name => name.Contains("/point-", StringComparison.Ordinal));
        Assert.EndsWith("-before-migration", name, StringComparison.Ordinal);
        Assert.Contains(4, (await place.ReadAsync()).Restorable());
    }

    [Fact]
    public async Task Run_LineageEndsWhileTheTargetIsAway_StoresBoth()
    {
        await using var place = new ShippingPlace();
        var away = false;
        place.Store.When(_ => Volatile.Read(ref away) ? InjectedFault.Unreachable() : null);
        place.Log.Begin(20);
        place.Start();
        place.Capture.Commit(5);
        await place.SyncAsync();
        Volatile.Write(ref away, true);
        place.Capture.Commit(5);
        var old = place.Log.Log.Lineage!.Value;
        var history = Enumerable.Range(1, 11).Select(commit => place.Log.Database.After(commit)).ToList();
        _ = place.Log.Database.Begin(place.Log.Log, 30, "a test");
        place.Capture.Commit(2);

        Volatile.Write(ref away, false);
        await place.SyncAsync();

        AssertRestorable(place, await place.ReadAsync(), place.Shipper.Status.Base);
        var first = await StoredTimeline.ReadAsync(place.Inner, "app", old);
        Assert.Equal(history[10], first.Restore(11, 512));
        Assert.Single(place.Log.Log.All);
    }

    [Fact]
    public async Task Run_PageOfTheFileIsNotWhatItsCommitsSay_MakesNoBase()
    {
        await using var place = new ShippingPlace();
        place.Log.Begin(20);
        place.Capture.Rot(7);
        place.Start();
        while (place.Shipper.Status.LastError == null)
        {
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        Assert.Contains("page 7", place.Shipper.Status.LastError, StringComparison.Ordinal);
        Assert.DoesNotContain(
            place.Store.Calls,
            call => call.Operation == StoreOperation.Put && call.Name.Contains("/b-", StringComparison.Ordinal)
        );

        place.Capture.Rot(0);
        place.Log.Clock.Advance(TimeSpan.FromSeconds(1));
        await place.SyncAsync();
        AssertRestorable(place, await place.ReadAsync(), 1);
    }

    // A copy of the log's directory from before, as on a machine that was restored.
    private static async Task<string> StoreMoreThanACopyKnowsAsync(ShippingPlace place)
    {
        place.Log.Begin(20);
        place.Capture.Commit(2);
        place.Start();
        await place.SyncAsync();
        place.Capture.Commit(2);
        await place.SyncAsync();
        await place.StopAsync();
        var old = place.Log.CopyOfDirectory();
        place.Start();
        place.Capture.Commit(5);
        await place.SyncAsync();
        await place.StopAsync();
        return old;
    }

    internal static void AssertRestorable(ShippingPlace place, StoredTimeline stored, long from)
    {
        var tip = place.Log.Database.Commits.Count;
        var expected = Enumerable.Range((int)from, tip - (int)from + 1).Select(commit => (long)commit);
        Assert.Equal(expected, stored.Restorable().Where(commit => commit >= from));
        foreach (var commit in stored.Restorable())
        {
            Assert.Equal(place.Log.Database.After(commit), stored.Restore(commit, place.Log.Database.PageSize));
        }
    }
}
