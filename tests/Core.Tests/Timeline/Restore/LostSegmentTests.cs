using Holdfast.Core.Errors;
using Holdfast.Core.Stores;
using Holdfast.Core.Timeline.Format;
using Holdfast.Core.Timeline.Restore;
using Holdfast.Testing;

namespace Holdfast.Core.Tests.Timeline.Restore;

public class LostSegmentTests
{
    private readonly History history = new(7, 512, 20);

    /// <summary>How a segment is lost.</summary>
    public enum Loss
    {
        Gone,
        SpoiledIndex,
        SpoiledBlock,
    }

    [Theory]
    [InlineData(Loss.Gone, ErrorCode.NothingSatisfies)]
    [InlineData(Loss.SpoiledIndex, ErrorCode.VerificationFailed)]
    [InlineData(Loss.SpoiledBlock, ErrorCode.VerificationFailed)]
    public async Task AMissingOrDamagedJournal_LosesWhatBuildsOnItUntilTheNextBase(Loss loss, ErrorCode code)
    {
        using var vault = new Vault(history);
        await vault.BaseAsync(2, 4);
        await vault.JournalAsync(3, 6);
        var lost = await vault.JournalAsync(7, 9);
        await vault.JournalAsync(10, 12);
        await vault.BaseAsync(13, 15);
        await vault.JournalAsync(13, 20);
        var catalogue = await vault.ListAsync();
        await LoseAsync(vault, lost, loss);

        for (var commit = 1; commit <= 20; commit++)
        {
            if (commit is >= 4 and <= 6 or >= 15)
            {
                _ = await vault.AssertRestoresAsync(commit, catalogue);
            }
            else if (commit >= 4 && commit is 7 or 9 or 12 or 14)
            {
                var error = await vault.AssertUnavailableAsync(commit, catalogue);
                Assert.Equal((code, 6, 15), (error.Code, error.Before, error.After));
                Assert.Contains(lost.Value, error.Message, StringComparison.Ordinal);
                Assert.Contains("--commit 6", error.Hint, StringComparison.Ordinal);
            }
        }

        var lineage = Assert.Single(catalogue.Lineages);
        var windows = await catalogue.WindowsAsync(lineage, CancellationToken.None);
        Assert.Equal([new CommitRange(4, 6), new CommitRange(15, 20)], windows.Select(w => w.Commits));
    }

    [Theory]
    [InlineData(Loss.Gone, ErrorCode.NothingSatisfies)]
    [InlineData(Loss.SpoiledIndex, ErrorCode.VerificationFailed)]
    [InlineData(Loss.SpoiledBlock, ErrorCode.VerificationFailed)]
    public async Task ALostRollUpOrBase_IsGoneAroundWhereThereIsAnotherWayToTheSameCommit(Loss loss, ErrorCode code)
    {
        using var vault = new Vault(history);
        await vault.JournalAsync(1, 5);
        await vault.JournalAsync(6, 20);
        var rollUp = await vault.RollUpAsync(1, 20);
        var start = await vault.BaseAsync(8, 9);
        var catalogue = await vault.ListAsync();
        await LoseAsync(vault, rollUp, loss);
        await LoseAsync(vault, start, loss);
        var result = await vault.AssertRestoresAsync(15, catalogue);
        Assert.Contains(result.Lost, error => error.Code == code);
        Assert.Null(result.Plan.Base);
        Assert.Equal(2, result.Plan.Journals.Count);
    }

    [Theory]
    [InlineData(Loss.Gone, ErrorCode.NothingSatisfies)]
    [InlineData(Loss.SpoiledBlock, ErrorCode.VerificationFailed)]
    public async Task ABaseWhosePartsAreLost_IsALostBase(Loss loss, ErrorCode code)
    {
        using var vault = new Vault(new History(7, 4096, 20))
        {
            Options = new SegmentOptions { BlockBytes = 4096, PartBytes = 9000 },
        };
        await vault.BaseAsync(8, 9);
        await vault.JournalAsync(9, 20);
        _ = await vault.AssertRestoresAsync(9);
        var parts = (await vault.Store.ListAsync()).Where(name =>
            name.Contains("/b-", StringComparison.Ordinal) && name.Contains(".p0", StringComparison.Ordinal)
        );
        foreach (var part in parts)
        {
            await LoseAsync(vault, new ObjectKey(part), loss);
        }

        var error = await vault.AssertUnavailableAsync(9);
        Assert.Equal((code, null, null), (error.Code, error.Before, error.After));
        await vault.JournalAsync(1, 8);
        _ = await vault.AssertRestoresAsync(9);
    }

    [Fact]
    public async Task PartsWithoutTheirIndex_MeanNothing()
    {
        using var vault = new Vault(history)
        {
            Options = new SegmentOptions { BlockBytes = 512, PartBytes = 600 },
        };
        await vault.JournalAsync(1, 5);
        var start = await vault.BaseAsync(3, 4);
        var journal = await vault.JournalAsync(6, 20);
        await vault.DeleteAsync(start);
        await vault.DeleteAsync(journal);
        var (_, result) = await vault.RestoreAsync(new TimelineRequest());
        Assert.Equal((5, null), (result.Plan.Target.Number, result.Plan.Base));
    }

    [Fact]
    public async Task ANewestJournalThatIsLost_IsNeverReplacedByAnEarlierCommit()
    {
        using var vault = new Vault(history);
        await vault.JournalAsync(1, 5);
        vault.Damage(await vault.JournalAsync(6, 20), -100);
        var error = await Assert.ThrowsAsync<CommitUnavailableException>(() =>
            vault.RestoreAsync(new TimelineRequest())
        );
        Assert.Equal((ErrorCode.VerificationFailed, 5), (error.Code, error.Before));
        Assert.Null(error.After);
        error = await Assert.ThrowsAsync<CommitUnavailableException>(() =>
            vault.RestoreAsync(new TimelineRequest { At = history.Commits[19].Info.Time })
        );
        Assert.Equal((ErrorCode.VerificationFailed, 5), (error.Code, error.Before));
        var (_, restored) = await vault.RestoreAsync(new TimelineRequest { At = history.Commits[2].Info.Time });
        Assert.Equal(3, restored.Plan.Target.Number);
    }

    [Theory]
    [InlineData(long.MinValue, null, 1L)]
    [InlineData(0, null, 1L)]
    [InlineData(21, 20L, null)]
    [InlineData(long.MaxValue, 20L, null)]
    public async Task ACommitThatNeverWas_IsToldSo(long commit, long? before, long? after)
    {
        using var vault = new Vault(history);
        await vault.JournalAsync(1, 5);
        await vault.JournalAsync(6, 20);
        var error = await vault.AssertUnavailableAsync(commit);
        Assert.Equal((ErrorCode.NothingSatisfies, before, after), (error.Code, error.Before, error.After));
    }

    [Fact]
    public async Task ATimeWithinAGap_IsNotGuessed()
    {
        using var vault = new Vault(history);
        await vault.JournalAsync(1, 5);
        await vault.JournalAsync(8, 20);
        await vault.BaseAsync(10, 10);
        foreach (var time in new[] { history.Commits[5].Info.Time, history.Commits[7].Info.Time.AddMicroseconds(-1) })
        {
            var error = await Assert.ThrowsAsync<CommitUnavailableException>(() =>
                vault.RestoreAsync(new TimelineRequest { At = time })
            );
            Assert.Equal((ErrorCode.NothingSatisfies, 5, 10), (error.Code, error.Before, error.After));
        }

        var (_, restored) = await vault.RestoreAsync(
            new TimelineRequest { At = history.Commits[10].Info.Time.AddMicroseconds(-1) }
        );
        Assert.Equal(10, restored.Plan.Target.Number);
    }

    [Fact]
    public async Task ATimeWhoseCommitsWereLetGo_IsTheRestorePointBefore_AndSaysSo()
    {
        using var vault = await LetGoAsync();
        foreach (var (asked, commit, next) in new[] { (6, 4, 9), (4, 4, 9), (9, 9, 15), (11, 9, 15) })
        {
            var time = history.Commits[asked - 1].Info.Time.AddMilliseconds(1);
            var (file, restored) = await vault.RestoreAsync(new TimelineRequest { At = time });
            Assert.Equal(commit, restored.Plan.Target.Number);
            Assert.True(history.Image(commit).AsSpan().SequenceEqual(file));
            var expired = Assert.IsType<ExpiredCommits>((await PlanAsync(vault, time)).Expired);
            Assert.InRange(expired.Before - history.Commits[next - 1].Info.Time, TimeSpan.FromSeconds(-1), default);
        }

        Assert.Null((await PlanAsync(vault, history.Commits[16].Info.Time)).Expired);
        var before = history.Commits[3].Info.Time.AddMinutes(-1);
        _ = await Assert.ThrowsAsync<CommitUnavailableException>(() => PlanAsync(vault, before));
    }

    [Fact]
    public async Task ATimeSinceWhichEveryCommitShouldBeThere_IsNeverTakenForLetGo()
    {
        using var vault = await LetGoAsync();
        var time = history.Commits[10].Info.Time;
        var planner = new TimelinePlanner(await vault.ListAsync());
        var request = new TimelineRequest { At = time, EveryCommitSince = time };
        var error = await Assert.ThrowsAsync<CommitUnavailableException>(() => planner.PlanAsync(request, default));
        Assert.True(error.IsLost);
        Assert.Equal((9, 15), (error.Before, error.After));
    }

    [Fact]
    public async Task AHoleBetweenJournals_OrBeforeWhatContinuesNoPoint_IsALoss()
    {
        using var vault = await LetGoAsync();
        await vault.JournalAsync(6, 6);
        var hole = history.Commits[7].Info.Time;
        Assert.True((await Assert.ThrowsAsync<CommitUnavailableException>(() => PlanAsync(vault, hole))).IsLost);

        using var other = new Vault(history);
        await other.BaseAsync(4, 4);
        await other.JournalAsync(12, 20);
        Assert.True((await Assert.ThrowsAsync<CommitUnavailableException>(() => PlanAsync(other, hole))).IsLost);

        using var damaged = await LetGoAsync();
        damaged.Damage(await damaged.JournalAsync(10, 14), -100);
        hole = history.Commits[10].Info.Time;
        Assert.True((await Assert.ThrowsAsync<CommitUnavailableException>(() => PlanAsync(damaged, hole))).IsLost);
    }

    [Fact]
    public async Task ATimeBeforeTheFirstCommit_IsOfTheLineageBefore_OrNothing()
    {
        using var vault = new Vault(history);
        await vault.JournalAsync(1, 20);
        var before = history.Commits[0].Info.Time.AddMicroseconds(-1);
        var error = await Assert.ThrowsAsync<CommitUnavailableException>(() =>
            vault.RestoreAsync(new TimelineRequest { At = before })
        );
        Assert.Equal(ErrorCode.NothingSatisfies, error.Code);
        Assert.False(error.IsLost);
        Assert.Equal(1, error.After);

        var older = Holdfast.Core.Timeline.LineageId.New(before.AddDays(-1));
        vault.Use(older);
        await vault.JournalAsync(1, 3);
        var catalogue = await vault.ListAsync();
        Assert.Equal([older, Format.Segments.Lineage], catalogue.Lineages.Select(l => l.Id));
        var (_, restored) = await vault.RestoreAsync(
            new TimelineRequest { At = history.Commits[9].Info.Time },
            catalogue
        );
        Assert.Equal((10, Format.Segments.Lineage), (restored.Plan.Target.Number, restored.Plan.Lineage.Id));
        (_, restored) = await vault.RestoreAsync(new TimelineRequest { Lineage = older }, catalogue);
        Assert.Equal((3, older), (restored.Plan.Target.Number, restored.Plan.Lineage.Id));
    }

    [Fact]
    public async Task SegmentsOfTwoHistories_AreNeverMixed()
    {
        using var vault = new Vault(history);
        await vault.JournalAsync(1, 5);
        vault.History = new History(8, 512, 20);
        await vault.JournalAsync(6, 10);
        var error = await Assert.ThrowsAsync<HoldfastException>(() => vault.RestoreAsync(8));
        Assert.Equal(ErrorCode.VerificationFailed, error.Code);
        Assert.Contains("two writers", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ASegmentUnderAnotherName_IsDamage()
    {
        using var vault = new Vault(history);
        await vault.JournalAsync(1, 5);
        var bytes = await vault.Store.GetAsync(vault.Names.Journal(1).Value);
        await vault.Store.PutAsync(vault.Names.Journal(6).Value, bytes);
        var error = await vault.AssertUnavailableAsync(6);
        Assert.Equal((ErrorCode.VerificationFailed, 5), (error.Code, error.Before));
    }

    [Fact]
    public async Task AStoreThatCannotBeReached_IsNotAMissingSegment()
    {
        using var vault = new Vault(history);
        await vault.BaseAsync(2, 2);
        await vault.JournalAsync(1, 20);
        var reads = 0;
        vault.Store.When(call =>
            call.Operation == StoreOperation.OpenRead && ++reads > 1 ? InjectedFault.Unreachable() : null
        );
        var error = await Assert.ThrowsAsync<StoreException>(() => vault.RestoreAsync(10));
        Assert.Equal(ErrorCode.TargetUnreachable, error.Code);
    }

    [Fact]
    public async Task AListingThatFails_IsNotAnEmptyTimeline()
    {
        using var vault = new Vault(history);
        await vault.JournalAsync(1, 20);
        vault.Store.FailAll(StoreOperation.List, InjectedFault.Unreachable(afterTheFact: true));
        _ = await Assert.ThrowsAsync<StoreException>(vault.ListAsync);
    }

    [Fact]
    public async Task AnEmptyTarget_SaysThatNothingIsThere()
    {
        using var vault = new Vault(history);
        await vault.Store.PutAsync("timeline/app/readme.txt", [1]);
        await vault.Store.PutAsync("timeline/app2/019cec3b60f00102030405060708090a/j-0000000000000001", [1]);
        var error = await Assert.ThrowsAsync<HoldfastException>(() => vault.RestoreAsync(new TimelineRequest()));
        Assert.Equal(ErrorCode.NothingSatisfies, error.Code);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task BytesSpoiledOnTheWay_NeverGiveAWrongFile(bool cut)
    {
        using var vault = new Vault(history);
        await vault.BaseAsync(5, 8);
        await vault.JournalAsync(1, 4);
        await vault.JournalAsync(5, 20);
        for (var read = 1; read <= 6; read++)
        {
            var reads = 0;
            var number = read;
            vault.Store.When(call =>
                call.Operation == StoreOperation.OpenRead && ++reads == number
                    ? cut
                        ? new InjectedFault { TruncateAt = 70 }
                        : new InjectedFault { FlipBitAt = 70 }
                    : null
            );
            try
            {
                _ = await vault.AssertRestoresAsync(12);
            }
            catch (CommitUnavailableException error)
            {
                Assert.Equal(ErrorCode.VerificationFailed, error.Code);
            }
        }
    }

    private static async Task LoseAsync(Vault vault, ObjectKey key, Loss loss)
    {
        if (loss == Loss.Gone)
        {
            await vault.DeleteAsync(key);
        }
        else
        {
            vault.Damage(key, loss == Loss.SpoiledIndex ? -100 : SegmentHeader.Length + 9);
        }
    }

    /// <summary>What retention leaves: restore points, and the journal from the newest before the window on.</summary>
    private async Task<Vault> LetGoAsync()
    {
        var vault = new Vault(history);
        await vault.BaseAsync(3, 4);
        await vault.ClosingAsync(3, 4);
        await vault.DeltaAsync(2, 3, 9, 9);
        await vault.BaseAsync(14, 15);
        await vault.ClosingAsync(14, 15);
        await vault.JournalAsync(15, 20);
        return vault;
    }

    private static async Task<TimelinePlan> PlanAsync(Vault vault, DateTimeOffset time) =>
        await new TimelinePlanner(await vault.ListAsync()).PlanAsync(new TimelineRequest { At = time }, default);
}
