namespace Holdfast.Agent;

/// <summary>How the keeping of a timeline ended.</summary>
/// <param name="Database">The name of the database.</param>
/// <param name="Commit">The newest commit that was captured; 0 when none was.</param>
/// <param name="Problem">Why not everything that was committed was captured; null when it was.</param>
/// <param name="Missing">The targets that do not have everything that was captured; it waits in the spool.</param>
public sealed record TimelineEnding(
    string Database,
    long Commit,
    string? Problem,
    IReadOnlyList<TimelineTargetStatus> Missing
)
{
    /// <summary>Whether everything that was committed is stored everywhere.</summary>
    public bool IsComplete => Problem == null && Missing.Count == 0;
}
