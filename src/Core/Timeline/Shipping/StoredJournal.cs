using Holdfast.Core.Stores;

namespace Holdfast.Core.Timeline.Shipping;

/// <summary>A journal or a roll-up that is stored.</summary>
/// <param name="Key">The name of the object with the index.</param>
/// <param name="IsRollUp">Whether it is a roll-up.</param>
/// <param name="First">Its first commit.</param>
/// <param name="Last">Its last commit.</param>
/// <param name="Time">When that one was seen; null when it is not known any more.</param>
/// <param name="Bytes">The stored bytes of all its objects.</param>
/// <param name="Objects">
/// Its objects in the order in which they are deleted: without the first, the others mean nothing.
/// </param>
internal sealed record StoredJournal(
    ObjectKey Key,
    bool IsRollUp,
    long First,
    long Last,
    DateTimeOffset? Time,
    long Bytes,
    IReadOnlyList<ObjectKey> Objects
);

/// <summary>A base that is stored.</summary>
/// <param name="Settled">The commit after which the journal is needed.</param>
/// <param name="Finished">The commit from which on it can be used.</param>
/// <param name="Time">When that one was seen.</param>
/// <param name="Bytes">The stored bytes of all its objects.</param>
internal sealed record StoredBase(long Settled, long Finished, DateTimeOffset Time, long Bytes);
