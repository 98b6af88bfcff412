using Holdfast.Core.Engines;
using Holdfast.Core.Errors;
using Holdfast.Core.Files;
using Holdfast.Core.Restoring;
using Holdfast.Core.Stores;
using Holdfast.Core.Vault;

namespace Holdfast.Core.Snapshots;

/// <summary>What the verification of one snapshot came to.</summary>
/// <param name="Entry">The copy.</param>
/// <param name="Outcome">Good, bad or inconclusive.</param>
/// <param name="Checks">What was checked.</param>
/// <param name="Problems">What was found.</param>
/// <param name="Duration">How long it took.</param>
/// <param name="Recorded">Whether the result is recorded with the copy.</param>
public sealed record VerificationResult(
    SnapshotEntry Entry,
    CheckOutcome Outcome,
    IReadOnlyList<string> Checks,
    IReadOnlyList<string> Problems,
    TimeSpan Duration,
    bool Recorded
);

/// <summary>Verifies snapshots at one target, and records the result with each. Thread-safe.</summary>
public sealed class SnapshotVerification(
    IObjectStore store,
    SnapshotCatalogue catalogue,
    WorkPaths paths,
    TimeProvider time
)
{
    /// <summary>Gives the key of encrypted copies; null when there is none.</summary>
    public Func<CancellationToken, Task<PrivateKey>>? Key { get; init; }

    /// <summary>Verifies one snapshot. Damage is an outcome, not an exception.</summary>
    public async Task<VerificationResult> RunAsync(
        SnapshotEntry entry,
        IDatabaseEngine engine,
        VerifyLevel level,
        IProgress<StepProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var began = time.GetTimestamp();
        var checks = new List<string>();
        var (outcome, problems) = await JudgeAsync(entry, engine, level, checks, progress, cancellationToken);
        var duration = time.GetElapsedTime(began);
        var recorded =
            outcome != CheckOutcome.Inconclusive
            && await RecordAsync(entry, level, outcome, checks, problems, duration, cancellationToken);
        return new VerificationResult(entry, outcome, checks, problems, duration, recorded);
    }

    private async Task<(CheckOutcome Outcome, IReadOnlyList<string> Problems)> JudgeAsync(
        SnapshotEntry entry,
        IDatabaseEngine engine,
        VerifyLevel level,
        List<string> checks,
        IProgress<StepProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var manifest = await catalogue.ReadManifestAsync(entry, cancellationToken);
            await CheckStoredAsync(entry, manifest, checks, cancellationToken);
            if (level == VerifyLevel.Stored)
            {
                return (CheckOutcome.Good, []);
            }

            if (level == VerifyLevel.Content)
            {
                await FetchAsync(entry, manifest, file: null, long.MaxValue, checks, progress, cancellationToken);
                return (CheckOutcome.Good, []);
            }

            return await RestoreAsync(entry, manifest, engine, checks, progress, cancellationToken);
        }
        catch (StoreException error) when (error.Fault == StoreFault.NotFound)
        {
            return await IsDeletedAsync(entry, cancellationToken)
                ? (CheckOutcome.Inconclusive, [$"{entry.Key} was deleted from {store.Address} meanwhile"])
                : (CheckOutcome.Bad, [error.Message]);
        }
        catch (HoldfastException error) when (IsDamage(error))
        {
            return (CheckOutcome.Bad, [error.Message]);
        }
        catch (Exception error)
            when (error is HoldfastException { Code: not ErrorCode.WrongKey } || LocalFailure.Is(error))
        {
            // The network, the disk or the rights failed: that says nothing of the copy.
            return (CheckOutcome.Inconclusive, [error.Message]);
        }
    }

    private static bool IsDamage(HoldfastException error) =>
        error is StoreException { Fault: StoreFault.Damaged }
        || (error is not StoreException && error.Code == ErrorCode.VerificationFailed);

    // Whoever deletes a copy begins with its manifest: what is gone with its manifest was not lost.
    private async Task<bool> IsDeletedAsync(SnapshotEntry entry, CancellationToken cancellationToken)
    {
        try
        {
            return await store.HeadAsync(Sidecar.Manifest.For(entry.Key), cancellationToken) is null;
        }
        catch (StoreException)
        {
            // As little is known of the copy as of its manifest.
            return true;
        }
    }

    private async Task CheckStoredAsync(
        SnapshotEntry entry,
        SnapshotManifest? manifest,
        List<string> checks,
        CancellationToken cancellationToken
    )
    {
        var found =
            await store.HeadAsync(entry.Key, cancellationToken)
            ?? throw new StoreException(StoreFault.NotFound, $"{entry.Key} is missing at {store.Address}");
        checks.Add("present");
        if (found.Size == 0)
        {
            throw new StoreException(StoreFault.Damaged, $"{entry.Key} at {store.Address} is empty");
        }

        if (manifest is null)
        {
            return;
        }

        if (found.Size != manifest.Size)
        {
            throw new StoreException(
                StoreFault.Damaged,
                $"{entry.Key} at {store.Address} has {found.Size} bytes where {manifest.Size} were stored"
            );
        }

        checks.Add("size");
        if (found.Sha256 is { } digest)
        {
            if (digest != manifest.Sha256)
            {
                throw new StoreException(
                    StoreFault.Damaged,
                    $"{entry.Key} at {store.Address} is kept with another SHA-256 than the one that was recorded"
                );
            }

            checks.Add("stored sha256");
        }
    }

    private async Task FetchAsync(
        SnapshotEntry entry,
        SnapshotManifest? manifest,
        FileStream? file,
        long maxBytes,
        List<string> checks,
        IProgress<StepProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        await SnapshotReader.ReadAsync(
            store,
            entry,
            manifest,
            maxBytes,
            Key,
            piece => file?.Write(piece),
            StepReporter.For(progress, "verify"),
            cancellationToken
        );
        checks.Add(manifest is null ? "unpacked" : "sha256");
    }

    private async Task<(CheckOutcome, IReadOnlyList<string>)> RestoreAsync(
        SnapshotEntry entry,
        SnapshotManifest? manifest,
        IDatabaseEngine engine,
        List<string> checks,
        IProgress<StepProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        _ = Scratch.SweepOrphans(paths.Scratch, time);
        using var scratch = Scratch.Create(paths.Scratch);
        var path = scratch.NewPath(engine.FileExtension);
        var free = scratch.FreeBytes;
        if (free < (manifest?.ContentSize ?? entry.Size))
        {
            throw new HoldfastException(
                ErrorCode.Failure,
                $"{entry.Key} needs {ByteText.Of(manifest?.ContentSize ?? entry.Size)} in {scratch.Path}, and {ByteText.Of(free)} are free"
            );
        }

        await using (
            var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0)
        )
        {
            await FetchAsync(entry, manifest, file, SnapshotReader.MostOf(free), checks, progress, cancellationToken);
        }

        var report = await engine.CheckAsync(path, CheckLevel.Integrity, cancellationToken);
        checks.AddRange(report.Checks);
        if (report.Outcome != CheckOutcome.Good)
        {
            return (report.Outcome, report.Problems);
        }

        var differences = RowCounts.Compare(manifest, report);
        if (manifest is { Rows.Count: > 0 })
        {
            checks.Add("row counts");
        }

        return (differences.Count == 0 ? CheckOutcome.Good : CheckOutcome.Bad, differences);
    }

    private async Task<bool> RecordAsync(
        SnapshotEntry entry,
        VerifyLevel level,
        CheckOutcome outcome,
        List<string> checks,
        IReadOnlyList<string> problems,
        TimeSpan duration,
        CancellationToken cancellationToken
    )
    {
        var good = outcome == CheckOutcome.Good;
        if (good && level == VerifyLevel.Stored)
        {
            // That an object is there proves too little to be remembered in the place of a real check.
            return false;
        }

        try
        {
            var earlier = await ReadEarlierAsync(entry, cancellationToken);
            var now = time.GetUtcNow();
            var seconds = Math.Round(duration.TotalSeconds, 3);
            var record = new VerificationRecord
            {
                Time = now,
                Level = NameOf(level),
                Outcome = good ? "good" : "bad",
                DurationSeconds = seconds,
                Checks = checks,
                Problems = problems,
                Proven = good && level == VerifyLevel.Restore ? new ProvenRestore(now, seconds) : earlier?.Proven,
            };
            await WriteAsync(record, good ? Sidecar.Verified : Sidecar.Damaged);
            if (good && Settles(level, entry, earlier))
            {
                await store.DeleteAsync(Sidecar.Damaged.For(entry.Key), cancellationToken);
            }

            return true;
        }
        catch (StoreException)
        {
            // Reading credentials may not write. The caller says that the result is not recorded.
            return false;
        }

        Task WriteAsync(VerificationRecord record, Sidecar sidecar) =>
            catalogue.WriteAsync(
                sidecar,
                entry.Key,
                record,
                SnapshotJson.Default.VerificationRecord,
                cancellationToken
            );
    }

    // Damage that a restore found is not disproven by comparing bytes: they may be the bytes that do not restore.
    private static bool Settles(VerifyLevel level, SnapshotEntry entry, VerificationRecord? earlier) =>
        level == VerifyLevel.Restore
        || !entry.Sidecars.Contains(Sidecar.Damaged)
        || (earlier is not null && earlier.Level != NameOf(VerifyLevel.Restore));

    private static string NameOf(VerifyLevel level) => level.ToString().ToLowerInvariant();

    private async Task<VerificationRecord?> ReadEarlierAsync(
        SnapshotEntry entry,
        CancellationToken cancellationToken
    ) => (await catalogue.ReadVerificationsAsync([entry], cancellationToken)).GetValueOrDefault(entry.Key);
}
