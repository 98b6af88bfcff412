using Holdfast.Core.Errors;
using Holdfast.Core.Snapshots;
using Holdfast.Core.Stores;

namespace Holdfast.Core.Tests.Snapshots;

public sealed class SelectionTests : IDisposable
{
    private readonly Cellar cellar = new();

    public void Dispose() => cellar.Dispose();

    [Fact]
    public async Task Plan_ByPlace_CountsFromTheNewest()
    {
        var keys = await cellar.BackupDailyAsync(3);
        Assert.Equal(keys[2], (await PlanAsync(new())).Entry.Key);
        Assert.Equal(keys[2], (await PlanAsync(new(Nth: 1))).Entry.Key);
        Assert.Equal(keys[0], (await PlanAsync(new(Nth: 3))).Entry.Key);
        Assert.Equal(keys[1], (await PlanAsync(new(Nth: 2))).Candidates[0].Key);
        Assert.Equal(2, (await PlanAsync(new(Nth: 2))).Candidates.Count);
        await AssertAsync(ErrorCode.NothingSatisfies, new(Nth: 4));
        await AssertAsync(ErrorCode.NothingSatisfies, new(Nth: int.MaxValue));
        await AssertAsync(ErrorCode.Usage, new(Nth: 0));
        await AssertAsync(ErrorCode.Usage, new(Nth: -1));
        await AssertAsync(ErrorCode.Usage, new(Nth: 1, Id: "abcd"));
        await AssertAsync(ErrorCode.Usage, new(Nth: 1, At: cellar.Clock.Now));
    }

    [Fact]
    public async Task Plan_OfAnEmptyTarget_IsNothing() => await AssertAsync(ErrorCode.NothingSatisfies, new());

    [Fact]
    public async Task Plan_ByTime_TakesTheNewestAtOrBeforeIt()
    {
        var keys = await cellar.BackupDailyAsync(3);
        var newest = cellar.Clock.Now;
        Assert.Equal(keys[2], (await PlanAsync(new(At: newest))).Entry.Key);
        Assert.Equal(keys[2], (await PlanAsync(new(At: newest.AddYears(1)))).Entry.Key);

        // The name tells whole seconds only: that of the newest lies before this time, the copy does not.
        Assert.Equal(keys[1], (await PlanAsync(new(At: newest.AddMilliseconds(-1)))).Entry.Key);
        Assert.Equal(keys[0], (await PlanAsync(new(At: newest.AddDays(-2)))).Entry.Key);
        await AssertAsync(ErrorCode.NothingSatisfies, new(At: newest.AddDays(-2).AddMilliseconds(-1)));
        await AssertAsync(ErrorCode.NothingSatisfies, new(At: newest.AddDays(-3)));
    }

    [Fact]
    public async Task Plan_ByTime_WithNamesOfWholeDays_GoesByTheManifests()
    {
        cellar.Name = "{database}-{time:yyyy-MM-dd}.db";
        var keys = new List<ObjectKey>();
        cellar.Clock.Now = new DateTimeOffset(2026, 5, 1, 6, 0, 0, TimeSpan.Zero);
        for (var i = 0; i < 3; i++)
        {
            keys.Add(await cellar.BackupAsync());
            cellar.Clock.Advance(TimeSpan.FromHours(6));
        }

        var noon = new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);
        Assert.Equal(keys[1], (await PlanAsync(new(At: noon))).Entry.Key);
        Assert.Equal(keys[0], (await PlanAsync(new(At: noon.AddSeconds(-1)))).Entry.Key);
        await AssertAsync(ErrorCode.NothingSatisfies, new(At: noon.AddHours(-7)));
    }

    [Fact]
    public async Task Plan_ByTime_InTheHourThatClocksShowTwice_IsExact()
    {
        cellar.Name = "{database}-{local:yyyyMMdd-HHmmss}.db";
        cellar.Zone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");
        var first = new DateTimeOffset(2026, 10, 25, 0, 30, 0, TimeSpan.Zero);
        var keys = new List<ObjectKey>();
        foreach (var time in (DateTimeOffset[])[first, first.AddHours(1)])
        {
            cellar.Clock.Now = time;
            keys.Add(await cellar.BackupAsync());
        }

        Assert.Equal(keys[1], (await PlanAsync(new(At: first.AddHours(1)))).Entry.Key);
        Assert.Equal(keys[0], (await PlanAsync(new(At: first.AddMinutes(59)))).Entry.Key);
        Assert.Equal(keys[0], (await PlanAsync(new(At: first))).Entry.Key);
    }

    [Fact]
    public async Task Plan_ById_TakesTheBeginningOfOneOrTheWholeName()
    {
        var keys = await cellar.BackupDailyAsync(3);
        var entry = await cellar.EntryAsync(keys[1]);
        Assert.Equal(8, entry.Name.Id.Length);
        foreach (
            var id in (string[])[entry.Name.Id, entry.Name.Id[..7], entry.Name.Id.ToUpperInvariant(), keys[1].Value]
        )
        {
            var plan = await PlanAsync(new(Id: id));
            Assert.Equal([keys[1], keys[0]], plan.Candidates.Select(c => c.Key));
        }

        await AssertAsync(ErrorCode.NothingSatisfies, new(Id: "zzzzzzzz"));
        await AssertAsync(ErrorCode.NothingSatisfies, new(Id: entry.Name.Id[..3]));
        await AssertAsync(ErrorCode.NothingSatisfies, new(Id: ""));
    }

    [Fact]
    public async Task Plan_ByAnIdThatFitsTwo_NamesBoth()
    {
        cellar.Name = "{database}-{unix}-{id}.db";
        foreach (var id in (string[])["abcd1111", "abcd2222"])
        {
            File.WriteAllText(cellar[$"cellar-1700000000-{id}.db"], "x");
        }

        var error = await AssertAsync(ErrorCode.Usage, new(Id: "abcd"));
        Assert.Contains("abcd1111", error.Message, StringComparison.Ordinal);
        Assert.Contains("abcd2222", error.Message, StringComparison.Ordinal);
        Assert.Equal("abcd1111", (await PlanAsync(new(Id: "abcd1"))).Entry.Name.Id);
    }

    private Task<RestorePlan> PlanAsync(SnapshotSelection selection) => cellar.Restoring.PlanAsync(selection, default);

    private async Task<HoldfastException> AssertAsync(ErrorCode code, SnapshotSelection selection)
    {
        var error = await Assert.ThrowsAsync<HoldfastException>(() => PlanAsync(selection));
        Assert.Equal(code, error.Code);
        return error;
    }
}
