using System.Globalization;
using System.Text.Json.Nodes;
using Holdfast.Agent;
using Holdfast.Agent.Control;
using Holdfast.Cli.CommandLine;
using Holdfast.Cli.Output;
using Holdfast.Cli.Setup;
using Holdfast.Core.Errors;

namespace Holdfast.Cli.Verbs;

/// <summary>What is asked of timelines: of the agent that keeps them, or done without one.</summary>
internal sealed class TimelineRequests(Session session)
{
    private readonly ControlClient client = new(WorkDirectories.Agents);
    private IReadOnlyList<KeptTimeline>? kept;

    /// <summary>The timelines that agents keep now; asked once.</summary>
    public async Task<IReadOnlyList<KeptTimeline>> KeptAsync(CancellationToken token) =>
        kept ??= await client.ListAsync(token);

    /// <summary>Those of one database.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="token">Ends it.</param>
    public async Task<IReadOnlyList<KeptTimeline>> KeptAsync(string path, CancellationToken token)
    {
        var identity = TimelineDatabases.IdentityOf(path, session.Time);
        return [.. (await KeptAsync(token)).Where(timeline => timeline.Status.Identity == identity)];
    }

    /// <summary>Lets the agent that keeps a timeline make a new base.</summary>
    /// <returns>The newest commit, which needs nothing from before that base.</returns>
    public Task<StoredCommit> MakeBaseAsync(KeptTimeline timeline, CancellationToken token) =>
        client.MakeBaseAsync(timeline, token);

    /// <summary>Lets the agent that keeps a timeline, or a pass of its own, store what is committed now.</summary>
    /// <param name="database">The database.</param>
    /// <param name="anyTargets">Whether timelines of it that go elsewhere are meant as well.</param>
    /// <param name="reason">Why it becomes a restore point; null when it does not.</param>
    /// <param name="timeout">How long it may take; null for ever.</param>
    /// <param name="token">Ends it.</param>
    public async Task StoreAsync(
        TimelineDatabase database,
        bool anyTargets,
        string? reason,
        TimeSpan? timeout,
        CancellationToken token
    )
    {
        var found = (await KeptAsync(token))
            .Where(timeline =>
                anyTargets ? timeline.Status.Identity == database.Identity : timeline.Status.Key == database.Key
            )
            .ToList();
        if (found.Count == 0)
        {
            await StoreWithoutAgentAsync(database, reason, timeout, token);
        }

        foreach (var timeline in found)
        {
            await StoreAsync(timeline, reason, timeout, token);
        }
    }

    /// <summary>Lets the agent that keeps a timeline store what is committed now.</summary>
    public async Task StoreAsync(KeptTimeline timeline, string? reason, TimeSpan? timeout, CancellationToken token)
    {
        var stored = await LimitedAsync(
            timeout,
            limit => reason == null ? client.SyncAsync(timeline, limit) : client.PutPointAsync(timeline, reason, limit),
            async () =>
                (await client.ListAsync(token)).FirstOrDefault(now => now.Status.Key == timeline.Status.Key)?.Status
                ?? timeline.Status,
            token
        );
        Tell(timeline.Status.Database, [.. timeline.Status.Targets.Select(t => t.Target)], stored, reason, true);
    }

    private async Task StoreWithoutAgentAsync(
        TimelineDatabase database,
        string? reason,
        TimeSpan? timeout,
        CancellationToken token
    )
    {
        TimelineKeeper? used = null;
        await using var events = new TimelineEvents(session.Output, onlyTroubles: true);
        var stored = await LimitedAsync(
            timeout,
            limit =>
                TimelinePass.RunAsync(
                    database,
                    WorkDirectories.Timelines,
                    (keeper, end) =>
                    {
                        used = keeper;
                        return reason == null ? keeper.SyncAsync(end) : keeper.PutPointAsync(reason, end);
                    },
                    events.Add,
                    session.Time,
                    limit
                ),
            () => Task.FromResult(used?.LastStatus),
            token
        );
        await events.DisposeAsync();
        Tell(database.Name, [.. database.Targets.Select(t => t.Name)], stored, reason, byAgent: false);
    }

    private static async Task<StoredCommit> LimitedAsync(
        TimeSpan? timeout,
        Func<CancellationToken, Task<StoredCommit>> work,
        Func<Task<TimelineStatus?>> status,
        CancellationToken token
    )
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
        if (timeout is { } most)
        {
            limit.CancelAfter(most);
        }

        try
        {
            return await work(limit.Token);
        }
        catch (OperationCanceledException) when (!token.IsCancellationRequested)
        {
            throw TooLate(await status(), timeout!.Value);
        }
    }

    // Which target is late, by how much, and what it said.
    private static HoldfastException TooLate(TimelineStatus? status, TimeSpan timeout)
    {
        var late = status?.Targets.Where(t => t.LagSeconds > 0 || t.Base == 0 || t.State != "shipping").ToList() ?? [];
        var places = late.Select(t =>
            string.Create(
                CultureInfo.InvariantCulture,
                $"{t.Target} has commits up to {t.Stored} and is {t.LagSeconds:0.#} s behind"
            ) + (t.State == "retrying" ? $" ({t.LastError})" : "")
        );
        var code =
            late.Count > 0 && late.Count < status!.Targets.Count ? ErrorCode.Partial
            : late.Exists(t => t.State == "retrying") ? ErrorCode.TargetUnreachable
            : ErrorCode.Failure;
        var what = late.Count > 0 ? string.Join("; ", places) : "it was not captured in time";
        return new HoldfastException(
            code,
            $"{status?.Database ?? "the database"} is not stored after {Ages.Seconds(timeout.TotalSeconds)}: {what}",
            "what is committed waits on disk; ask again with a longer --timeout, or look at the target"
        );
    }

    private void Tell(string database, IReadOnlyList<string> targets, StoredCommit stored, string? reason, bool byAgent)
    {
        var json = new JsonObject
        {
            ["type"] = reason == null ? "sync" : "pointNamed",
            ["database"] = database,
            ["targets"] = new JsonArray([.. targets.Select(target => (JsonNode)target)]),
            ["lineage"] = stored.Lineage,
            ["commit"] = stored.Commit,
            ["time"] = stored.Time,
            ["agent"] = byAgent,
        };
        if (reason != null)
        {
            json["reason"] = reason;
        }

        var what = string.Create(
            CultureInfo.InvariantCulture,
            $"{database}: commit {stored.Commit} of {SnapshotText.Moment(stored.Time)} UTC"
        );
        session.Output.Result(
            json,
            $"{what} is stored at {string.Join(", ", targets)}{(reason == null ? "" : $", as the restore point '{reason}'")}"
        );
    }
}
