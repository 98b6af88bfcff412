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

    /// <summary>Reads the wanted pages of a block to where they are in it; false when one differs.</summary>
    public bool TryRead(SegmentBlock block, IReadOnlyList<WantedPages> wanted, Span<byte> raw)
    {
        foreach (var (ordinal, first, count) in wanted)
        {
            var bytes = raw.Slice((int)(ordinal - block.First) * pageSize, count * pageSize);
            if (!file.TryRead(first, bytes))
            {
                return false;
            }

            for (var i = 0; i < count; i++)
            {
                if (PageHash.Of(first + (uint)i, bytes.Slice(i * pageSize, pageSize)) != HashOf(ordinal + i))
                {
                    return false;
                }
            }
        }

        return true;
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
