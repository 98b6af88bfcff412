using Holdfast.Cli.CommandLine;
using Holdfast.Cli.Setup;
using Holdfast.Core.Errors;
using Holdfast.Core.Retention;
using Holdfast.Core.Snapshots;

namespace Holdfast.Cli.Verbs;

/// <summary>The copy to restore, and the target it is taken from.</summary>
/// <param name="Target">The target.</param>
/// <param name="Restore">Its restores.</param>
/// <param name="Plan">What will be restored.</param>
internal sealed record RestoreChoice(TargetSetup Target, SnapshotRestore Restore, RestorePlan Plan)
{
    private DateTimeOffset Time => Plan.Manifest?.Time ?? Plan.Entry.Name.Time;

    /// <summary>Asks all targets, and takes the newest of the copies that are meant; of the same one, a good one.</summary>
    /// <exception cref="HoldfastException">
    /// No target has such a copy: <see cref="ErrorCode.NothingSatisfies"/>, but only when every one could be asked.
    /// </exception>
    public static async Task<RestoreChoice> MakeAsync(
        Session session,
        DatabaseSetup database,
        SnapshotSelection selection,
        CancellationToken token
    )
    {
        var answers = await Task.WhenAll(
            database.Targets.Select(target => AskAsync(session, database, target, selection, token))
        );
        var failures = answers.Where(a => a.Error is not null && a.Error.Code != ErrorCode.NothingSatisfies).ToList();
        var best = answers
            .Select(a => a.Choice)
            .OfType<RestoreChoice>()
            .OrderByDescending(c => c.Time)
            .ThenBy(c => c.Plan.Entry.State == CopyState.Bad)
            .FirstOrDefault();
        if (best is null)
        {
            throw failures.Select(f => f.Error).FirstOrDefault()
                ?? await NamingOthersAsync(session, answers[0].Target, answers[0].Error!, token);
        }

        foreach (var (target, _, error) in failures)
        {
            session.Output.Warn($"{target.Name} may hold a newer copy, and cannot be asked: {error!.Message}");
        }

        return best;
    }

    // No copy is often a name that is spelt otherwise: say which ones there are.
    private static async Task<HoldfastException> NamingOthersAsync(
        Session session,
        TargetSetup target,
        HoldfastException nothing,
        CancellationToken token
    )
    {
        var others = await session.Workspace.DatabasesInAsync(target, token);
        return others.Count == 0
            ? nothing
            : new HoldfastException(
                nothing.Code,
                $"{nothing.Message}; there are copies of: {Workspace.Some(others)}",
                nothing.Hint
            );
    }

    private static async Task<(TargetSetup Target, RestoreChoice? Choice, HoldfastException? Error)> AskAsync(
        Session session,
        DatabaseSetup database,
        TargetSetup target,
        SnapshotSelection selection,
        CancellationToken token
    )
    {
        try
        {
            var restore = new SnapshotRestore(target.Store, database.Catalogue(target), session.Paths, session.Time);
            return (target, new RestoreChoice(target, restore, await restore.PlanAsync(selection, token)), null);
        }
        catch (HoldfastException error)
            when (error.Code is ErrorCode.NothingSatisfies or ErrorCode.TargetNotFound or ErrorCode.TargetUnreachable)
        {
            return (target, null, error);
        }
    }
}
