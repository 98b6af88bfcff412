using Holdfast.Core.Engines;
using Holdfast.Core.Errors;
using Holdfast.Core.Files;
using Holdfast.Core.Restoring;

namespace Holdfast.Core.Timeline.Restore;

/// <summary>A commit of a timeline. Not thread-safe.</summary>
public sealed class TimelineMoment(TimelineCatalogue catalogue, TimelinePlan plan, WorkPaths paths, TimeProvider time)
    : RestorableMoment
{
    private TimelineCatalogue? united;

    /// <summary>What shows that the pages are those of the commit.</summary>
    public const string Check = "page_hashes";

    /// <summary>Where the timeline is.</summary>
    public TimelineCatalogue Catalogue => catalogue;

    /// <summary>What other targets hold of the same timeline: what is lost here is taken from there.</summary>
    public IReadOnlyList<TimelineCatalogue> Others { get; init; } = [];

    /// <summary>The commit, and how it is restored.</summary>
    public TimelinePlan Plan => plan;

    /// <inheritdoc/>
    public override DateTimeOffset Time => plan.Target.Time;

    /// <inheritdoc/>
    public override int Rank => 0;

    /// <inheritdoc/>
    public override bool IsSameAs(RestorableMoment other) =>
        other is TimelineMoment theirs
        && theirs.Plan.Lineage.Id == plan.Lineage.Id
        && theirs.Plan.Target.Number == plan.Target.Number;

    /// <inheritdoc/>
    public override Task<RestoreEstimate> EstimateAsync(CancellationToken cancellationToken) =>
        new TimelineRestore(catalogue).EstimateAsync(plan, cancellationToken);

    /// <inheritdoc/>
    public override async Task<RestoredMoment> RestoreAsync(
        IDatabaseEngine engine,
        RestoreRequest request,
        IProgress<ByteProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        await using var file = await RestoringFile.BeginAsync(request, engine, paths, time, cancellationToken);
        file.RequireSpace(plan.DatabaseBytes);
        var restored = await WriteAsync(file, request, progress, cancellationToken);
        List<string> checks = [Check];
        if (request.Check is { } level and not CheckLevel.None)
        {
            checks.AddRange(await CheckAsync(file, level, cancellationToken));
        }

        return new RestoredMoment(
            new TimelineMoment(catalogue, restored.Plan, paths, time),
            await file.FinishAsync(cancellationToken),
            restored.Plan.DatabaseBytes,
            restored.BytesRead,
            checks,
            [
                .. restored.Lost.Select(l => $"{l.Message}; the commit was restored without it"),
                .. Borrowed(restored.Plan),
            ]
        );
    }

    /// <inheritdoc/>
    public override async Task<RestorableMoment?> OlderAsync(CancellationToken cancellationToken)
    {
        // What was found to be lost is known to the lineage by now.
        var planner = new TimelinePlanner(catalogue);
        var before = TimelinePlanner.Nearest(plan.Lineage, plan.Target.Number - 1, plan.Target.Number).Before;
        while (before is { } commit)
        {
            try
            {
                var older = await planner.PlanAsync(plan.Lineage, commit, cancellationToken);
                return new TimelineMoment(catalogue, older, paths, time);
            }
            catch (CommitUnavailableException error)
            {
                before = error.Before < commit ? error.Before : null;
            }
        }

        return null;
    }

    private async Task<TimelineRestored> WriteAsync(
        RestoringFile file,
        RestoreRequest request,
        IProgress<ByteProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var staging = file.Destination;
        try
        {
            using var similar = Open(request.Similar);
            var pages = new PageFile(staging.Staging.SafeFileHandle, plan.PageSize, staging.StagingPath);
            var options = new TimelineRestoreOptions
            {
                Existing = similar is null ? null : new PageFile(similar, plan.PageSize, request.Similar!),
                Progress = progress,
            };
            var restored = await RunAsync(pages, options, cancellationToken);
            pages.SetPages(restored.Plan.Target.DatabasePages);
            return restored;
        }
        catch (IOException error)
        {
            throw LocalFailure.Of($"writing {staging.StagingPath}", error, "restore elsewhere: --output PATH");
        }
    }

    private async Task<TimelineRestored> RunAsync(
        PageFile pages,
        TimelineRestoreOptions options,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await new TimelineRestore(catalogue).RunAsync(plan, pages, options, cancellationToken);
        }
        catch (HoldfastException error)
            when (Others.Count > 0 && error.Code is ErrorCode.VerificationFailed or ErrorCode.NothingSatisfies)
        {
            united = TimelineCatalogue.Unite([catalogue, .. Others]);
            var request = new TimelineRequest { Commit = plan.Target.Number, Lineage = plan.Lineage.Id };
            var way = await new TimelinePlanner(united).PlanAsync(request, cancellationToken);
            return await new TimelineRestore(united).RunAsync(way, pages, options, cancellationToken);
        }
    }

    /// <summary>What had to be taken from other targets, by target.</summary>
    private IEnumerable<string> Borrowed(TimelinePlan way) =>
        way
            .NewestFirst.Where(segment => segment.Origin > 0)
            .GroupBy(segment => segment.Origin)
            .Select(taken =>
                $"{taken.Count()} {(taken.Count() == 1 ? "object was" : "objects were")} taken from {(united ?? catalogue).OriginOf(taken.First()).Store.Address}, as {catalogue.Store.Address} cannot give what is needed; repair it: holdfast repair {catalogue.Database}"
            );

    private async Task<IReadOnlyList<string>> CheckAsync(
        RestoringFile file,
        CheckLevel level,
        CancellationToken cancellationToken
    )
    {
        var report = await file.CheckAsync(level, cancellationToken);
        return report.Outcome == CheckOutcome.Good
            ? report.Checks
            : throw new HoldfastException(
                report.Outcome == CheckOutcome.Inconclusive ? ErrorCode.Failure : ErrorCode.VerificationFailed,
                $"commit {plan.Target.Number} of {catalogue.Database} is what was committed, and does not pass its check: {(report.Problems.Count > 0 ? report.Problems[0] : "nothing was said")}",
                "the database was damaged then already; restore an older commit: --commit N, --at WHEN"
            );
    }

    // It only saves fetching: what cannot be read is fetched.
    private static Microsoft.Win32.SafeHandles.SafeFileHandle? Open(string? path)
    {
        try
        {
            return path is not null && File.Exists(path) ? DurableFiles.OpenForReading(path) : null;
        }
        catch (Exception error) when (LocalFailure.Is(error))
        {
            return null;
        }
    }
}
