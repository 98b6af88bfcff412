using Holdfast.Core.Codecs;
using Holdfast.Core.Engines;
using Holdfast.Core.Restoring;
using Holdfast.Core.Retention;
using Holdfast.Core.Snapshots;
using Holdfast.Core.Stores;

namespace Holdfast.Core.Tests.Snapshots;

public sealed class VerificationTests : IDisposable
{
    private readonly Cellar cellar = new();

    public void Dispose() => cellar.Dispose();

    public static TheoryData<VerifyLevel> AllLevels =>
        new(VerifyLevel.Stored, VerifyLevel.Content, VerifyLevel.Restore);

    [Theory]
    [InlineData(VerifyLevel.Stored, "present size")]
    [InlineData(VerifyLevel.Content, "present size sha256")]
    [InlineData(VerifyLevel.Restore, "present size sha256 size integrity_check foreign_key_check row_count row counts")]
    public async Task Verify_OfAGoodCopy_SaysWhatItChecked(VerifyLevel level, string checks)
    {
        var key = await cellar.BackupAsync();
        var result = await cellar.VerifyAsync(key, level);
        Assert.Equal(CheckOutcome.Good, result.Outcome);
        Assert.Equal(checks, string.Join(' ', result.Checks));

        // That an object is there is not worth remembering in the place of a check.
        Assert.Equal(level != VerifyLevel.Stored, result.Recorded);
        Assert.Equal(result.Recorded, (await cellar.EntryAsync(key)).Sidecars.Contains(Sidecar.Verified));
        cellar.AssertNothingLeft();
    }

    [Theory]
    [InlineData(VerifyLevel.Stored)]
    [InlineData(VerifyLevel.Content)]
    [InlineData(VerifyLevel.Restore)]
    public async Task Verify_OfACopyOfAnotherSize_IsBadAtEveryLevel(VerifyLevel level)
    {
        Action<ObjectKey>[] damages =
        [
            key => File.WriteAllBytes(cellar[key], []),
            key => File.WriteAllBytes(cellar[key], File.ReadAllBytes(cellar[key])[..^1]),
            key => File.AppendAllText(cellar[key], "x"),
            key => File.Delete(cellar[key]),
            key => File.WriteAllText(cellar[Sidecar.Manifest.For(key)], "{"),
        ];
        foreach (var damage in damages)
        {
            var key = await cellar.BackupAsync();
            damage(key);
            await AssertBadAsync(key, level);
            cellar.Clock.Advance(TimeSpan.FromSeconds(1));
        }
    }

    [Fact]
    public async Task Verify_OfAFlippedBit_IsBadFromContentUp()
    {
        var key = await cellar.BackupAsync();
        cellar.Flip(key);
        Assert.Equal(CheckOutcome.Good, (await cellar.VerifyAsync(key, VerifyLevel.Stored)).Outcome);
        await AssertBadAsync(key, VerifyLevel.Content);
        await AssertBadAsync(key, VerifyLevel.Restore);
    }

    [Fact]
    public async Task Verify_OfBytesThatDoNotRestore_IsBadAtRestoreOnly()
    {
        var key = await StoreUncheckedAsync();
        Assert.Equal(CheckOutcome.Good, (await cellar.VerifyAsync(key, VerifyLevel.Content)).Outcome);
        await AssertBadAsync(key, VerifyLevel.Restore);
    }

    [Fact]
    public async Task Verify_OfRowsThatDiffer_IsBadAtRestoreOnly()
    {
        var key = await cellar.BackupAsync();
        cellar.Lie(
            key,
            m =>
                m with
                {
                    Rows = new Dictionary<string, long> { ["bottles"] = 500, ["gone"] = 7 },
                }
        );
        Assert.Equal(CheckOutcome.Good, (await cellar.VerifyAsync(key, VerifyLevel.Content)).Outcome);
        var result = await AssertBadAsync(key, VerifyLevel.Restore);
        Assert.Contains("gone", Assert.Single(result.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_OfACopyWithoutManifest_UnpacksAndChecksIt()
    {
        var key = await cellar.BackupAsync();
        File.Delete(cellar[Sidecar.Manifest.For(key)]);
        Assert.Equal(CopyState.Unverified, (await cellar.EntryAsync(key)).State);
        Assert.Contains("unpacked", (await cellar.VerifyAsync(key, VerifyLevel.Content)).Checks);
        Assert.Equal(CheckOutcome.Good, (await cellar.VerifyAsync(key, VerifyLevel.Restore)).Outcome);
        Assert.Equal(CopyState.Good, (await cellar.EntryAsync(key)).State);
    }

    [Fact]
    public async Task Verify_OfNothingUnderAName_IsBad()
    {
        File.WriteAllText(cellar["cellar-20260101-000000.db"], "");
        var entry = Assert.Single(await cellar.ListAsync());
        foreach (var level in Enum.GetValues<VerifyLevel>())
        {
            await AssertBadAsync(entry.Key, level);
        }
    }

    [Fact]
    public async Task Verify_ThatIsGood_ClearsDamage()
    {
        var key = await cellar.BackupAsync();
        var bytes = File.ReadAllBytes(cellar[key]);
        cellar.Flip(key);
        await AssertBadAsync(key, VerifyLevel.Content);
        File.WriteAllBytes(cellar[key], bytes);
        Assert.Equal(CheckOutcome.Good, (await cellar.VerifyAsync(key, VerifyLevel.Stored)).Outcome);
        Assert.Equal(CopyState.Bad, (await cellar.EntryAsync(key)).State);
        Assert.Equal(CheckOutcome.Good, (await cellar.VerifyAsync(key, VerifyLevel.Content)).Outcome);
        Assert.Equal(CopyState.Good, (await cellar.EntryAsync(key)).State);
    }

    [Fact]
    public async Task Verify_OfTheBytes_DoesNotClearDamageThatARestoreFound()
    {
        var key = await StoreUncheckedAsync();
        await AssertBadAsync(key, VerifyLevel.Restore);
        Assert.Equal(CheckOutcome.Good, (await cellar.VerifyAsync(key, VerifyLevel.Content)).Outcome);
        Assert.Equal(CopyState.Bad, (await cellar.EntryAsync(key)).State);
    }

    [Fact]
    public async Task Verify_AtAWeakerLevel_KeepsTheProvenRestore()
    {
        var key = await cellar.BackupAsync();
        await cellar.VerifyAsync(key, VerifyLevel.Restore);
        var proven = cellar.Clock.Now;
        cellar.Clock.Advance(TimeSpan.FromDays(1));
        await cellar.VerifyAsync(key, VerifyLevel.Content);
        var record = await RecordAsync(key);
        Assert.Equal(("content", "good", cellar.Clock.Now), (record!.Level, record.Outcome, record.Time));
        Assert.Equal(proven, record.Proven!.Time);

        cellar.Flip(key);
        await AssertBadAsync(key, VerifyLevel.Content);
        record = await RecordAsync(key);
        Assert.Equal("bad", record!.Outcome);
        Assert.NotEmpty(record.Problems);
        Assert.Equal(proven, record.Proven!.Time);
    }

    [Theory]
    [MemberData(nameof(AllLevels))]
    public async Task Verify_WhenTheStoreIsUnreachable_IsInconclusiveAndRecordsNothing(VerifyLevel level)
    {
        var key = await cellar.BackupAsync();
        var entry = await cellar.EntryAsync(key);
        var before = cellar.Objects.ToList();
        foreach (var operation in (Operation[])[Operation.Head, Operation.Read])
        {
            cellar.Store.Before = (current, _) =>
            {
                if (current == operation)
                {
                    throw HookedStore.Unreachable();
                }
            };
            var result = await cellar.Verification.RunAsync(entry, cellar.Engine, level, null, default);
            Assert.Equal(CheckOutcome.Inconclusive, result.Outcome);
            Assert.False(result.Recorded);
            Assert.Equal(before, cellar.Objects);
        }
    }

    [Fact]
    public async Task Verify_WhenTheTargetIsGone_IsInconclusive()
    {
        var key = await cellar.BackupAsync();
        var entry = await cellar.EntryAsync(key);
        Directory.Delete(cellar[""], recursive: true);
        var result = await cellar.Verification.RunAsync(entry, cellar.Engine, VerifyLevel.Content, null, default);
        Assert.Equal(CheckOutcome.Inconclusive, result.Outcome);
    }

    [Fact]
    public async Task Verify_OfACopyDeletedMeanwhile_IsInconclusiveAndLeavesNoRecord()
    {
        var key = await cellar.BackupAsync();
        var entry = await cellar.EntryAsync(key);
        File.Delete(cellar[Sidecar.Manifest.For(key)]);
        var half = await cellar.Verification.RunAsync(entry, cellar.Engine, VerifyLevel.Content, null, default);
        File.Delete(cellar[key]);
        var gone = await cellar.Verification.RunAsync(entry, cellar.Engine, VerifyLevel.Content, null, default);
        Assert.Equal((CheckOutcome.Inconclusive, CheckOutcome.Inconclusive), (half.Outcome, gone.Outcome));
        Assert.Empty(cellar.Objects);
    }

    [Fact]
    public async Task Verify_OfAManifestOfALaterVersion_IsInconclusive()
    {
        var key = await cellar.BackupAsync();
        File.WriteAllText(cellar[Sidecar.Manifest.For(key)], "{\"holdfast\":2}");
        var result = await cellar.VerifyAsync(key, VerifyLevel.Restore);
        Assert.Equal(CheckOutcome.Inconclusive, result.Outcome);
        Assert.Equal(CopyState.Good, (await cellar.EntryAsync(key)).State);
    }

    [Theory]
    [InlineData(Operation.Put)]
    [InlineData(Operation.Delete)]
    public async Task Verify_WithCredentialsThatOnlyRead_SaysThatNothingWasRecorded(Operation denied)
    {
        var key = await cellar.BackupAsync();
        cellar.Store.Before = (operation, _) =>
        {
            if (operation == denied)
            {
                throw new StoreException(StoreFault.Denied, "reading only");
            }
        };
        var result = await cellar.VerifyAsync(key, VerifyLevel.Content);
        Assert.Equal(CheckOutcome.Good, result.Outcome);
        Assert.False(result.Recorded);
    }

    [Fact]
    public async Task Verify_WhenTheEarlierRecordCannotBeReached_StillGivesTheResult()
    {
        var key = await cellar.BackupAsync();
        await cellar.VerifyAsync(key, VerifyLevel.Restore);
        var entry = await cellar.EntryAsync(key);
        cellar.Store.Before = (operation, name) =>
        {
            if (operation == Operation.Read && name.EndsWith(".verified.json", StringComparison.Ordinal))
            {
                throw HookedStore.Unreachable();
            }
        };
        var result = await cellar.Verification.RunAsync(entry, cellar.Engine, VerifyLevel.Content, null, default);
        Assert.Equal(CheckOutcome.Good, result.Outcome);
        Assert.False(result.Recorded);
        cellar.Store.Before = (_, _) => { };
        Assert.NotNull((await RecordAsync(key))!.Proven);
    }

    [Fact]
    public async Task Verify_WithoutRoomToRestore_IsInconclusive()
    {
        var key = await cellar.BackupAsync();
        cellar.Lie(key, m => m with { ContentSize = 1L << 60 });
        var result = await cellar.VerifyAsync(key, VerifyLevel.Restore);
        Assert.Equal(CheckOutcome.Inconclusive, result.Outcome);
        cellar.AssertNothingLeft();
    }

    [Fact]
    public async Task Verify_WhenTheScratchDirectoryCannotBeUsed_IsInconclusive()
    {
        var key = await cellar.BackupAsync();
        var verification = new SnapshotVerification(
            cellar.Store,
            cellar.Catalogue,
            cellar.Paths with
            {
                Scratch = "/proc/holdfast",
            },
            cellar.Clock
        );
        var entry = await cellar.EntryAsync(key);
        var result = await verification.RunAsync(entry, cellar.Engine, VerifyLevel.Restore, null, default);
        Assert.Equal(CheckOutcome.Inconclusive, result.Outcome);
    }

    [Fact]
    public async Task Verify_WhenCancelled_RecordsNothing()
    {
        var key = await cellar.BackupAsync();
        var entry = await cellar.EntryAsync(key);
        using var stop = new CancellationTokenSource();
        cellar.Store.After = (_, name) =>
        {
            if (name == key.Value)
            {
                stop.Cancel();
            }
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            cellar.Verification.RunAsync(entry, cellar.Engine, VerifyLevel.Restore, null, stop.Token)
        );
        Assert.Equal(2, cellar.Objects.Count());
        cellar.AssertNothingLeft();
    }

    /// <summary>A copy that is whole as it was stored, but was damaged before it was stored without a check.</summary>
    private async Task<ObjectKey> StoreUncheckedAsync()
    {
        cellar.Compression = Compression.None;
        var key = await cellar.BackupAsync();
        var bytes = File.ReadAllBytes(cellar[key]);
        Testing.SampleBytes.Of(20_000).CopyTo(bytes, 4096);
        File.WriteAllBytes(cellar[key], bytes);
        var digest = Sha256Digest.Of(bytes);
        cellar.Lie(key, m => m with { Sha256 = digest, ContentSha256 = digest });
        return key;
    }

    private async Task<VerificationResult> AssertBadAsync(ObjectKey key, VerifyLevel level)
    {
        var result = await cellar.VerifyAsync(key, level);
        Assert.Equal(CheckOutcome.Bad, result.Outcome);
        Assert.NotEmpty(result.Problems);
        Assert.True(result.Recorded);
        Assert.Equal(CopyState.Bad, (await cellar.EntryAsync(key)).State);
        Assert.Equal(level.ToString().ToLowerInvariant(), (await RecordAsync(key))!.Level);
        return result;
    }

    private async Task<VerificationRecord?> RecordAsync(ObjectKey key) =>
        (await cellar.Catalogue.ReadVerificationsAsync([await cellar.EntryAsync(key)], default)).GetValueOrDefault(key);
}
