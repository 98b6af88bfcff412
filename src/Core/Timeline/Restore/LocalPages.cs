using System.Buffers.Binary;
using Holdfast.Core.Timeline.Format;

namespace Holdfast.Core.Timeline.Restore;

/// <summary>The pages of an existing file, compared with the page hashes that a segment keeps. Not thread-safe.</summary>
internal sealed class LocalPages(IPageReader file, int pageSize) : IDisposable
{
    private SegmentPages? source;
    private SegmentReader? reader;
    private readonly Dictionary<long, ReadOnlyMemory<byte>> loaded = [];

    /// <summary>Makes the hashes of the pages of a block known.</summary>
    public async Task LoadHashesAsync(
        SegmentReader segment,
        SegmentBlock block,
        RestoreCounts counts,
        CancellationToken cancellationToken
    )
    {
        if (reader != segment)
        {
            source?.Dispose();
            (reader, source) = (segment, new SegmentPages(segment));
            loaded.Clear();
        }

        var end = block.First + block.RawLength / pageSize;
        if (Find(block.First) && Find(end - 1))
        {
            return;
        }

        loaded.Clear();
        foreach (var hashes in segment.Index.HashBlocks)
        {
            if (hashes.First < end && hashes.First + hashes.RawLength / sizeof(ulong) > block.First)
            {
                var content = await source!.ReadBlockAsync(hashes, cancellationToken);
                loaded.Add(hashes.First, content.ToArray());
                counts.Read(segment.KeyOf(hashes.Part).Value, hashes.StoredLength);
            }
        }
    }

    /// <summary>Reads the wanted pages of a block to where they are in it.</summary>
    /// <param name="block">The block.</param>
    /// <param name="wanted">The pages wanted of it.</param>
    /// <param name="prefixAndRaw">Four bytes that may be overwritten, then room for the content of the block.</param>
    /// <returns>The exclusive or of their hashes; null when one differs.</returns>
    public ulong? TryRead(SegmentBlock block, IReadOnlyList<WantedPages> wanted, Span<byte> prefixAndRaw)
    {
        var hash = 0UL;
        foreach (var (ordinal, first, count) in wanted)
        {
            var offset = (int)(ordinal - block.First) * pageSize;
            if (!file.TryRead(first, prefixAndRaw.Slice(PageHash.PrefixLength + offset, count * pageSize)))
            {
                return null;
            }

            for (var i = 0; i < count; i++, offset += pageSize)
            {
                // Hashing overwrites what stands before a page, which is the end of the one before it.
                var prefixAndPage = prefixAndRaw.Slice(offset, PageHash.PrefixLength + pageSize);
                var before = BinaryPrimitives.ReadUInt32LittleEndian(prefixAndPage);
                var found = PageHash.InPlace(first + (uint)i, prefixAndPage);
                BinaryPrimitives.WriteUInt32LittleEndian(prefixAndPage, before);
                if (found != HashOf(ordinal + i))
                {
                    return null;
                }

                hash ^= found;
            }
        }

        return hash;
    }

    public void Dispose() => source?.Dispose();

    private bool Find(long ordinal) =>
        loaded.Any(l => l.Key <= ordinal && l.Key + l.Value.Length / sizeof(ulong) > ordinal);

    private ulong HashOf(long ordinal)
    {
        foreach (var (first, content) in loaded)
        {
            if (first <= ordinal && first + content.Length / sizeof(ulong) > ordinal)
            {
                return BinaryPrimitives.ReadUInt64LittleEndian(
                    content.Span[((int)(ordinal - first) * sizeof(ulong))..]
                );
            }
        }

        throw new InvalidOperationException("the hashes of the block are not loaded");
    }
}
