using System.CommandLine;
using System.Text.Json.Nodes;
using Holdfast.Cli.CommandLine;
using Holdfast.Cli.Output;
using Holdfast.Cli.Setup;
using Holdfast.Core.Copying;
using Holdfast.Core.Errors;
using Holdfast.Core.Timeline.Restore;
using Holdfast.Core.Vault;

namespace Holdfast.Cli.Verbs;

/// <summary><c>holdfast repair</c>: what a target lost of a timeline is taken from another one.</summary>
internal static class RepairCommand
{
    private static readonly Argument<string?> Database = new("database")
    {
        Description = "A configured name, or a path (default: all)",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public static Command Create() =>
        CommandExtensions
            .Describe(
                "repair",
                "Replace what is missing or damaged of a timeline at one target by what another one has",
                "holdfast repair app --from ./vault --from ./backups"
            )
            .With(Database, DatabaseOptions.From, DatabaseOptions.SourceEnv)
            .With(KeyOptions.All)
            .Does(RunAsync);

    private static Task<int> RunAsync(Session session, CancellationToken token) =>
        session.ForEachAsync(
            session.Workspace.ReadDatabases(session.Parsed.GetValue(Database), DatabaseOptions.From),
            "database",
            database => RepairAsync(session, database, token)
        );

    private static async Task RepairAsync(Session session, DatabaseSetup database, CancellationToken token)
    {
        var left = new List<string>();
        var unreachable = new List<HoldfastException>();
        var any = false;
        foreach (var target in database.Targets)
        {
            // Listed anew for each: what was repaired before helps the next.
            var (at, others) = await ListAsync(session, database, target, unreachable, token);
            foreach (var lineage in at?.Lineages ?? [])
            {
                any = true;
                var began = session.Time.GetTimestamp();
                session.Output.Note($"repair {database.Name} at {target.Store.Address}, lineage {lineage.Id}");
                var repair = new TimelineRepair(at!, others, session.Paths, session.Time);
                var result = await repair.RunAsync(lineage, token);
                Tell(session, database, target, result, session.Time.GetElapsedTime(began));
                left.AddRange(result.Left);
            }
        }

        if (!any)
        {
            throw unreachable.Count > 0
                ? unreachable[0]
                : new HoldfastException(
                    ErrorCode.NothingSatisfies,
                    $"there is no timeline of {database.Name} at {string.Join(", ", database.Targets.Select(t => t.Store.Address))}",
                    "holdfast list shows what is where"
                );
        }

        if (left.Count > 0)
        {
            var isBegunAnew = await BeginAnewAsync(session, database, token);
            throw new HoldfastException(
                ErrorCode.VerificationFailed,
                $"{database.Name} is not whole: {left[0]}",
                isBegunAnew
                    ? "what no target has is lost; from the new base on every commit can be restored"
                    : "what no target has is lost; while holdfast run keeps the database, holdfast repair has it make a new base, from which on every commit can be restored"
            );
        }

        Session.ThrowIfAny(unreachable, database.Targets.Count, "target");
    }

    /// <summary>Has the agents of the database make a new base; what was lost is not needed for what comes after it.</summary>
    /// <returns>False when there is none.</returns>
    private static async Task<bool> BeginAnewAsync(Session session, DatabaseSetup database, CancellationToken token)
    {
        var requests = new TimelineRequests(session);
        var kept = database.Destination is { } path ? await requests.KeptAsync(path, token) : [];
        foreach (var timeline in kept)
        {
            var commit = await requests.MakeBaseAsync(timeline, token);
            session.Output.Note(
                FormattableString.Invariant(
                    $"the agent of {database.Name} has made a new base: from commit {commit.Commit} on nothing that was lost is needed"
                )
            );
        }

        return kept.Count > 0;
    }

    private static async Task<(TimelineCatalogue? At, IReadOnlyList<TimelineCatalogue> Others)> ListAsync(
        Session session,
        DatabaseSetup database,
        TargetSetup target,
        List<HoldfastException> unreachable,
        CancellationToken token
    )
    {
        TimelineCatalogue? at = null;
        var others = new List<TimelineCatalogue>();
        var vault = new Dictionary<TargetSetup, KeyId?>();
        foreach (var one in database.Targets)
        {
            try
            {
                var found = await session.Keys.FindAsync(one.Store, token);
                vault[one] = found is { Encryption: VaultEncryption.P256Hpke } ? found.Id : null;
                var keys = await session.Keys.RingAsync(one.Store, database.Name, token);
                if (keys is not null)
                {
                    // Nothing can be proven without it.
                    _ = await session.Keys.KeyAsync(found!, token);
                }

                var catalogue = await TimelineCatalogue.ListAsync(one.Store, database.Name, keys, token);
                if (one == target)
                {
                    at = catalogue;
                }
                else
                {
                    others.Add(catalogue);
                }
            }
            catch (HoldfastException error) when (error.Code is ErrorCode.TargetUnreachable or ErrorCode.TargetNotFound)
            {
                if (one == target)
                {
                    _ = session.Output.Fail(error);
                    unreachable.Add(error);
                    return (null, []);
                }
            }
        }

        // What is sealed for one vault is unreadable in another.
        var own = vault[target];
        return (at, [.. others.Where(other => vault[database.Targets.First(t => t.Store == other.Store)] == own)]);
    }

    private static void Tell(
        Session session,
        DatabaseSetup database,
        TargetSetup target,
        TimelineRepairResult result,
        TimeSpan duration
    )
    {
        var outcome =
            result.Left.Count > 0 ? "incomplete"
            : result.Taken.Count > 0 ? "repaired"
            : "whole";
        session.Output.Result(
            new JsonObject
            {
                ["type"] = "repair",
                ["database"] = database.Name,
                ["target"] = target.Name,
                ["lineage"] = result.Lineage.ToString(),
                ["outcome"] = outcome,
                ["damaged"] = new JsonArray([.. result.Damaged.Select(key => (JsonNode)key.Value)]),
                ["taken"] = new JsonArray([
                    .. result.Taken.Select(taken =>
                        (JsonNode)new JsonObject { ["name"] = taken.Key.Value, ["from"] = taken.From }
                    ),
                ]),
                ["left"] = new JsonArray([.. result.Left.Select(problem => (JsonNode)problem)]),
                ["seconds"] = Math.Round(duration.TotalSeconds, 3),
            },
            [
                $"{outcome}  {database.Name} at {target.Store.Address}, lineage {result.Lineage}, in {Ages.Seconds(duration.TotalSeconds)}",
                .. result.Taken.Select(taken => $"      taken from {taken.From}: {taken.Key}"),
                .. result.Left.Select(problem => $"      {problem}"),
            ]
        );
    }
}
