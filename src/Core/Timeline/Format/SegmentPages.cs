using System.Buffers;

namespace Holdfast.Core.Timeline.Format;

/// <summary>Reads the pages of a segment one after the other. Not thread-safe.</summary>
internal sealed class SegmentPages : IDisposable
{
    private readonly SegmentReader reader;
    private readonly BlockDecoder decoder = new();
    private byte[] stored = [];
    private byte[] raw = [];
    private int next;
    private SegmentBlock current;

    public SegmentPages(SegmentReader reader) => this.reader = reader;

    /// <summary>Reads a page by its place among the pages of the segment; places ascend.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(long ordinal, CancellationToken cancellationToken)
    {
        var size = reader.Index.Header.PageSize;
        while (current.RawLength == 0 || ordinal >= current.First + current.RawLength / size)
        {
            var block = reader.Index.Blocks[next++];
            if (ordinal < block.First + block.RawLength / size)
            {
                _ = await ReadBlockAsync(block, cancellationToken);
                current = block;
            }
        }

        return raw.AsMemory((int)(ordinal - current.First) * size, size);
    }

    /// <summary>Reads a block.</summary>
    /// <returns>Its content, until the next call.</returns>
    public async ValueTask<ReadOnlyMemory<byte>> ReadBlockAsync(SegmentBlock block, CancellationToken cancellationToken)
    {
        Grow(ref stored, block.StoredLength);
        Grow(ref raw, block.RawLength);
        await using var stream = await reader.OpenRangeAsync(
            block.Part,
            block.Offset,
            block.StoredLength,
            cancellationToken
        );
        await reader.ReadBlockAsync(stream, block, stored, raw, decoder, compareDigest: true, cancellationToken);
        return raw.AsMemory(0, block.RawLength);
    }

    public void Dispose()
    {
        decoder.Dispose();
        ArrayPool<byte>.Shared.Return(stored);
        ArrayPool<byte>.Shared.Return(raw);
        (stored, raw) = ([], []);
    }

    /// <summary>Makes a pooled buffer large enough.</summary>
    public static void Grow(ref byte[] buffer, int length)
    {
        if (buffer.Length < length)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = ArrayPool<byte>.Shared.Rent(length);
        }
    }
}
