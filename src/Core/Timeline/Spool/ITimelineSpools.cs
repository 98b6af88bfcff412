namespace Holdfast.Core.Timeline.Spool;

/// <summary>The spools of one database: that of the lineage being written, and older ones not stored yet. Thread-safe.</summary>
public interface ITimelineSpools
{
    /// <summary>The spools that hold something a target still wants, oldest first.</summary>
    IReadOnlyList<ISpool> All { get; }

    /// <summary>Completes with the oldest spool that is newer than a lineage, as soon as there is one.</summary>
    /// <param name="after">The lineage that is done with; null for none.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<ISpool> NextAsync(LineageId? after, CancellationToken cancellationToken);

    /// <summary>
    /// Notes that a lineage must not go on, as a target has another history of it: the next time the log is opened, it
    /// has none, so that a new one begins.
    /// </summary>
    void Distrust(LineageId lineage, string why);

    /// <summary>Notes that a target can never have the rest of a lineage that has ended.</summary>
    /// <param name="spool">Its spool.</param>
    /// <param name="first">The first commit that it does not have.</param>
    void GiveUp(ISpool spool, long first);
}
