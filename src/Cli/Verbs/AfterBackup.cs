using Holdfast.Cli.CommandLine;
using Holdfast.Cli.Setup;
using Holdfast.Core.Errors;
using Holdfast.Core.Snapshots;
using Holdfast.Core.Stores;

namespace Holdfast.Cli.Verbs;

/// <summary>What follows a backup at each target. The copy is stored: whatever happens here is a warning.</summary>
internal static class AfterBackup
{
    public static async Task RunAsync(
        Session session,
        DatabaseSetup database,
        TargetSetup target,
        ObjectKey stored,
        SnapshotManifest manifest,
        CancellationToken token
    )
    {
        var prunes = !target.BucketDeletes && !target.Rules.IsEmpty && !target.Rules.Forever;
        try
        {
            var catalogue = database.Catalogue(target);
            var entries = await catalogue.ListAsync(token);
            if (await SourceBeforeAsync(catalogue, entries, stored, manifest, token) is { } other)
            {
                session.Output.Warn(
                    $"the copy of {database.Name} before this one was taken of {other}: if that is another database, give them "
                        + $"names of their own with --name{(prunes ? "; nothing was pruned this time" : "")}"
                );
                return;
            }

            if (prunes)
            {
                await PruneAsync(session, database, target, catalogue, entries, token);
            }
        }
        catch (StoreException error) when (!prunes && error.Fault == StoreFault.Denied)
        {
            // An account that may only write cannot look at earlier copies, and need not.
        }
        catch (HoldfastException error)
        {
            session.Output.Warn($"the copy is stored, but what came before it could not be looked at: {error.Message}");
        }
    }

    /// <summary>Where the copy before this one was taken, when that was elsewhere; null when it was not.</summary>
    private static async Task<string?> SourceBeforeAsync(
        SnapshotCatalogue catalogue,
        IReadOnlyList<SnapshotEntry> entries,
        ObjectKey stored,
        SnapshotManifest manifest,
        CancellationToken token
    )
    {
        var earlier = entries.FirstOrDefault(e => e.Key != stored && e.Sidecars.Contains(Sidecar.Manifest));
        var before = earlier is null
            ? null
            : (await catalogue.ReadManifestsAsync([earlier], token)).Values.FirstOrDefault();

        // Not the host: containers have another name each time.
        return before is null || before.Source == manifest.Source ? null : $"{before.Source} on {before.Host}";
    }

    private static async Task PruneAsync(
        Session session,
        DatabaseSetup database,
        TargetSetup target,
        SnapshotCatalogue catalogue,
        IReadOnlyList<SnapshotEntry> entries,
        CancellationToken token
    )
    {
        var retention = new SnapshotRetention(target.Store, catalogue, session.Time);
        var plan = await retention.PlanAsync(entries, target.Rules, database.Zone, token);
        if (plan.Refusal is { } refusal && !session.Yes)
        {
            session.Output.Warn(
                $"{database.Name} at {target.Name}: {refusal}; nothing was deleted: holdfast prune {database.Name} --dry-run"
            );
            return;
        }

        var result = await retention.CarryOutAsync(plan, entries, token);
        if (result.Deleted.Count + result.Marked.Count + result.Extended.Count + result.Failed.Count > 0)
        {
            PruneCommand.Tell(session, database, target, entries.Count, result);
        }
    }
}
