namespace Holdfast.Core.Timeline.Spool;

/// <summary>Commits whose detail was given up, because targets were away for too long.</summary>
/// <param name="Lineage">Their lineage.</param>
/// <param name="First">The first of them.</param>
/// <param name="Last">The last of them.</param>
/// <param name="At">When they were given up.</param>
/// <param name="NetChangeKept">
/// Whether their net change is still here, as one commit. Otherwise a new base is needed to go on.
/// </param>
public sealed record GivenUpCommits(LineageId Lineage, long First, long Last, DateTimeOffset At, bool NetChangeKept);
