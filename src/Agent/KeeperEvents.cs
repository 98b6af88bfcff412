using System.Globalization;
using Holdfast.Core.Timeline.Shipping;

namespace Holdfast.Agent;

/// <summary>
/// Tells what has changed since it last looked, and nothing twice. A target whose state changes all the time is told
/// less and less often.
/// </summary>
internal sealed class KeeperEvents(TimelineDatabase database, Action<TimelineEvent> report, TimeProvider time)
{
    private static readonly TimeSpan FirstPatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestPatience = TimeSpan.FromMinutes(10);

    private readonly Dictionary<string, TargetSeen> targets = new(StringComparer.Ordinal);
    private (TimelineEventKind Kind, string Message)? problem;
    private string? lineage;
    private DateTimeOffset? lastGap;
    private long resynchronisations;
    private string? begunLineage;

    /// <summary>Told when the log was opened, before anything else.</summary>
    public void Opened(OpenTimeline timeline)
    {
        lastGap = timeline.Log.GivenUp is [.., var gap] ? gap.At : lastGap;
        lineage ??= timeline.Log.Lineage?.ToString();
        if (timeline.Log.Lost is { } lost && lineage == null)
        {
            Tell(TimelineEventKind.Lineage, $"what was captured before cannot be continued: {lost}");
        }
    }

    /// <summary>Told when the capture runs.</summary>
    public void Capturing(OpenTimeline timeline)
    {
        problem = null;
        resynchronisations = timeline.Capture.Status.Resynchronisations;
        var commit = timeline.Spool?.Newest.Number ?? 0;
        var places = string.Join(", ", database.Targets.Select(target => target.Store.Address));
        var now = timeline.Spool?.Lineage.ToString();
        var began = now != lineage;
        if (began && lineage != null)
        {
            TellLineage(timeline);
        }

        lineage = now;
        begunLineage = began ? now : begunLineage;
        var from = began ? "from now on" : string.Create(CultureInfo.InvariantCulture, $"on from commit {commit}");
        var why = timeline.Capture.Status.LastResynchronisation;
        var read = !began && why != null ? $"; the whole database was read: {why}" : "";
        Tell(TimelineEventKind.Capturing, $"{database.Address} -> {places}, {from}{read}", commit: commit);
    }

    /// <summary>Told when it is not captured; the same is told once.</summary>
    public void Problem(TimelineEventKind kind, string message, string? hint)
    {
        if (problem != (kind, message))
        {
            problem = (kind, message);
            Tell(kind, message, hint: hint);
        }
    }

    /// <summary>Looks at a timeline that is kept.</summary>
    public void Look(OpenTimeline timeline)
    {
        if (timeline.Log.GivenUp is [.., var gap] && gap.At != lastGap)
        {
            lastGap = gap.At;
            var numbers = string.Create(CultureInfo.InvariantCulture, $"commits {gap.First} to {gap.Last}");
            Tell(
                TimelineEventKind.Gap,
                gap.Lineage.ToString() != lineage ? $"{numbers} of the lineage before this one could not be stored"
                    : gap.NetChangeKept
                        ? $"{numbers} can only be restored as a whole, as a target was away for too long"
                    : $"{numbers} are lost, as a target was away for too long; a new base follows",
                commit: gap.Last
            );
        }

        if (timeline.Spool is { } spool && spool.Lineage.ToString() != lineage && timeline.Capture.Running != null)
        {
            TellLineage(timeline);
            begunLineage = lineage = spool.Lineage.ToString();
            resynchronisations = timeline.Capture.Status.Resynchronisations;
        }

        LookAtCapture(timeline);
        foreach (var (target, status) in timeline.Shipping)
        {
            Look(target, status);
        }
    }

    /// <summary>Tells something at once.</summary>
    public void Tell(
        TimelineEventKind kind,
        string message,
        string? target = null,
        long? commit = null,
        string? hint = null
    ) =>
        report(
            new TimelineEvent(time.GetUtcNow(), database.Name, kind, message)
            {
                Target = target,
                Commit = commit,
                Hint = hint,
            }
        );

    private void TellLineage(OpenTimeline timeline)
    {
        foreach (var seen in targets.Values)
        {
            seen.HasBase = false;
        }

        Tell(
            TimelineEventKind.Lineage,
            $"a new lineage began: {timeline.Log.WhyBegun ?? timeline.Log.Lost ?? "the old one could not go on"}"
        );
    }

    private void LookAtCapture(OpenTimeline timeline)
    {
        var capture = timeline.Capture.Status;
        if (capture.Resynchronisations > resynchronisations)
        {
            Tell(
                TimelineEventKind.Resynchronised,
                $"the whole database was read: {capture.LastResynchronisation}",
                commit: timeline.Spool?.Newest.Number
            );
        }

        resynchronisations = capture.Resynchronisations;
    }

    private void Look(TimelineTarget target, TimelineShipperStatus status)
    {
        if (!targets.TryGetValue(target.Name, out var seen))
        {
            seen = new TargetSeen { Patience = FirstPatience };
            targets.Add(target.Name, seen);
        }

        if (status.Base > 0 && !seen.HasBase && status.Lineage?.ToString() is { } shipped && shipped == begunLineage)
        {
            seen.HasBase = true;
            Tell(
                TimelineEventKind.Restorable,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{target.Name} has a base: every commit from {status.Base} on can be restored"
                ),
                target.Name,
                status.Base
            );
        }

        var isAway = status.State == ShippingState.Retrying;
        var now = time.GetTimestamp();
        if (isAway == seen.IsAway || (seen.Told is { } told && time.GetElapsedTime(told, now) < seen.Patience))
        {
            return;
        }

        var often = seen.Told is { } before && time.GetElapsedTime(before, now) < LongestPatience;
        seen.Patience =
            !often ? FirstPatience
            : seen.Patience * 2 < LongestPatience ? seen.Patience * 2
            : LongestPatience;
        seen.IsAway = isAway;
        seen.Told = now;
        TellPresence(target, status, isAway);
    }

    private void TellPresence(TimelineTarget target, TimelineShipperStatus status, bool isAway)
    {
        if (isAway)
        {
            Tell(
                TimelineEventKind.Away,
                $"{target.Name} is away: {status.LastError}; commits wait on disk",
                target.Name,
                status.Stored
            );
        }
        else
        {
            Tell(TimelineEventKind.Back, $"{target.Name} is back", target.Name, status.Stored);
        }
    }

    private sealed class TargetSeen
    {
        public bool IsAway { get; set; }

        public bool HasBase { get; set; }

        public long? Told { get; set; }

        public TimeSpan Patience { get; set; }
    }
}
