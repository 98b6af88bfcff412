using Holdfast.Core.Stores;
using Holdfast.Core.Timeline.Format;

namespace Holdfast.Core.Timeline.Shipping;

/// <summary>A journal or a roll-up that is stored.</summary>
/// <param name="Key">The name of the object with the index.</param>
/// <param name="IsRollUp">Whether it is a roll-up.</param>
/// <param name="From">The commit before its first.</param>
/// <param name="Last">Its last commit.</param>
/// <param name="CommitCount">The number of its commits.</param>
/// <param name="Bytes">The stored bytes of all its objects.</param>
/// <param name="Salt">The salt of its header.</param>
/// <param name="Parts">The number of its parts, beside the object with the index.</param>
internal sealed record StoredJournal(
    ObjectKey Key,
    bool IsRollUp,
    CommitPoint From,
    CommitInfo Last,
    int CommitCount,
    long Bytes,
    ulong Salt,
    int Parts
)
{
    public long First => From.Number + 1;

    /// <summary>Its objects in the order in which they are deleted: without the first, the others mean nothing.</summary>
    public IEnumerable<ObjectKey> Objects =>
        Enumerable.Range(0, Parts + 1).Select(part => TimelineNames.Part(Key, Salt, part));

    public static StoredJournal Of(SegmentReader reader, bool isRollUp, long bytes) =>
        new(
            reader.Key,
            isRollUp,
            reader.Index.From,
            reader.Index.Commit(reader.Index.CommitCount - 1),
            reader.Index.CommitCount,
            bytes,
            reader.Index.Header.Salt,
            reader.Index.Parts
        );
}

/// <summary>A base that is stored.</summary>
/// <param name="Settled">The commit after which the journal is needed.</param>
/// <param name="Finished">The commit from which on it can be used.</param>
/// <param name="Time">When that one was seen.</param>
/// <param name="Bytes">The stored bytes of all its objects.</param>
internal sealed record StoredBase(long Settled, long Finished, DateTimeOffset Time, long Bytes);
