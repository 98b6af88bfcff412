namespace Holdfast.Core.Timeline.Format;

/// <summary>
/// Reads an index into locals, checks all of it, and only then makes a <see cref="SegmentIndex"/>. Its input may be
/// hostile: counts are bounded by the bytes there are. Keep in sync with docs/timeline-format.md.
/// </summary>
internal ref struct SegmentIndexParser(SegmentHeader header, SegmentFooter footer, ReadOnlySpan<byte> raw)
{
    public const byte HasPageHashes = 1;
    public const byte HasSettled = 2;

    private const int ShortestCommit = 13;
    private const int ShortestBlock = 19;
    private const CommitFlags KnownFlags = CommitFlags.Resynchronised | CommitFlags.Condensed;

    private readonly List<PageRun> runs = [];
    private IndexBytes bytes = new(raw);
    private long pages;

    public static SegmentIndex Parse(SegmentHeader header, SegmentFooter footer, ReadOnlySpan<byte> raw) =>
        new SegmentIndexParser(header, footer, raw).Parse();

    private SegmentIndex Parse()
    {
        var features = bytes.Byte();
        if (features > (HasPageHashes | HasSettled))
        {
            throw new SegmentException(SegmentFault.Unsupported, $"the index has features {features}");
        }

        var from = Point();
        var isFuzzy = (features & HasSettled) != 0;
        Require(!isFuzzy || header.Kind == SegmentKind.Delta, "only a delta tells where it was settled");
        CommitPoint? told =
            isFuzzy ? Point()
            : header.Kind == SegmentKind.Base ? from
            : null;
        Require(!(told?.Number < from.Number), "what it builds on is newer than where it was settled");
        var commits = Commits(from, told);
        var last = new CommitPoint(commits[^1].Number, commits[^1].DatabasePages, commits[^1].Hash);
        var settled = told ?? last;
        Require(settled.Number < last.Number || settled == last, "where it was settled");
        var (blocks, hashBlocks) = Blocks((features & HasPageHashes) != 0);
        Require(bytes.Left == 0, "something follows it");
        return new SegmentIndex(header, from, settled, commits, [.. runs], blocks, hashBlocks, footer.Parts);
    }

    private CommitPoint Point()
    {
        var point = new CommitPoint(
            bytes.Number(CommitPoint.MostCommits),
            (uint)bytes.Number(uint.MaxValue),
            bytes.Fixed64()
        );
        Require(point.Number > 0 ? point.DatabasePages > 0 : point == default, "what it builds on cannot be");
        return point;
    }

    private IndexCommit[] Commits(CommitPoint from, CommitPoint? settled)
    {
        var commits = new IndexCommit[bytes.Count(ShortestCommit)];
        Require(
            commits.Length == 1 || (commits.Length > 1 && header.Kind == SegmentKind.Journal),
            "the count of commits"
        );
        var (number, time, size) = (from.Number, 0L, (long)from.DatabasePages);
        for (var i = 0; i < commits.Length; i++)
        {
            var flags = (CommitFlags)bytes.Byte();
            var step = bytes.Number(CommitPoint.MostCommits - number);
            Require((flags & ~KnownFlags) == CommitFlags.None, "an unknown flag");
            Require(StepFits(step, flags, isFuzzy: settled != null), "the order of commits");
            number += step;
            time += bytes.Signed();
            size += bytes.Signed();
            Require(number > 0 && time is >= 0 and <= IndexTime.Last && size is > 0 and <= uint.MaxValue, "a commit");
            var hash = bytes.Fixed64();
            var (firstRun, firstPage) = (runs.Count, pages);
            var count = Pages(settled?.DatabasePages ?? (uint)size);
            commits[i] = new IndexCommit(number, time, (uint)size, hash, count, flags, firstRun, firstPage);
        }

        return commits;
    }

    private readonly bool StepFits(long step, CommitFlags flags, bool isFuzzy) =>
        header.Kind switch
        {
            SegmentKind.Journal => step == 1 || (step > 1 && flags.HasFlag(CommitFlags.Condensed)),
            SegmentKind.Delta => step > 0 || isFuzzy,
            _ => true,
        };

    private int Pages(uint limit)
    {
        var count = bytes.Number(Math.Min(limit, int.MaxValue));
        var (left, previous) = (count, 0L);
        while (left > 0)
        {
            var token = bytes.Number();
            var length = (token & 1) == 0 ? 1 : bytes.Number(left) + 2;
            var first = previous + 1 + Math.Min(token >> 1, limit);
            previous = first + length - 1;
            Require(length <= left && previous <= limit, "pages beyond their number or the database");
            Require(header.LockPage < first || header.LockPage > previous, "the lock page");
            runs.Add(new PageRun((uint)first, (uint)length));
            left -= length;
        }

        pages += count;
        return (int)count;
    }

    private (SegmentBlock[] Pages, SegmentBlock[] Hashes) Blocks(bool withHashes)
    {
        var blocks = new List<SegmentBlock>();
        var hashes = new List<SegmentBlock>();
        var count = bytes.Count(ShortestBlock);
        var (part, offset, total, page, hash) = (footer.Parts == 0 ? 0 : 1, (long)SegmentHeader.Length, 0L, 0L, 0L);
        for (var i = 0; i < count; i++)
        {
            if (bytes.Number(1) == 1)
            {
                Require(i > 0 && part < footer.Parts, "a part too many");
                (part, offset) = (part + 1, SegmentHeader.Length);
            }

            var stored = (int)bytes.Number(SegmentHeader.MaxStoredBlockBytes);
            var kindAndLength = bytes.Number(2L * SegmentHeader.MaxBlockBytes + 1);
            var (length, ofHashes) = ((int)(kindAndLength >> 1), (kindAndLength & 1) != 0);
            var unit = ofHashes ? sizeof(ulong) : header.PageSize;
            Require(stored > 0 && length > 0 && length % unit == 0, "the length of a block");
            var overhead = header.Cipher == SegmentCipher.None ? 0 : SegmentKey.Overhead;
            Require(
                header.Codec == SegmentCodec.None ? stored == length + overhead : stored > overhead,
                "the length of a block"
            );
            var first = ofHashes ? hash : page;
            var block = new SegmentBlock(part, offset, stored, length, bytes.Fixed128(), first, i, ofHashes);
            (ofHashes ? hashes : blocks).Add(block);
            (page, hash) = ofHashes ? (page, hash + length / unit) : (page + length / unit, hash);
            (offset, total) = (offset + stored, total + stored);
        }

        Require(page == pages && hash == (withHashes ? pages : 0), "its blocks do not hold its pages");
        Require(total == footer.BlockBytes && part == footer.Parts, "its blocks are not those of the segment");
        return ([.. blocks], [.. hashes]);
    }

    private static void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw IndexBytes.Broken(what);
        }
    }
}
