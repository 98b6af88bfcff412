using Holdfast.Core.Codecs;
using Holdfast.Core.Engines;
using Holdfast.Core.Errors;
using Holdfast.Core.Files;
using Holdfast.Core.Stores;
using Holdfast.Core.Vault;

namespace Holdfast.Core.Snapshots;

/// <summary>How the snapshots of one database are made.</summary>
public sealed record SnapshotPlan
{
    /// <summary>The database's name.</summary>
    public required string Database { get; init; }

    /// <summary>The database.</summary>
    public required IDatabase Source { get; init; }

    /// <summary>How copies are named.</summary>
    public required NameTemplate Name { get; init; }

    /// <summary>The compression. <value>The default value is gzip.</value></summary>
    public Compression Compression { get; init; } = Compression.Gzip;

    /// <summary>The level of the compression; null for its default.</summary>
    public int? Level { get; init; }

    /// <summary>Copies of up to this many bytes are not compressed. <value>The default value is 0.</value></summary>
    public long CompressAbove { get; init; }

    /// <summary>Who can open the copies. <value>The default value is nobody in particular: they are not encrypted.</value></summary>
    public IReadOnlyCollection<PublicKey> Recipients { get; init; } = [];

    /// <summary>How the copy is checked before it counts. <value>The default value is Integrity.</value></summary>
    public CheckLevel Check { get; init; } = CheckLevel.Integrity;
}

/// <summary>A named target.</summary>
/// <param name="Name">The name in the configuration, or the address.</param>
/// <param name="Store">Where copies go.</param>
public sealed record SnapshotTarget(string Name, IObjectStore Store);

/// <summary>What became of a snapshot at one target.</summary>
/// <param name="Target">The target.</param>
/// <param name="Key">The stored object; null when it failed.</param>
/// <param name="Error">Why it failed; null when it did not.</param>
public sealed record StoredSnapshot(SnapshotTarget Target, ObjectKey? Key, HoldfastException? Error);

/// <summary>What a backup came to. At least one target holds the copy, unless every one has an error.</summary>
/// <param name="Manifest">What the copy is.</param>
/// <param name="Targets">What became of it at each target.</param>
/// <param name="Warnings">What a person should know.</param>
public sealed record BackupResult(
    SnapshotManifest Manifest,
    IReadOnlyList<StoredSnapshot> Targets,
    IReadOnlyList<string> Warnings
);

/// <summary>
/// Makes snapshots: capture, check, compress, store, manifest. Thread-safe; two backups of one database at once are
/// refused by a lock.
/// </summary>
/// <param name="paths">Where this user's locks and scratch files are.</param>
/// <param name="time">The clock.</param>
public sealed class SnapshotBackup(WorkPaths paths, TimeProvider time)
{
    private const string OtherScratch = "take a directory with more room: --scratch DIR";

    /// <summary>Makes one snapshot and stores it at each target.</summary>
    /// <exception cref="HoldfastException">
    /// Nothing was stored anywhere: the source is missing or busy, the copy failed its check, there is no space, or
    /// another backup of the database runs.
    /// </exception>
    public async Task<BackupResult> RunAsync(
        SnapshotPlan plan,
        IReadOnlyList<SnapshotTarget> targets,
        string? reason,
        IProgress<StepProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        ArgumentOutOfRangeException.ThrowIfZero(targets.Count);
        using var runLock = RunLock.Acquire(
            paths.Locks,
            $"backup {plan.Source.Identity}",
            $"a backup of {plan.Source.Address}",
            time
        );
        var size = await plan.Source.EstimateSizeAsync(cancellationToken);
        _ = Scratch.SweepOrphans(paths.Scratch, time);
        using var scratch = Scratch.Create(paths.Scratch);
        RequireSpace(scratch, plan, size);

        var began = time.GetUtcNow();
        var copy = scratch.NewPath(plan.Source.Engine.FileExtension);
        var capture = await plan.Source.CaptureAsync(copy, StepReporter.For(progress, "copy"), cancellationToken);
        var compression = new FileInfo(copy).Length <= plan.CompressAbove ? Compression.None : plan.Compression;

        // The check reads what compression reads: on two cores they cost little more than one of them.
        var (staged, checks) = await BothAsync(
            token => TryStageAsync(copy, compression, plan, scratch, StepReporter.For(progress, "compress"), token),
            token => plan.Source.Engine.CheckAsync(copy, plan.Check, token),
            cancellationToken
        );
        RequireGood(checks, plan);

        var run = Guid.NewGuid().ToString("N");
        var manifest = new SnapshotManifest
        {
            Run = run,
            Name = "",
            Database = plan.Database,
            Engine = plan.Source.Engine.Name,
            EngineVersion = capture.EngineVersion,
            MadeBy = ProductVersion.Text,
            Source = plan.Source.Address,
            Host = Environment.MachineName,
            Time = began,
            DurationSeconds = Math.Round((time.GetUtcNow() - began).TotalSeconds, 3),
            Reason = reason,
            Compression = compression.Name(),
            Size = staged.Object.Length,
            Sha256 = staged.Object.Sha256,
            ContentSize = staged.ContentSize,
            ContentSha256 = staged.ContentSha256,
            Checks = checks.Checks,
            Rows = plan.Recipients.Count == 0 ? checks.Rows : new Dictionary<string, long>(),
            Details = capture.Details,
        }.Bounded();
        var stored = await Task.WhenAll(
            targets.Select(t => StoreAsync(t, plan, manifest, run[..8], compression, staged.Object, cancellationToken))
        );
        return new BackupResult(manifest, stored, [.. capture.Warnings, .. checks.Notes]);
    }

    private static async Task<StoredSnapshot> StoreAsync(
        SnapshotTarget target,
        SnapshotPlan plan,
        SnapshotManifest manifest,
        string id,
        Compression compression,
        ObjectContent content,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var ending = compression.Extension() + (plan.Recipients.Count > 0 ? SealedFile.Extension : "");
            var key = await SnapshotWriter.WriteAsync(
                target.Store,
                sequence => plan.Name.Render(manifest.Time, manifest.Reason, id, sequence, ending),
                manifest,
                content,
                cancellationToken
            );
            return new StoredSnapshot(target, key, Error: null);
        }
        catch (HoldfastException error)
        {
            return new StoredSnapshot(target, Key: null, error);
        }
        catch (Exception error) when (LocalFailure.Is(error))
        {
            // What other targets hold counts nevertheless.
            return new StoredSnapshot(
                target,
                Key: null,
                LocalFailure.Of("reading the staged copy", error, OtherScratch)
            );
        }
    }

    private static async Task<StagedCopy> TryStageAsync(
        string copy,
        Compression compression,
        SnapshotPlan plan,
        Scratch scratch,
        StepReporter? progress,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await StageAsync(copy, compression, plan, scratch, progress, cancellationToken);
        }
        catch (Exception error) when (LocalFailure.Is(error))
        {
            throw LocalFailure.Of($"staging the copy in {scratch.Path}", error, OtherScratch);
        }
    }

    private static async Task<StagedCopy> StageAsync(
        string copy,
        Compression compression,
        SnapshotPlan plan,
        Scratch scratch,
        StepReporter? progress,
        CancellationToken cancellationToken
    )
    {
        await using var source = new FileStream(copy, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        await using var content = new HashingStream(source);
        var total = source.Length;
        if (compression == Compression.None && plan.Recipients.Count == 0)
        {
            var size = await PipelinedCopy.RunAsync(content, _ => Report(), cancellationToken);
            var digest = content.Digest();
            return new StagedCopy(ObjectContent.FromFile(copy, size, digest), size, digest);
        }

        var stagedPath = scratch.NewPath(compression.Extension() + ".staged");
        await using var file = new FileStream(
            stagedPath,
            FileMode.CreateNew,
            FileAccess.Write,
            FileShare.Read,
            256 * 1024
        );
        await using var stored = new HashingStream(file);
        await using (var sealing = plan.Recipients.Count > 0 ? SealedFile.Seal(stored, plan.Recipients) : null)
        await using (var encoder = compression.Encode(sealing ?? stored, plan.Level))
        {
            await PipelinedCopy.RunAsync(
                content,
                piece =>
                {
                    encoder.Write(piece);
                    Report();
                },
                cancellationToken
            );
        }

        await file.FlushAsync(cancellationToken);
        return new StagedCopy(
            ObjectContent.FromFile(stagedPath, stored.Count, stored.Digest()),
            content.Count,
            content.Digest()
        );

        void Report() => progress?.Report(new ByteProgress(source.Position, total));
    }

    private static void RequireSpace(Scratch scratch, SnapshotPlan plan, long size)
    {
        // The copy, and its compressed form beside it, which can be a little larger than the copy at worst.
        var needed = plan.Compression == Compression.None && plan.Recipients.Count == 0 ? size : size * 2;
        var free = scratch.FreeBytes;
        if (free < needed)
        {
            throw new HoldfastException(
                ErrorCode.Failure,
                $"a backup of {plan.Source.Address} may need {ByteText.Of(needed)} in {scratch.Path}, and {ByteText.Of(free)} are free",
                OtherScratch
            );
        }
    }

    private static void RequireGood(CheckReport report, SnapshotPlan plan)
    {
        if (report.Outcome == CheckOutcome.Good)
        {
            return;
        }

        var found = report.Problems.Count > 0 ? report.Problems[0] : "nothing was said";
        throw report.Outcome == CheckOutcome.Bad
            ? new HoldfastException(
                ErrorCode.VerificationFailed,
                $"{plan.Source.Address} is damaged, its copy fails the check: {found}; nothing was stored, earlier copies are untouched",
                "restore an earlier copy beside it and compare: holdfast restore --nth 1 --output PATH"
            )
            : new HoldfastException(
                ErrorCode.Failure,
                $"the copy of {plan.Source.Address} could not be checked: {found}; nothing was stored"
            );
    }

    // When one fails the other is ended and awaited, so that nobody reads files that are about to be removed.
    private static async Task<(T1 First, T2 Second)> BothAsync<T1, T2>(
        Func<CancellationToken, Task<T1>> first,
        Func<CancellationToken, Task<T2>> second,
        CancellationToken cancellationToken
    )
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var one = Task.Run(() => first(stop.Token), CancellationToken.None);
        var two = Task.Run(() => second(stop.Token), CancellationToken.None);
        var earlier = await Task.WhenAny(one, two);
        if (!earlier.IsCompletedSuccessfully)
        {
            await stop.CancelAsync();
        }

        await Task.WhenAll(one, two).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await earlier;
        return (await one, await two);
    }

    private sealed record StagedCopy(ObjectContent Object, long ContentSize, Sha256Digest ContentSha256);
}
