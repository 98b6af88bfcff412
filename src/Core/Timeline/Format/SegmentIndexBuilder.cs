using System.Buffers;

namespace Holdfast.Core.Timeline.Format;

/// <summary>Collects the index of a segment that is being written. Keep in sync with docs/timeline-format.md.</summary>
internal sealed class SegmentIndexBuilder(SegmentHeader header, CommitPoint from, CommitPoint? settled)
{
    private readonly ArrayBufferWriter<byte> commits = new(256);
    private readonly ArrayBufferWriter<byte> blocks = new(64);
    private readonly ArrayBufferWriter<byte> runs = new(64);
    private long number = from.Number;
    private long time;
    private long size = from.DatabasePages;
    private int commitCount;
    private int blockCount;
    private int lastPart = 1;
    private int pagesOfCommit;
    private uint runFirst;
    private uint runLast;
    private uint runBefore;

    /// <summary>The stored bytes of all blocks.</summary>
    public long BlockBytes { get; private set; }

    /// <summary>About the bytes it takes before compression.</summary>
    public int Length => commits.WrittenCount + blocks.WrittenCount + runs.WrittenCount + 32;

    public int CommitCount => commitCount;

    public void Page(uint page)
    {
        if (page == 0 || page == header.LockPage || page <= runLast)
        {
            throw new ArgumentException(
                $"page {page} after {runLast}: pages ascend, and the lock page {header.LockPage} has no content",
                nameof(page)
            );
        }

        pagesOfCommit++;
        if (runLast > 0 && page == runLast + 1)
        {
            runLast = page;
            return;
        }

        EndRun();
        (runFirst, runLast) = (page, page);
    }

    public void Commit(in CommitInfo commit)
    {
        var step = commit.Number - number;
        var limit =
            header.Kind == SegmentKind.Base ? from.DatabasePages : settled?.DatabasePages ?? commit.DatabasePages;
        var isFuzzy = header.Kind == SegmentKind.Base || settled != null;
        if (
            commit.DatabasePages == 0
            || runLast > limit
            || (isFuzzy ? commit.Number < Math.Max(1, settled?.Number ?? from.Number) : step < 1)
            || (header.Kind == SegmentKind.Journal && step > 1 && !commit.Flags.HasFlag(CommitFlags.Condensed))
        )
        {
            throw new ArgumentException($"commit {commit} cannot follow {number}", nameof(commit));
        }

        EndRun();
        commits.Byte((byte)commit.Flags);
        commits.Number(step);
        var seen = IndexTime.FromTime(commit.Time);
        commits.Signed(seen - time);
        commits.Signed(commit.DatabasePages - size);
        commits.Fixed64(commit.Hash);
        commits.Number(pagesOfCommit);
        commits.Write(runs.WrittenSpan);
        (number, time, size) = (commit.Number, seen, commit.DatabasePages);
        commitCount++;
        runs.ResetWrittenCount();
        (pagesOfCommit, runFirst, runLast, runBefore) = (0, 0, 0, 0);
    }

    public void Block(int part, int stored, int raw, bool ofHashes, UInt128 digest)
    {
        blocks.Number(part - lastPart);
        blocks.Number(stored);
        blocks.Number(((long)raw << 1) | (ofHashes ? 1L : 0));
        blocks.Fixed128(digest);
        lastPart = part;
        BlockBytes += stored;
        blockCount++;
    }

    public byte[] ToBytes(bool withHashes)
    {
        var bytes = new ArrayBufferWriter<byte>(Length + 32);
        bytes.Byte(
            (byte)(
                (withHashes ? SegmentIndexParser.HasPageHashes : 0)
                | (settled != null ? SegmentIndexParser.HasSettled : 0)
            )
        );
        Write(bytes, from);
        if (settled is { } point)
        {
            Write(bytes, point);
        }

        bytes.Number(commitCount);
        bytes.Write(commits.WrittenSpan);
        bytes.Number(blockCount);
        bytes.Write(blocks.WrittenSpan);
        return bytes.WrittenSpan.ToArray();
    }

    private static void Write(ArrayBufferWriter<byte> bytes, CommitPoint point)
    {
        bytes.Number(point.Number);
        bytes.Number(point.DatabasePages);
        bytes.Fixed64(point.Hash);
    }

    private void EndRun()
    {
        if (runLast == 0)
        {
            return;
        }

        var (gap, more) = ((long)runFirst - runBefore - 1, (long)runLast - runFirst);
        runs.Number((gap << 1) | (more > 0 ? 1L : 0));
        if (more > 0)
        {
            runs.Number(more - 1);
        }

        runBefore = runLast;
    }
}
