namespace Holdfast.Core.Timeline;

/// <summary>What is known of a commit, without its pages.</summary>
/// <param name="Number">Its number within the lineage, from 1, without gaps.</param>
/// <param name="Time">When it was seen; never decreasing within a lineage, in microseconds.</param>
/// <param name="DatabasePages">The size of the database after it, in pages.</param>
/// <param name="Hash">The database's hash after it, see <see cref="PageHash"/>.</param>
/// <param name="PageCount">The number of pages it changed.</param>
/// <param name="Flags">What is special about it.</param>
public readonly record struct CommitInfo(
    long Number,
    DateTimeOffset Time,
    uint DatabasePages,
    ulong Hash,
    int PageCount,
    CommitFlags Flags
);

/// <summary>What is special about a commit. The values are stored.</summary>
[Flags]
public enum CommitFlags : byte
{
    /// <summary>One transaction of the application.</summary>
    None = 0,

    /// <summary>
    /// The difference found by reading the whole database after continuity was lost: the net change of an unknown number
    /// of transactions. No moment in between can be restored.
    /// </summary>
    Resynchronised = 1,

    /// <summary>
    /// The net change of several numbered commits whose detail was given up because targets were away for too long. It
    /// has the number of the last of them; those before it cannot be restored. It holds every page, up to the size at its end,
    /// that one of them changed or cut off: nothing else tells what became of a page that was cut off and came back.
    /// </summary>
    Condensed = 2,
}
