namespace Holdfast.Core.Timeline.Format;

/// <summary>A commit that a segment builds on.</summary>
/// <param name="Number">Its number; 0 is the empty database before the first commit.</param>
/// <param name="DatabasePages">The size of the database after it, in pages.</param>
/// <param name="Hash">The hash of the database after it.</param>
public readonly record struct CommitPoint(long Number, uint DatabasePages, ulong Hash)
{
    /// <summary>The largest number of a commit: counting on from it does not overflow.</summary>
    internal const long MostCommits = 1L << 62;

    /// <summary>The point of a commit.</summary>
    public static CommitPoint Of(in CommitInfo commit) => new(commit.Number, commit.DatabasePages, commit.Hash);
}
