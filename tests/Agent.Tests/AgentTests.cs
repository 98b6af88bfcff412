using Holdfast.Core.Errors;
using Holdfast.Testing;

namespace Holdfast.Agent.Tests;

public sealed class AgentTests
{
    [Fact]
    public async Task Many_databases_are_kept_and_end_with_everything_stored_and_no_descriptor_left()
    {
        var before = Directory.GetFiles("/proc/self/fd").Length;
        await using (var place = new AgentPlace())
        {
            for (var number = 0; number < 30; number++)
            {
                _ = place.Add($"tenant{number}");
            }

            await place.StartAsync();
            place.Databases.ForEach(database => AgentPlace.Execute(database.Address, "INSERT INTO t VALUES (1)"));
            var endings = await place.EndAsync();
            Assert.Equal(30, endings.Count);
            Assert.All(endings, ending => Assert.True(ending.IsComplete, ending.ToString()));
            Assert.Equal(30, (await place.StoredAsync()).Select(name => name.Split('/')[1]).Distinct().Count());
        }

        // Others may open something meanwhile, but not for each of thirty databases.
        Assert.True(Directory.GetFiles("/proc/self/fd").Length < before + 30);
    }

    [Fact]
    public async Task A_database_that_comes_later_is_captured_soon()
    {
        await using var place = new AgentPlace();
        var database = place.Add("late", create: false);
        await place.StartAsync();
        await place.UntilToldAsync(TimelineEventKind.Gone);
        AgentPlace.Execute(database.Address, "PRAGMA journal_mode=WAL; CREATE TABLE t(x)");
        await place.UntilToldAsync(TimelineEventKind.Capturing);
        Assert.All(await place.EndAsync(), ending => Assert.True(ending.IsComplete, ending.ToString()));
        _ = Assert.Single(place.Events, told => told.Kind == TimelineEventKind.Gone);
    }

    [Fact]
    public async Task Nothing_that_can_be_captured_ends_the_agent_with_the_reason()
    {
        await using var place = new AgentPlace();
        var database = place.Add("app", create: false);
        AgentPlace.Execute(database.Address, "CREATE TABLE t(x)");

        var error = await Assert.ThrowsAsync<HoldfastException>(place.RunAsync);

        Assert.Equal(ErrorCode.Refused, error.Code);
        Assert.Contains("WAL mode", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_cannot_be_captured_does_not_keep_the_others_from_it()
    {
        await using var place = new AgentPlace();
        _ = place.Add("good");
        AgentPlace.Execute(place.Add("bad", create: false).Address, "CREATE TABLE t(x)");

        await place.StartAsync();
        await place.UntilToldAsync(TimelineEventKind.Restorable);

        var endings = await place.EndAsync();
        Assert.True(endings.Single(ending => ending.Database == "good").IsComplete);
        Assert.Contains(
            "WAL mode",
            endings.Single(ending => ending.Database == "bad").Problem,
            StringComparison.Ordinal
        );
        _ = Assert.Single(place.Events, told => told.Kind == TimelineEventKind.Waiting);
    }

    [Fact]
    public async Task A_target_that_flickers_is_told_less_and_less_often()
    {
        await using var place = new AgentPlace();
        var database = place.Add("app");
        var calls = 0;
        place.Store.When(_ => Interlocked.Increment(ref calls) % 2 == 0 ? InjectedFault.Unreachable() : null);
        await place.StartAsync();
        for (var commit = 0; commit < 10; commit++)
        {
            AgentPlace.Execute(database.Address, "INSERT INTO t VALUES (1)");
            _ = await place.Agent.Find(database.Key).SyncAsync(AgentPlace.Deadline);
        }

        Assert.All(await place.EndAsync(), ending => Assert.True(ending.IsComplete, ending.ToString()));
        Assert.InRange(place.Events.Count(told => told.Kind == TimelineEventKind.Away), 0, 5);
    }

    [Fact]
    public async Task What_was_captured_of_a_database_that_is_gone_is_still_stored()
    {
        await using var place = new AgentPlace();
        var database = place.Add("app");
        var away = false;
        place.Store.When(_ => Volatile.Read(ref away) ? InjectedFault.Unreachable() : null);
        await place.StartAsync();
        _ = await place.Agent.Find(database.Key).SyncAsync(AgentPlace.Deadline);
        Volatile.Write(ref away, true);
        AgentPlace.Execute(database.Address, "INSERT INTO t VALUES (1)");
        await place.UntilToldAsync(TimelineEventKind.Away);
        var captured = place.Agent.Find(database.Key).Status.Commit;
        Array.ForEach(Directory.GetFiles(Path.GetDirectoryName(database.Address)!, "app.db*"), File.Delete);
        await place.UntilToldAsync(TimelineEventKind.Gone);

        Volatile.Write(ref away, false);

        var ending = Assert.Single(await place.EndAsync());
        Assert.True(ending.IsComplete, ending.ToString());
        Assert.Equal(captured, ending.Commit);
    }
}
