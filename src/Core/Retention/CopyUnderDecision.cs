namespace Holdfast.Core.Retention;

/// <summary>A copy while it is being decided about.</summary>
internal sealed class CopyUnderDecision(RetentionCandidate candidate, TimeZoneInfo zone)
{
    private CopyState? explainedAmong;

    public RetentionCandidate Candidate { get; } = candidate;

    public DateTimeOffset Local { get; } = TimeZoneInfo.ConvertTime(candidate.Time, zone);

    public List<string> Reasons { get; } = [];

    public RetentionRule? Rule { get; private set; }

    /// <summary>The worst state in the last selection that chose this copy; null when none did.</summary>
    public CopyState? ChosenAmong { get; private set; }

    public DateTimeOffset? KeptUntil { get; private set; }

    public DateTimeOffset? SweepAt { get; set; }

    /// <summary>Why it stays longer than its own grace period.</summary>
    public List<string> HeldBy { get; } = [];

    public bool IsKept => Reasons.Count > 0;

    public void Choose(CopyState among, RetentionRule rule, string reason)
    {
        ChosenAmong = among;
        explainedAmong ??= among;
        Rule ??= rule;

        // What keeps it among good copies says enough.
        if (explainedAmong == among)
        {
            Reasons.Add(among is CopyState.Good ? reason : $"{reason}, counting {Others(among)} copies");
        }
    }

    public void KeepAlways(bool forever)
    {
        Rule = forever ? RetentionRule.Forever : null;
        Reasons.Add(forever ? "forever" : "no rule");
    }

    public void KeepFor(string id, DateTimeOffset? end)
    {
        if (!IsKept)
        {
            Reasons.Add($"needed by {id}");
        }

        KeepUntil(end);
    }

    public void HoldUntil(DateTimeOffset end, string id)
    {
        SweepAt = end;
        HeldBy.Add($"needed by {id}");
    }

    public void KeepUntil(DateTimeOffset? end) => KeptUntil = end is null || KeptUntil > end ? KeptUntil : end;

    private static string Others(CopyState among) => among is CopyState.Unverified ? "unverified" : "bad";
}
