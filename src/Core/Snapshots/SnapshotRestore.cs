using Holdfast.Core.Engines;
using Holdfast.Core.Errors;
using Holdfast.Core.Files;
using Holdfast.Core.Restoring;
using Holdfast.Core.Stores;
using Holdfast.Core.Vault;

namespace Holdfast.Core.Snapshots;

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
public sealed record RestoreResult(
    SnapshotEntry Entry,
    SnapshotManifest? Manifest,
    Placement Placement,
    long Bytes,
    IReadOnlyList<string> Checks
);

/// <summary>Restores snapshots from one target. Thread-safe.</summary>
public sealed class SnapshotRestore(IObjectStore store, SnapshotCatalogue catalogue, WorkPaths paths, TimeProvider time)
{
    /// <summary>Gives the key of encrypted copies; null when there is none.</summary>
    public Func<CancellationToken, Task<PrivateKey>>? Key { get; init; }

    /// <summary>Where the copies are.</summary>
    public IObjectStore Store => store;

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

    /// <summary>The plan for the next older copy.</summary>
    internal async Task<RestorePlan> NextAsync(RestorePlan plan, CancellationToken cancellationToken) =>
        new([.. plan.Candidates.Skip(1)], await FindManifestAsync(plan.Candidates[1], cancellationToken));

    /// <summary>Restores the copy that is meant: fetch, compare, check, swap.</summary>
    /// <exception cref="HoldfastException">
    /// The destination is as it was: it was refused, or the copy is not good. Code
    /// <see cref="ErrorCode.VerificationFailed"/> for damage.
    /// </exception>
    public async Task<RestoreResult> RunAsync(
        RestorePlan plan,
        IDatabaseEngine engine,
        RestoreRequest request,
        IProgress<ByteProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var entry = plan.Entry;
        RequireThere(entry);
        var manifest = plan.Manifest ?? await ReadManifestAsync(entry, request, cancellationToken);
        await using var file = await RestoringFile.BeginAsync(request, engine, paths, time, cancellationToken);
        file.RequireSpace(manifest?.ContentSize ?? entry.Size);
        var bytes = await FetchAsync(entry, manifest, file, progress, cancellationToken);
        List<string> checks = manifest is null ? [] : ["sha256"];
        var level = request.Check ?? (manifest is null ? CheckLevel.Integrity : CheckLevel.None);
        if (level != CheckLevel.None)
        {
            checks.AddRange(await CheckAsync(entry, manifest, file, level, cancellationToken));
        }

        var placement = await file.FinishAsync(cancellationToken);
        return new RestoreResult(entry, manifest, placement, bytes, checks);
    }

    private async Task<IReadOnlyList<string>> CheckAsync(
        SnapshotEntry entry,
        SnapshotManifest? manifest,
        RestoringFile file,
        CheckLevel level,
        CancellationToken cancellationToken
    )
    {
        var report = await file.CheckAsync(level, cancellationToken);
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
        RestoringFile file,
        IProgress<ByteProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var destination = file.Destination;
        try
        {
            return await SnapshotReader.ReadAsync(
                store,
                entry,
                manifest,
                Math.Max(0, SnapshotReader.MostOf(file.FreeBytes)),
                Key,
                destination.Staging.Write,
                progress,
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
}
