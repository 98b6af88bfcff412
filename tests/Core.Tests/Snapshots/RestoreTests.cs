using Holdfast.Core.Codecs;
using Holdfast.Core.Engines;
using Holdfast.Core.Errors;
using Holdfast.Core.Restoring;
using Holdfast.Core.Snapshots;
using Holdfast.Core.Stores;

namespace Holdfast.Core.Tests.Snapshots;

public sealed class RestoreTests : IDisposable
{
    private readonly Cellar cellar = new();

    public void Dispose() => cellar.Dispose();

    public static TheoryData<string> Lies =>
        new("size", "sha256", "contentSize", "contentSha256", "compression", "name");

    public static TheoryData<Compression> Codecs => new(Compression.None, Compression.Gzip, Compression.Zstd);

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task Restore_WithAManifestThatLies_IsRefused(string field)
    {
        foreach (var shift in (int[])[-1, 1])
        {
            using var another = new Cellar();
            var key = await another.BackupAsync();
            another.Lie(
                key,
                m =>
                    field switch
                    {
                        "size" => m with { Size = m.Size + shift },
                        "sha256" => m with { Sha256 = m.ContentSha256 },
                        "contentSize" => m with { ContentSize = m.ContentSize + shift },
                        "contentSha256" => m with { ContentSha256 = m.Sha256 },
                        "compression" => m with { Compression = shift < 0 ? "none" : "zstd" },
                        _ => m with { Name = "another" },
                    }
            );
            await AssertNotRestoredAsync(another);
            Assert.Equal(
                CheckOutcome.Bad,
                (await another.VerifyAsync(key, field == "size" ? VerifyLevel.Stored : VerifyLevel.Content)).Outcome
            );
        }
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public async Task Restore_OfADamagedCopy_IsRefused(Compression compression)
    {
        Action<Cellar, ObjectKey>[] damages =
        [
            (c, key) => c.Flip(key),
            (c, key) => File.WriteAllBytes(c[key], []),
            (c, key) => File.WriteAllBytes(c[key], File.ReadAllBytes(c[key])[..^1]),
            (c, key) => File.AppendAllText(c[key], "\0"),
            (c, key) => File.WriteAllBytes(c[key], Tests.Codecs.Codec.Encode(compression, [])),
            (c, key) => File.WriteAllBytes(c[key], Tests.Codecs.Codec.Encode(compression, new byte[20 << 20])),
            (c, key) => File.Delete(c[key]),
        ];
        foreach (var damage in damages)
        {
            using var another = new Cellar { Compression = compression };
            var key = await another.BackupAsync();
            damage(another, key);
            await AssertNotRestoredAsync(another);
        }
    }

    [Fact]
    public async Task Restore_OfSwappedCopies_IsRefused()
    {
        var keys = await cellar.BackupDailyAsync(2);
        File.Move(cellar[keys[0]], cellar["kept"]);
        File.Move(cellar[keys[1]], cellar[keys[0]]);
        File.Move(cellar["kept"], cellar[keys[1]]);
        await AssertNotRestoredAsync(cellar);

        // Together with their manifests, too.
        foreach (var key in keys)
        {
            File.Move(cellar[Sidecar.Manifest.For(key)], cellar[key] + ".kept");
        }

        File.Move(cellar[keys[0]] + ".kept", cellar[Sidecar.Manifest.For(keys[1])]);
        File.Move(cellar[keys[1]] + ".kept", cellar[Sidecar.Manifest.For(keys[0])]);
        await AssertNotRestoredAsync(cellar);
    }

    [Fact]
    public async Task Restore_OfABombBehindAManifest_WritesNoMoreThanWasCopied()
    {
        var key = await cellar.BackupAsync();
        var bomb = Tests.Codecs.Codec.Encode(Compression.Gzip, new byte[200 << 20]);
        File.WriteAllBytes(cellar[key], bomb);
        cellar.Lie(key, m => m with { Size = bomb.Length, Sha256 = Sha256Digest.Of(bomb) });
        var error = await AssertNotRestoredAsync(cellar);
        Assert.Contains("unpacks to more than", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Restore_WithAManifestThatClaimsMoreThanTheDisk_IsRefusedBeforehand()
    {
        var key = await cellar.BackupAsync();
        cellar.Lie(key, m => m with { ContentSize = long.MaxValue });
        cellar.Store.Before = (operation, name) =>
            Assert.False(operation == Operation.Read && name == key.Value, "the copy was fetched");
        var error = await Assert.ThrowsAsync<HoldfastException>(() => cellar.RestoreAsync());
        Assert.Equal(ErrorCode.Failure, error.Code);
    }

    [Fact]
    public async Task Restore_WithFallback_TakesTheNewestGoodOneAndSaysWhatItSkipped()
    {
        var keys = await cellar.BackupDailyAsync(5);
        cellar.Flip(keys[4]);
        File.Delete(cellar[keys[3]]);
        File.WriteAllText(cellar[Sidecar.Manifest.For(keys[2])], "{");
        var result = await cellar.RestoreAsync(onCorrupt: OnCorrupt.Fallback);
        Assert.Equal(keys[1], result.Entry.Key);
        Assert.Equal(3, result.Skipped.Count);
        Assert.Contains(keys[4].Value, result.Skipped[0], StringComparison.Ordinal);
        Assert.Contains("missing", result.Skipped[1], StringComparison.Ordinal);
        Assert.Equal(502, TestDatabase.Execute(cellar.Restored, "SELECT count(*) FROM bottles"));
    }

    [Fact]
    public async Task Restore_WithFallback_WhenACopyVanishesMeanwhile_TakesTheNext()
    {
        var keys = await cellar.BackupDailyAsync(2);
        cellar.Store.Before = (operation, name) =>
        {
            if (operation == Operation.Read && name == keys[1].Value)
            {
                File.Delete(cellar[keys[1]]);
            }
        };
        Assert.Equal(keys[0], (await cellar.RestoreAsync(onCorrupt: OnCorrupt.Fallback)).Entry.Key);
    }

    [Fact]
    public async Task Restore_WithFallback_WhenNoneIsGood_IsAnError()
    {
        foreach (var key in await cellar.BackupDailyAsync(3))
        {
            cellar.Flip(key);
        }

        var error = await Assert.ThrowsAsync<HoldfastException>(() =>
            cellar.RestoreAsync(onCorrupt: OnCorrupt.Fallback)
        );
        Assert.Equal(ErrorCode.VerificationFailed, error.Code);
        Assert.Contains("none of the 3 copies", error.Message, StringComparison.Ordinal);
        cellar.AssertNothingLeft();
    }

    [Fact]
    public async Task Restore_WithFallback_WhenTheStoreIsUnreachable_DoesNotFallBack()
    {
        var keys = await cellar.BackupDailyAsync(2);
        cellar.Store.Before = (operation, name) =>
        {
            if (operation == Operation.Read && name == keys[1].Value)
            {
                throw HookedStore.Unreachable();
            }
        };
        var error = await Assert.ThrowsAsync<StoreException>(() => cellar.RestoreAsync(onCorrupt: OnCorrupt.Fallback));
        Assert.Equal(ErrorCode.TargetUnreachable, error.Code);
        Assert.False(File.Exists(cellar.Restored));
    }

    [Fact]
    public async Task Restore_WithoutManifest_RunsTheFullCheck()
    {
        var key = await cellar.BackupAsync();
        File.Delete(cellar[Sidecar.Manifest.For(key)]);
        var result = await cellar.RestoreAsync();
        Assert.Contains("integrity_check", result.Checks);
        Assert.DoesNotContain("sha256", result.Checks);
        Assert.Null(result.Manifest);
    }

    [Theory]
    [InlineData("not a database")]
    [InlineData("")]
    public async Task Restore_WithoutManifest_OfWhatIsNoDatabase_IsRefused(string content)
    {
        File.WriteAllText(cellar["cellar-20260101-000000.db"], content);
        await AssertNotRestoredAsync(cellar);
    }

    [Fact]
    public async Task Restore_WithoutManifest_OfADamagedDatabase_IsRefused()
    {
        cellar.Compression = Compression.None;
        var key = await cellar.BackupAsync();
        File.Delete(cellar[Sidecar.Manifest.For(key)]);
        var bytes = File.ReadAllBytes(cellar[key]);
        Testing.SampleBytes.Of(20_000).CopyTo(bytes, 4096);
        File.WriteAllBytes(cellar[key], bytes);
        await AssertNotRestoredAsync(cellar);
    }

    [Fact]
    public async Task Restore_WithADamagedManifest_NeedsACheckToTakeItsPlace()
    {
        var key = await cellar.BackupAsync();
        File.WriteAllText(cellar[Sidecar.Manifest.For(key)], "{\"holdfast\":1}");
        var error = await AssertNotRestoredAsync(cellar);
        Assert.Contains("--check integrity", error.Hint, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StoreException>(() => cellar.RestoreAsync(check: CheckLevel.None));
        var result = await cellar.RestoreAsync(check: CheckLevel.Integrity);
        Assert.Contains("integrity_check", result.Checks);
    }

    [Fact]
    public async Task Restore_WithAManifestOfALaterVersion_IsRefused()
    {
        var key = await cellar.BackupAsync();
        File.WriteAllText(cellar[Sidecar.Manifest.For(key)], "{\"holdfast\":2}");
        var error = await Assert.ThrowsAsync<HoldfastException>(() => cellar.RestoreAsync(check: CheckLevel.Integrity));
        Assert.Equal(ErrorCode.Failure, error.Code);
        Assert.Contains("newer holdfast", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Restore_OfRowsThatDiffer_IsNoticedByACheck()
    {
        var key = await cellar.BackupAsync();
        cellar.Lie(key, m => m with { Rows = new Dictionary<string, long> { ["bottles"] = 501 } });
        var error = await Assert.ThrowsAsync<HoldfastException>(() => cellar.RestoreAsync(check: CheckLevel.Quick));
        Assert.Equal(ErrorCode.VerificationFailed, error.Code);
        Assert.Contains("500 rows where 501", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Restore_WhenCancelled_LeavesNothing()
    {
        var key = await cellar.BackupAsync();
        using var stop = new CancellationTokenSource();
        cellar.Store.After = (operation, name) =>
        {
            if (operation == Operation.Read && name == key.Value)
            {
                stop.Cancel();
            }
        };
        var plan = await cellar.Restoring.PlanAsync(new SnapshotSelection(), default);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            cellar.Restoring.RunAsync(
                plan,
                cellar.Engine,
                new RestoreRequest { Destination = cellar.Restored },
                null,
                stop.Token
            )
        );
        Assert.False(File.Exists(cellar.Restored));
        cellar.AssertNothingLeft();
    }

    [Fact]
    public async Task Restore_OverWhatIsThere_IsRefusedBeforeAnyByteIsMoved()
    {
        var key = await cellar.BackupAsync();
        File.WriteAllText(cellar.Restored, "precious");
        cellar.Store.Before = (operation, name) =>
            Assert.False(operation == Operation.Read && name == key.Value, "the copy was fetched");
        var error = await Assert.ThrowsAsync<HoldfastException>(() => cellar.RestoreAsync());
        Assert.Equal(ErrorCode.Refused, error.Code);
        Assert.Equal("precious", File.ReadAllText(cellar.Restored));
    }

    private static async Task<HoldfastException> AssertNotRestoredAsync(Cellar cellar)
    {
        var error = await Assert.ThrowsAnyAsync<HoldfastException>(() => cellar.RestoreAsync());
        Assert.Equal(ErrorCode.VerificationFailed, error.Code);
        Assert.False(File.Exists(cellar.Restored));
        cellar.AssertNothingLeft();
        return error;
    }
}
