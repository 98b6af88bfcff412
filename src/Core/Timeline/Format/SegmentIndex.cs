namespace Holdfast.Core.Timeline.Format;

/// <summary>What a segment holds: its commits, their pages, and the blocks these are in. Immutable.</summary>
public sealed class SegmentIndex
{
    private readonly IndexCommit[] commits;
    private readonly PageRun[] runs;

    internal SegmentIndex(
        SegmentHeader header,
        CommitPoint from,
        CommitPoint settled,
        IndexCommit[] commits,
        PageRun[] runs,
        SegmentBlock[] blocks,
        SegmentBlock[] hashBlocks,
        int parts
    )
    {
        Header = header;
        From = from;
        Settled = settled;
        this.commits = commits;
        this.runs = runs;
        Blocks = blocks;
        HashBlocks = hashBlocks;
        Parts = parts;
    }

    /// <summary>The header.</summary>
    public SegmentHeader Header { get; }

    /// <summary>
    /// What it builds on: for a journal the commit before its first; for a delta the commit whose pages it changes; for a
    /// base the commit at which the file was settled, after which the journal is needed.
    /// </summary>
    public CommitPoint From { get; }

    /// <summary>
    /// The commit at which the file was settled for a base or delta: a page that no later commit changed is as it was at
    /// that one. Of another segment its last commit: it is exact.
    /// </summary>
    public CommitPoint Settled { get; }

    /// <summary>The first commit number it covers.</summary>
    public long First => Header.Kind == SegmentKind.Journal ? From.Number + 1 : Last;

    /// <summary>The last commit number it covers, which is a commit.</summary>
    public long Last => commits[^1].Number;

    /// <summary>The number of commits, at least one.</summary>
    public int CommitCount => commits.Length;

    /// <summary>The blocks that hold pages, in order.</summary>
    public IReadOnlyList<SegmentBlock> Blocks { get; }

    /// <summary>The blocks that hold the hashes of the pages; none when they are not kept.</summary>
    public IReadOnlyList<SegmentBlock> HashBlocks { get; }

    /// <summary>The number of parts; 0 when the blocks are in the same object.</summary>
    public int Parts { get; }

    /// <summary>The pages of all commits together.</summary>
    public long PageCount => commits[^1].FirstPage + commits[^1].PageCount;

    /// <summary>A commit, counted from 0.</summary>
    public CommitInfo Commit(int position)
    {
        ref readonly var commit = ref commits[position];
        return new CommitInfo(
            commit.Number,
            IndexTime.ToTime(commit.Time),
            commit.DatabasePages,
            commit.Hash,
            commit.PageCount,
            commit.Flags
        );
    }

    /// <summary>The pages of a commit, ascending.</summary>
    public ReadOnlySpan<PageRun> Pages(int position) =>
        runs.AsSpan(
            commits[position].FirstRun..(position + 1 < commits.Length ? commits[position + 1].FirstRun : runs.Length)
        );

    /// <summary>Where the pages of a commit begin, counted through all pages of the segment from 0.</summary>
    public long FirstPage(int position) => commits[position].FirstPage;

    /// <summary>The position of the last commit with at most this number; −1 when there is none.</summary>
    public int FindLast(long number)
    {
        var (low, high) = (0, commits.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = commits[middle].Number <= number ? (middle + 1, high) : (low, middle);
        }

        return low - 1;
    }

    /// <summary>The position of the last commit that was seen at or before a time; −1 when there is none.</summary>
    public int FindLast(DateTimeOffset time)
    {
        var position = commits.Length - 1;
        var limit = IndexTime.FromTime(time);
        while (position >= 0 && commits[position].Time > limit)
        {
            position--;
        }

        return position;
    }
}

/// <summary>One commit as the index keeps it.</summary>
internal readonly record struct IndexCommit(
    long Number,
    long Time,
    uint DatabasePages,
    ulong Hash,
    int PageCount,
    CommitFlags Flags,
    int FirstRun,
    long FirstPage
);

/// <summary>Times in an index: microseconds since 1970.</summary>
internal static class IndexTime
{
    /// <summary>The end of the year 9999.</summary>
    public const long Last = 253_402_300_799_999_999;

    public static DateTimeOffset ToTime(long microseconds) =>
        DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);

    public static long FromTime(DateTimeOffset time) =>
        (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
