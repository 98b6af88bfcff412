using Holdfast.Core.Timeline.Format;

namespace Holdfast.Core.Timeline.Restore;

/// <summary>Cuts the wanted pages of a segment into jobs: only blocks that hold one, neighbours together.</summary>
internal static class WantedBlocks
{
    /// <summary>The most stored bytes that one request fetches.</summary>
    private const long RequestBytes = 4 * 1024 * 1024;

    /// <summary>The jobs of a segment.</summary>
    /// <param name="segment">What the name tells of it.</param>
    /// <param name="reader">The segment.</param>
    /// <param name="wanted">The wanted pages; sorted here.</param>
    public static IEnumerable<BlockJob> Jobs(TimelineSegment segment, SegmentReader reader, List<WantedPages> wanted)
    {
        wanted.Sort((left, right) => left.Ordinal.CompareTo(right.Ordinal));
        var blocks = new List<(SegmentBlock Block, IReadOnlyList<WantedPages> Pages)>();
        var bytes = 0L;
        foreach (var found in Blocks(reader.Index, wanted))
        {
            if (blocks.Count > 0 && (bytes >= RequestBytes || !Adjoin(blocks[^1].Block, found.Block)))
            {
                yield return new BlockJob(segment, reader, blocks);
                (blocks, bytes) = ([], 0);
            }

            blocks.Add(found);
            bytes += found.Block.StoredLength;
        }

        if (blocks.Count > 0)
        {
            yield return new BlockJob(segment, reader, blocks);
        }
    }

    private static IEnumerable<(SegmentBlock Block, IReadOnlyList<WantedPages> Pages)> Blocks(
        SegmentIndex index,
        List<WantedPages> wanted
    )
    {
        var next = 0;
        foreach (var block in index.Blocks)
        {
            if (next == wanted.Count)
            {
                yield break;
            }

            var end = block.First + block.RawLength / index.Header.PageSize;
            var pages = new List<WantedPages>();
            while (next < wanted.Count && wanted[next].Ordinal < end)
            {
                var (ordinal, first, count) = wanted[next];
                var here = (int)Math.Min(count, end - ordinal);
                pages.Add(new WantedPages(ordinal, first, here));
                if (here < count)
                {
                    wanted[next] = new WantedPages(ordinal + here, first + (uint)here, count - here);
                    break;
                }

                next++;
            }

            if (pages.Count > 0)
            {
                yield return (block, pages);
            }
        }
    }

    private static bool Adjoin(SegmentBlock left, SegmentBlock right) =>
        left.Part == right.Part && left.Offset + left.StoredLength == right.Offset;
}
