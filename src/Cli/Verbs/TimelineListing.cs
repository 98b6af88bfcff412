using System.Text.Json.Nodes;
using Holdfast.Cli.CommandLine;
using Holdfast.Cli.Output;
using Holdfast.Cli.Setup;
using Holdfast.Core.Errors;
using Holdfast.Core.Stores;
using Holdfast.Core.Timeline;
using Holdfast.Core.Timeline.Format;
using Holdfast.Core.Timeline.History;
using Holdfast.Core.Timeline.Restore;
using Holdfast.Core.Timeline.Verification;

namespace Holdfast.Cli.Verbs;

/// <summary>What a timeline at a target can give back.</summary>
internal static class TimelineListing
{
    /// <summary>Tells it: its windows and gaps, its restore points, how old its newest commit is.</summary>
    /// <returns>False when there is none.</returns>
    public static async Task<bool> TellAsync(
        Session session,
        string database,
        TargetSetup target,
        TimelineRequests requests,
        CancellationToken token
    )
    {
        var catalogue = await TimelineCatalogue.ListAsync(
            target.Store,
            database,
            await session.Keys.RingAsync(target.Store, database, token),
            token
        );
        if (catalogue.Lineages.Count == 0)
        {
            return false;
        }

        var told = new Listing(database, target.Name);
        foreach (var lineage in catalogue.Lineages.Reverse())
        {
            var windows = await catalogue.WindowsAsync(lineage, token);
            var gaps = TimelineHistory.GapsBetween(lineage, windows);
            told.Add(lineage, windows, gaps);
            foreach (var point in lineage.Points.Reverse())
            {
                told.Add(lineage, await ReadAsync(session, catalogue, point, token), windows);
            }
        }

        var verified = await TimelineRecord.ReadAsync(target.Store, database, token);
        var lag = await LagAsync(requests, database, target, catalogue.Lineages[^1].Id, token);
        var age = session.Time.GetUtcNow() - told.Newest?.To;
        session.Output.Note(
            $"{database} at {target.Store.Address}: a timeline, "
                + (age is { } old ? $"its newest commit is {Ages.Of(old)} old" : "of which nothing can be restored")
                + (
                    lag is 0 ? "; everything is stored, its agent says"
                    : lag is { } behind ? $"; its agent is {Ages.Seconds(behind)} behind"
                    : ""
                )
                + HistoryText.Verified(verified, session.Time.GetUtcNow())
        );
        if (!session.Output.IsJson)
        {
            session.Output.Result([], Table.Lines(HistoryText.Header, told.Rows));
            return true;
        }

        session.Output.Result(
            new JsonObject
            {
                ["type"] = "history",
                ["database"] = database,
                ["target"] = target.Name,
                ["lineages"] = new JsonArray([.. catalogue.Lineages.Select(l => (JsonNode)l.Id.ToString())]),
                ["commit"] = told.Newest?.Commits.Last,
                ["time"] = told.Newest?.To,
                ["ageSeconds"] = age is null ? null : Math.Round(age.Value.TotalSeconds, 3),
                ["lagSeconds"] = lag,
                ["verified"] = HistoryText.Json(verified),
            }
        );
        told.Lines.ForEach(line => session.Output.Result(line));
        return true;
    }

    /// <summary>How far the agent is behind: only it knows what was committed since. Null without one.</summary>
    private static async Task<double?> LagAsync(
        TimelineRequests requests,
        string database,
        TargetSetup target,
        LineageId lineage,
        CancellationToken token
    ) =>
        (await requests.KeptAsync(token))
            .Where(kept => kept.Status.Database == database)
            .SelectMany(kept => kept.Status.Targets)
            .FirstOrDefault(t => t.Address == target.Store.Address && t.Lineage == lineage.ToString())
            ?.LagSeconds;

    private static async Task<RestorePoint> ReadAsync(
        Session session,
        TimelineCatalogue catalogue,
        TimelinePoint point,
        CancellationToken token
    )
    {
        try
        {
            return await RestorePoint.ReadAsync(catalogue.Store, point.Key, catalogue.Keys, token);
        }
        catch (HoldfastException error)
            when (error is not StoreException { Fault: not (StoreFault.Damaged or StoreFault.NotFound) })
        {
            // Its name tells enough to restore it.
            session.Output.Warn(error.Message);
            return new RestorePoint
            {
                Commit = point.Commit,
                Time = point.Time,
                Reason = point.Slug,
            };
        }
    }

    /// <summary>Lines and rows, newest first.</summary>
    private sealed class Listing(string database, string target)
    {
        public List<JsonObject> Lines { get; } = [];

        public List<IReadOnlyList<string>> Rows { get; } = [];

        /// <summary>The window with the newest commit that can be restored; null when none can.</summary>
        public RecoverableWindow? Newest { get; private set; }

        public void Add(TimelineLineage lineage, IReadOnlyList<RecoverableWindow> windows, IReadOnlyList<GapEntry> gaps)
        {
            Newest ??= windows.Count > 0 ? windows[^1] : null;
            for (var i = windows.Count; i >= 0; i--)
            {
                foreach (var gap in gaps.Where(g => IsBehind(g, windows, i)))
                {
                    DateTimeOffset? from = i > 0 ? windows[i - 1].To : null;
                    DateTimeOffset? to = i < windows.Count ? windows[i].From : null;
                    Lines.Add(HistoryText.Json(database, target, gap, from, to));
                    Rows.Add(HistoryText.Row(gap, from, to));
                }

                if (i > 0)
                {
                    Lines.Add(HistoryText.Json(database, target, lineage.Id, windows[i - 1]));
                    Rows.Add(HistoryText.Row(lineage.Id, windows[i - 1]));
                }
            }
        }

        public void Add(TimelineLineage lineage, RestorePoint point, IReadOnlyList<RecoverableWindow> windows)
        {
            var isRestorable = windows.Any(w => w.Commits.Contains(point.Commit));
            Lines.Add(HistoryText.Json(database, target, lineage.Id, point, isRestorable));
            Rows.Add(HistoryText.Row(lineage.Id, point, isRestorable));
        }

        // Whether a gap follows the window before a position, and no other.
        private static bool IsBehind(GapEntry gap, IReadOnlyList<RecoverableWindow> windows, int position) =>
            windows.Count(w => w.Commits.Last < gap.First) == position;
    }
}
