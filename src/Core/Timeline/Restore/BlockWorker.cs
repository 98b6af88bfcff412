using System.Buffers;
using Holdfast.Core.Timeline.Format;

namespace Holdfast.Core.Timeline.Restore;

/// <summary>
/// Fetches blocks, checks and decompresses them, and writes the pages that are wanted of them. Each thread of a restore
/// has one.
/// </summary>
internal sealed class BlockWorker(
    TimelinePlan plan,
    IPageWriter writer,
    IPageReader? local,
    RestoreCounts counts,
    bool compareDigests
) : IDisposable
{
    private readonly BlockDecoder decoder = new();
    private readonly LocalPages? localPages = local == null ? null : new LocalPages(local, plan.PageSize);
    private byte[] stored = [];
    private byte[] raw = [];

    /// <summary>The exclusive or of the hashes of the pages written so far.</summary>
    public ulong Hash { get; private set; }

    /// <summary>Does a job.</summary>
    /// <exception cref="SegmentLostException">What is stored cannot be used.</exception>
    public async Task RunAsync(BlockJob job, CancellationToken cancellationToken)
    {
        try
        {
            var blocks = job.Blocks;
            if (localPages != null && job.Reader.Index.HashBlocks.Count > 0)
            {
                blocks = await KeepAsync(job, localPages, cancellationToken);
            }

            for (var i = 0; i < blocks.Count; )
            {
                i = await FetchAsync(job.Reader, blocks, i, cancellationToken);
            }
        }
        catch (Exception error) when (SegmentLostException.IsLoss(error))
        {
            throw new SegmentLostException(job.Segment, error);
        }
    }

    public void Dispose()
    {
        decoder.Dispose();
        localPages?.Dispose();
        ArrayPool<byte>.Shared.Return(stored);
        ArrayPool<byte>.Shared.Return(raw);
        (stored, raw) = ([], []);
    }

    /// <summary>Fetches blocks that lie next to each other, in one request.</summary>
    /// <returns>The first block that does not.</returns>
    private async Task<int> FetchAsync(
        SegmentReader reader,
        IReadOnlyList<(SegmentBlock Block, IReadOnlyList<WantedPages> Pages)> blocks,
        int first,
        CancellationToken cancellationToken
    )
    {
        var (part, start) = (blocks[first].Block.Part, blocks[first].Block.Offset);
        var end = first;
        var length = 0L;
        for (; end < blocks.Count && blocks[end].Block.Offset == start + length; end++)
        {
            length += blocks[end].Block.StoredLength;
        }

        await using var stream = await reader.OpenRangeAsync(part, start, length, cancellationToken);
        for (var i = first; i < end; i++)
        {
            var (block, pages) = blocks[i];
            SegmentPages.Grow(ref stored, block.StoredLength);
            await reader.ReadBlockAsync(
                stream,
                block,
                stored,
                RoomFor(block),
                decoder,
                compareDigests,
                cancellationToken
            );
            counts.Read(reader.KeyOf(part).Value, reader.BytesToFetch(block));
            foreach (var wanted in pages)
            {
                Write(wanted, block);
            }
        }

        return end;
    }

    private void Write(WantedPages wanted, SegmentBlock block)
    {
        var offset = (int)(wanted.Ordinal - block.First) * plan.PageSize;
        var prefixAndPages = raw.AsSpan(offset, PageHash.PrefixLength + wanted.Count * plan.PageSize);
        writer.Write(wanted.First, prefixAndPages[PageHash.PrefixLength..]);

        // What stands before a page is overwritten: it is the end of one that was written and hashed already.
        for (var i = 0; i < wanted.Count; i++)
        {
            Hash ^= PageHash.InPlace(
                wanted.First + (uint)i,
                prefixAndPages.Slice(i * plan.PageSize, PageHash.PrefixLength + plan.PageSize)
            );
        }

        counts.Wrote(wanted.Count, wanted.Count * plan.PageSize, kept: false);
    }

    /// <summary>Room for the content of a block, behind what the hash of its first page takes.</summary>
    private Memory<byte> RoomFor(SegmentBlock block)
    {
        SegmentPages.Grow(ref raw, PageHash.PrefixLength + block.RawLength);
        return raw.AsMemory(PageHash.PrefixLength, block.RawLength);
    }

    /// <summary>Takes from the existing file the blocks whose wanted pages are all the same there.</summary>
    /// <returns>The blocks to be fetched.</returns>
    private async Task<IReadOnlyList<(SegmentBlock Block, IReadOnlyList<WantedPages> Pages)>> KeepAsync(
        BlockJob job,
        LocalPages pages,
        CancellationToken cancellationToken
    )
    {
        var others = new List<(SegmentBlock Block, IReadOnlyList<WantedPages> Pages)>();
        foreach (var found in job.Blocks)
        {
            var room = RoomFor(found.Block);
            await pages.LoadHashesAsync(job.Reader, found.Block, counts, cancellationToken);
            if (pages.TryRead(found.Block, found.Pages, raw) is { } hash)
            {
                Hash ^= hash;
                foreach (var (ordinal, first, count) in found.Pages)
                {
                    var bytes = room.Span.Slice(
                        (int)(ordinal - found.Block.First) * plan.PageSize,
                        count * plan.PageSize
                    );
                    writer.Write(first, bytes);
                    counts.Wrote(count, bytes.Length, kept: true);
                }
            }
            else
            {
                others.Add(found);
            }
        }

        return others;
    }
}
