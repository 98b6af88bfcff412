using Holdfast.Core.Engines;
using Holdfast.Core.Errors;
using Holdfast.Core.Files;
using Holdfast.Core.Stores;

namespace Holdfast.Core.Snapshots;

/// <summary>What to do when the chosen copy turns out to be damaged.</summary>
public enum OnCorrupt
{
    /// <summary>End with an error; nothing was changed.</summary>
    Fail,

    /// <summary>Take the next older copy, and say so.</summary>
    Fallback,
}

/// <summary>How a snapshot is restored.</summary>
public sealed record RestoreRequest
{
    /// <summary>Where to.</summary>
    public required string Destination { get; init; }

    /// <summary>Which copy.</summary>
    public SnapshotSelection Selection { get; init; } = new();

    /// <summary>Replace what is at the destination, and go on when it is in use.</summary>
    public bool Force { get; init; }

    /// <summary>What to do when the copy is damaged.</summary>
    public OnCorrupt OnCorrupt { get; init; }

    /// <summary>
    /// The engine's check after the bytes were compared; null for: full when there is no manifest to compare with. A check
    /// that is named also takes the place of a manifest that is damaged.
    /// </summary>
    public CheckLevel? Check { get; init; }
}

/// <summary>What will be restored.</summary>
/// <param name="Candidates">The copy, and those to fall back to when it is damaged.</param>
/// <param name="Manifest">The manifest of the first; null when it has none.</param>
public sealed record RestorePlan(IReadOnlyList<SnapshotEntry> Candidates, SnapshotManifest? Manifest)
{
    /// <summary>The copy that is meant.</summary>
    public SnapshotEntry Entry => Candidates[0];
}

/// <summary>What was restored.</summary>
/// <param name="Entry">The copy that was used.</param>
/// <param name="Manifest">Its manifest; null when it has none.</param>
/// <param name="Placement">Where it was put.</param>
/// <param name="Bytes">The size of the restored file.</param>
/// <param name="Checks">What was checked: "sha256", and the engine's checks.</param>
/// <param name="Skipped">Newer copies that were damaged and passed over, with the reason.</param>
public sealed record RestoreResult(
    SnapshotEntry Entry,
    SnapshotManifest? Manifest,
    Placement Placement,
    long Bytes,
    IReadOnlyList<string> Checks,
    IReadOnlyList<string> Skipped
);

/// <summary>Restores snapshots from one target. Thread-safe.</summary>
public sealed class SnapshotRestore(IObjectStore store, SnapshotCatalogue catalogue, WorkPaths paths, TimeProvider time)
{
    /// <summary>Chooses the copy; nothing is changed anywhere.</summary>
    /// <exception cref="HoldfastException"><see cref="ErrorCode.NothingSatisfies"/>: no copy fits the request.</exception>
    public async Task<RestorePlan> PlanAsync(SnapshotSelection selection, CancellationToken cancellationToken)
    {
        var candidates = selection.Choose(await catalogue.ListAsync(cancellationToken), store.Address);
        for (var i = 0; i < candidates.Count; i++)
        {
            var manifest = await FindManifestAsync(candidates[i], cancellationToken);

            // A name tells the time in whole seconds, or days: only the manifest knows whether the copy is too young.
            if (selection.At is null || manifest is null || manifest.Time <= selection.At)
            {
                return new RestorePlan([.. candidates.Skip(i)], manifest);
            }
        }

        throw selection.TooFew(candidates, store.Address);
    }

    /// <summary>Carries a plan out: fetch, compare, check, swap.</summary>
    /// <exception cref="HoldfastException">
    /// The destination is as it was: it was refused, or no candidate was good. Code
    /// <see cref="ErrorCode.VerificationFailed"/> for damage.
    /// </exception>
    public async Task<RestoreResult> RunAsync(
        RestorePlan plan,
        IDatabaseEngine engine,
        RestoreRequest request,
        IProgress<StepProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        using var runLock = RunLock.Acquire(
            paths.Locks,
            $"restore {Path.GetFullPath(request.Destination)}",
            $"a restore to {request.Destination}",
            time
        );
        var skipped = new List<string>();
        foreach (var entry in plan.Candidates)
        {
            try
            {
                RequireThere(entry);
                var manifest =
                    (entry == plan.Entry ? plan.Manifest : null)
                    ?? await ReadManifestAsync(entry, request, cancellationToken);
                return await RestoreAsync(entry, manifest, engine, request, skipped, progress, cancellationToken);
            }
            catch (HoldfastException error) when (request.OnCorrupt == OnCorrupt.Fallback && IsOfCopy(error))
            {
                skipped.Add(error.Message);
            }
        }

        throw new HoldfastException(
            ErrorCode.VerificationFailed,
            $"none of the {plan.Candidates.Count} copies at {store.Address} that fit the request is good: {skipped[^1]}",
            "try another target, or a copy of any age: --id ID"
        );
    }

    // Damaged, or deleted since it was listed.
    private static bool IsOfCopy(HoldfastException error) =>
        error.Code == ErrorCode.VerificationFailed || error is StoreException { Fault: StoreFault.NotFound };

    private async Task<RestoreResult> RestoreAsync(
        SnapshotEntry entry,
        SnapshotManifest? manifest,
        IDatabaseEngine engine,
        RestoreRequest request,
        List<string> skipped,
        IProgress<StepProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        await using var destination = await engine.PrepareRestoreAsync(
            request.Destination,
            request.Force,
            cancellationToken
        );
        var free = new DriveInfo(Path.GetDirectoryName(destination.StagingPath)!).AvailableFreeSpace;
        RequireSpace(request, manifest?.ContentSize ?? entry.Size, free);
        var room = SnapshotReader.MostOf(free);
        var bytes = await FetchAsync(entry, manifest, destination, room, progress, cancellationToken);
        List<string> checks = manifest is null ? [] : ["sha256"];
        var level = request.Check ?? (manifest is null ? CheckLevel.Integrity : CheckLevel.None);
        if (level != CheckLevel.None)
        {
            checks.AddRange(
                await CheckAsync(entry, manifest, engine, destination.StagingPath, level, cancellationToken)
            );
        }

        var placement = await destination.CommitAsync(cancellationToken);
        return new RestoreResult(entry, manifest, placement, bytes, checks, skipped);
    }

    private async Task<IReadOnlyList<string>> CheckAsync(
        SnapshotEntry entry,
        SnapshotManifest? manifest,
        IDatabaseEngine engine,
        string path,
        CheckLevel level,
        CancellationToken cancellationToken
    )
    {
        var report = await engine.CheckAsync(path, level, cancellationToken);
        var problems = report.Outcome == CheckOutcome.Good ? RowCounts.Compare(manifest, report) : report.Problems;
        if (report.Outcome == CheckOutcome.Good && problems.Count == 0)
        {
            return report.Checks;
        }

        var code = report.Outcome == CheckOutcome.Inconclusive ? ErrorCode.Failure : ErrorCode.VerificationFailed;
        throw new HoldfastException(
            code,
            $"the copy {entry.Key} at {store.Address} does not pass its check: {(problems.Count > 0 ? problems[0] : "nothing was said")}",
            "take another copy: --id ID, --nth 2, or --on-corrupt fallback"
        );
    }

    private async Task<long> FetchAsync(
        SnapshotEntry entry,
        SnapshotManifest? manifest,
        IRestoreDestination destination,
        long maxBytes,
        IProgress<StepProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await SnapshotReader.ReadAsync(
                store,
                entry,
                manifest,
                Math.Max(0, maxBytes),
                destination.Staging.Write,
                StepReporter.For(progress, "restore"),
                cancellationToken
            );
        }
        catch (IOException error)
        {
            throw LocalFailure.Of($"writing {destination.StagingPath}", error, "restore elsewhere: --output PATH");
        }
    }

    private void RequireThere(SnapshotEntry entry)
    {
        if (entry.IsMissing)
        {
            throw new HoldfastException(
                ErrorCode.VerificationFailed,
                $"the copy {entry.Key} at {store.Address} is missing: only its manifest is there",
                "take another copy: --id ID, --nth 2, or --on-corrupt fallback"
            );
        }
    }

    // Whoever names a check has said that it may take the place of the manifest.
    private async Task<SnapshotManifest?> ReadManifestAsync(
        SnapshotEntry entry,
        RestoreRequest request,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await catalogue.ReadManifestAsync(entry, cancellationToken);
        }
        catch (StoreException error)
            when (error.Fault == StoreFault.NotFound
                || (error.Fault == StoreFault.Damaged && request.Check is not (null or CheckLevel.None))
            )
        {
            return null;
        }
    }

    // For choosing a copy its name is enough; whether it can be used is found out when it is.
    private async Task<SnapshotManifest?> FindManifestAsync(SnapshotEntry entry, CancellationToken cancellationToken)
    {
        try
        {
            return await catalogue.ReadManifestAsync(entry, cancellationToken);
        }
        catch (StoreException error) when (error.Fault is StoreFault.Damaged or StoreFault.NotFound)
        {
            return null;
        }
    }

    private static void RequireSpace(RestoreRequest request, long needed, long free)
    {
        if (free < needed)
        {
            throw new HoldfastException(
                ErrorCode.Failure,
                $"{request.Destination} needs {ByteText.Of(needed)}, and {ByteText.Of(free)} are free there",
                "make room, or restore elsewhere: --output PATH"
            );
        }
    }
}
