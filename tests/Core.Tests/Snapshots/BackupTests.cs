using Holdfast.Core.Codecs;
using Holdfast.Core.Engines;
using Holdfast.Core.Errors;
using Holdfast.Core.Files;
using Holdfast.Core.Restoring;
using Holdfast.Core.Snapshots;
using Holdfast.Core.Stores;
using Holdfast.Stores.Directories;
using Holdfast.Testing;

namespace Holdfast.Core.Tests.Snapshots;

public sealed class BackupTests : IDisposable
{
    private readonly Cellar cellar = new();

    public void Dispose() => cellar.Dispose();

    [Theory]
    [InlineData(Compression.None, "cellar-20260314-150926.db")]
    [InlineData(Compression.Gzip, "cellar-20260314-150926.db.gz")]
    [InlineData(Compression.Zstd, "cellar-20260314-150926.db.zst")]
    public async Task I_can_back_up_and_restore(Compression compression, string name)
    {
        cellar.Compression = compression;
        var key = await cellar.BackupAsync("before the harvest");
        Assert.Equal([name, name + ".json"], cellar.Objects);
        var manifest = await cellar.Catalogue.ReadManifestAsync(await cellar.EntryAsync(key), default);
        Assert.Equal(name, manifest!.Name);
        Assert.Equal("before the harvest", manifest.Reason);
        Assert.Equal(cellar.Clock.Now, manifest.Time);
        Assert.Equal(500, manifest.Rows["bottles"]);
        Assert.Equal(new FileInfo(cellar[key]).Length, manifest.Size);
        var result = await cellar.RestoreAsync();
        Assert.Equal(manifest.ContentSize, result.Bytes);
        Assert.Equal(["sha256"], result.Checks);
        Assert.Equal(500, TestDatabase.Execute(cellar.Restored, "SELECT count(*) FROM bottles"));
        cellar.AssertNothingLeft();
    }

    [Fact]
    public async Task Run_OfACopyUpToTheLimit_DoesNotCompressIt()
    {
        var size = new FileInfo(cellar.Source).Length;
        foreach (var (above, compression) in (IEnumerable<(long, string)>)[(size - 1, "gzip"), (size, "none")])
        {
            var target = new SnapshotTarget("target", cellar.Store);
            var plan = cellar.Plan() with { CompressAbove = above };
            var result = await new SnapshotBackup(cellar.Paths, cellar.Clock).RunAsync(
                plan,
                [target],
                null,
                null,
                default
            );
            Assert.Equal(compression, result.Manifest.Compression);
            Assert.Equal(
                compression == "none",
                result.Targets[0].Key!.Value.Value.EndsWith(".db", StringComparison.Ordinal)
            );
        }
    }

    [Fact]
    public async Task Run_TwiceInOneSecond_KeepsBoth()
    {
        var first = await cellar.BackupAsync();
        var second = await cellar.BackupAsync();
        Assert.Equal("cellar-20260314-150926-2.db.gz", second.Value);
        Assert.Equal([second, first], (await cellar.ListAsync()).Select(e => e.Key));
        Assert.All(await cellar.ListAsync(), e => Assert.Equal(2, e.Sidecars.Count + 1));
    }

    [Fact]
    public async Task Run_OnManyMachinesInOneSecond_KeepsTheCopiesOfAll()
    {
        // The same bytes each time: to a store, the second write of them is a retry of the first. And all have looked
        // whether the name is free before the first of them takes it.
        ThreadPool.SetMinThreads(16, 16);
        using var allLooked = new Barrier(8);
        var puts = 0;
        cellar.Store.Before = (operation, _) =>
        {
            if (operation == Operation.Put && Interlocked.Increment(ref puts) <= 8)
            {
                allLooked.SignalAndWait();
            }
        };
        var runs = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(number => Task.Run(() => RunOnAnotherMachineAsync(number)))
        );
        Assert.Equal(8, runs.Distinct().Count());
        var entries = await cellar.ListAsync();
        Assert.Equal(runs.Order(), entries.Select(e => e.Key).Order());
        foreach (var entry in entries)
        {
            Assert.False(entry.IsMissing);
            Assert.Equal(CheckOutcome.Good, (await cellar.VerifyAsync(entry.Key, VerifyLevel.Content)).Outcome);
        }
    }

    [Fact]
    public async Task Run_WhenAnotherBackupWithTheSameBytesWonTheName_LeavesItsCopyAlone()
    {
        var other = 0;
        cellar.Store.Before = (operation, name) =>
        {
            // Between our copy and our manifest the other machine stores both of its own.
            if (operation == Operation.Put && name.EndsWith(".json", StringComparison.Ordinal) && other++ == 0)
            {
                File.WriteAllBytes(cellar[name], Manifest(name, File.ReadAllBytes(cellar[name[..^5]])).ToBytes());
            }
        };
        var key = await cellar.BackupAsync();
        Assert.Equal("cellar-20260314-150926-2.db.gz", key.Value);
        Assert.Equal(2, (await cellar.ListAsync()).Count(e => e.State == Core.Retention.CopyState.Good));
    }

    [Fact]
    public async Task Run_WhenAManifestOfALostCopyHasTheName_TakesTheNext()
    {
        File.WriteAllBytes(
            cellar["cellar-20260314-150926.db.gz.json"],
            Manifest("cellar-20260314-150926.db.gz.json", [1, 2, 3]).ToBytes()
        );
        var key = await cellar.BackupAsync();
        Assert.Equal("cellar-20260314-150926-2.db.gz", key.Value);
        Assert.Equal(
            [
                "cellar-20260314-150926-2.db.gz",
                "cellar-20260314-150926-2.db.gz.json",
                "cellar-20260314-150926.db.gz.json",
            ],
            cellar.Objects
        );
    }

    [Fact]
    public async Task Run_OfADamagedDatabase_StoresNothing()
    {
        await cellar.BackupAsync();
        var before = cellar.Objects.ToList();
        using (var file = File.OpenWrite(cellar.Source))
        {
            file.Position = 4096;
            file.Write(SampleBytes.Of(30_000));
        }

        var error = await Assert.ThrowsAsync<HoldfastException>(() => cellar.BackupAsync());
        Assert.Equal(ErrorCode.VerificationFailed, error.Code);
        Assert.Equal(before, cellar.Objects);
        cellar.AssertNothingLeft();
    }

    [Fact]
    public async Task Run_OfAMissingDatabase_StoresAndCreatesNothing()
    {
        File.Delete(cellar.Source);
        var error = await Assert.ThrowsAsync<HoldfastException>(() => cellar.BackupAsync());
        Assert.Equal(ErrorCode.SourceMissing, error.Code);
        Assert.False(File.Exists(cellar.Source));
        Assert.Empty(cellar.Objects);
        Assert.False(Directory.Exists(cellar.Paths.Scratch));
    }

    [Fact]
    public async Task Run_WhileAnotherRuns_IsBusy()
    {
        using var entered = new SemaphoreSlim(0);
        using var leave = new ManualResetEventSlim();
        cellar.Store.Before = (operation, _) =>
        {
            if (operation == Operation.Put)
            {
                entered.Release();
                leave.Wait();
            }
        };
        var first = Task.Run(() => cellar.BackupAsync());
        await entered.WaitAsync(TestContext.Current.CancellationToken);
        var error = await Assert.ThrowsAsync<HoldfastException>(() => cellar.BackupAsync());
        Assert.Equal(ErrorCode.Busy, error.Code);
        Assert.Contains($"process {Environment.ProcessId} since", error.Message, StringComparison.Ordinal);
        leave.Set();
        await first;
        await cellar.BackupAsync();
    }

    [Fact]
    public async Task Run_WithOneTargetFailing_StoresAtTheOther()
    {
        using var elsewhere = new ScratchDirectory();
        using var other = new HookedStore(new DirectoryStore(elsewhere.Path, createRoot: false));
        other.Before = (operation, _) => Fail(operation == Operation.Put);
        var result = await cellar.RunAsync([new("broken", other), new("target", cellar.Store)]);
        Assert.Equal(ErrorCode.TargetUnreachable, result.Targets[0].Error!.Code);
        Assert.Null(result.Targets[0].Key);
        Assert.Null(result.Targets[1].Error);
        Assert.Equal(2, cellar.Objects.Count());
        Assert.Empty(Directory.GetFiles(elsewhere.Path));
        cellar.AssertNothingLeft();
    }

    [Fact]
    public async Task Run_WhenTheManifestCannotBeStored_RemovesTheCopy()
    {
        cellar.Store.Before = (operation, name) =>
            Fail(operation == Operation.Put && name.EndsWith(".json", StringComparison.Ordinal));
        await Assert.ThrowsAsync<StoreException>(() => cellar.BackupAsync());
        Assert.Empty(cellar.Objects);
        cellar.AssertNothingLeft();
    }

    [Fact]
    public async Task Run_WhenTheAnswerToTheManifestIsLost_FindsThatItArrived()
    {
        cellar.Store.After = (operation, name) =>
            Fail(operation == Operation.Put && name.EndsWith(".json", StringComparison.Ordinal));
        var key = await cellar.BackupAsync();
        Assert.Equal(Core.Retention.CopyState.Good, (await cellar.EntryAsync(key)).State);
    }

    [Fact]
    public async Task Run_WhenTheStoreGoesAwayBeforeTheManifest_LeavesAnUnverifiedCopyAtMost()
    {
        for (var operations = 1; operations <= 2; operations++)
        {
            using var another = new Cellar();
            another.Store.DieAfter = operations;
            await Assert.ThrowsAsync<StoreException>(() => another.BackupAsync());
            another.Store.DieAfter = 0;
            Assert.All(await another.ListAsync(), e => Assert.Equal(Core.Retention.CopyState.Unverified, e.State));
            Assert.All(await another.ListAsync(), e => Assert.False(e.IsMissing));
            another.AssertNothingLeft();
            await another.BackupAsync();
        }
    }

    [Theory]
    [InlineData(Operation.Head)]
    [InlineData(Operation.Put)]
    public async Task Run_WhenCancelled_LeavesNothing(Operation operation)
    {
        using var stop = new CancellationTokenSource();
        cellar.Store.Before = (current, _) =>
        {
            if (current == operation)
            {
                stop.Cancel();
            }
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            cellar.RunAsync([new("target", cellar.Store)], cancellationToken: stop.Token)
        );
        Assert.Empty(cellar.Objects);
        cellar.AssertNothingLeft();
    }

    [Fact]
    public async Task Run_WhenCancelledBetweenCopyAndManifest_RemovesTheCopy()
    {
        using var stop = new CancellationTokenSource();
        cellar.Store.After = (current, _) =>
        {
            if (current == Operation.Put)
            {
                stop.Cancel();
            }
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            cellar.RunAsync([new("target", cellar.Store)], cancellationToken: stop.Token)
        );
        Assert.Empty(cellar.Objects);
        cellar.AssertNothingLeft();
    }

    [Fact]
    public async Task Run_WithoutRoomForTheCopy_IsRefusedBeforehand()
    {
        var plan = cellar.Plan();
        plan = plan with { Source = new Enormous(plan.Source) };
        var error = await Assert.ThrowsAsync<HoldfastException>(() =>
            new SnapshotBackup(cellar.Paths, cellar.Clock).RunAsync(
                plan,
                [new("target", cellar.Store)],
                null,
                null,
                default
            )
        );
        Assert.Equal(ErrorCode.Failure, error.Code);
        Assert.Contains("--scratch", error.Hint, StringComparison.Ordinal);
        Assert.Empty(cellar.Objects);
        cellar.AssertNothingLeft();
    }

    [Fact]
    public async Task Run_AfterARunWasKilled_SweepsWhatItLeft()
    {
        var dead = Directory.CreateDirectory(Path.Combine(cellar.Paths.Scratch, "run-dead")).FullName;
        File.WriteAllText(Path.Combine(dead, "in-use"), "");
        File.WriteAllText(Path.Combine(dead, "1.db"), "half a copy");
        await cellar.BackupAsync();
        cellar.AssertNothingLeft();
    }

    [Fact]
    public async Task Run_WithoutTargets_IsNoSuccess() =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => cellar.RunAsync([]));

    [Fact]
    public async Task Run_WithAThousandCopiesOfOneName_SaysSo()
    {
        cellar.Name = "{database}-{time:yyyy}.db";
        for (var i = 1; i <= NameTemplate.LastSequence; i++)
        {
            File.WriteAllText(cellar[cellar.Plan().Name.Render(cellar.Clock.Now, null, "", i, ".gz")], "x");
        }

        var error = await Assert.ThrowsAsync<HoldfastException>(() => cellar.BackupAsync());
        Assert.Contains("{id}", error.Hint, StringComparison.Ordinal);
    }

    private static void Fail(bool now)
    {
        if (now)
        {
            throw HookedStore.Unreachable();
        }
    }

    private static SnapshotManifest Manifest(string sidecar, byte[] copy) =>
        new()
        {
            Run = "0123456789abcdef",
            Name = sidecar[..^5],
            Database = "cellar",
            Engine = "sqlite",
            EngineVersion = "3",
            MadeBy = "0",
            Source = "elsewhere",
            Host = "elsewhere",
            Time = DateTimeOffset.UnixEpoch,
            DurationSeconds = 1,
            Compression = "gzip",
            Size = copy.Length,
            Sha256 = Sha256Digest.Of(copy),
            ContentSize = 0,
            ContentSha256 = Sha256Digest.Of([]),
            Checks = [],
        };

    private async Task<ObjectKey> RunOnAnotherMachineAsync(int number)
    {
        var paths = new WorkPaths($"{cellar.Paths.Locks}-{number}", cellar.Paths.Scratch);
        var target = new SnapshotTarget("target", cellar.Store);
        var result = await new SnapshotBackup(paths, cellar.Clock).RunAsync(
            cellar.Plan(),
            [target],
            null,
            null,
            default
        );
        return result.Targets[0].Key ?? throw result.Targets[0].Error!;
    }

    /// <summary>A database that says it is larger than any disk.</summary>
    private sealed class Enormous(IDatabase inner) : IDatabase
    {
        public IDatabaseEngine Engine => inner.Engine;

        public string Address => inner.Address;

        public string Identity => inner.Identity;

        public Task<long> EstimateSizeAsync(CancellationToken cancellationToken) => Task.FromResult(1L << 60);

        public Task<CaptureReport> CaptureAsync(
            string copyPath,
            IProgress<ByteProgress>? progress,
            CancellationToken cancellationToken
        ) => throw new InvalidOperationException("there is no room");

        public Task<IReadOnlyList<Finding>> DiagnoseAsync(CancellationToken cancellationToken) =>
            inner.DiagnoseAsync(cancellationToken);
    }
}
