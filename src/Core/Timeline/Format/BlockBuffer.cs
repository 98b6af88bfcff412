using System.Buffers;

namespace Holdfast.Core.Timeline.Format;

/// <summary>The content of the block that is being filled, in pooled memory. Not thread-safe.</summary>
internal sealed class BlockBuffer(int capacity) : IDisposable
{
    private byte[] bytes = ArrayPool<byte>.Shared.Rent(capacity);
    private int length;

    public int Capacity => capacity;

    public bool IsFull => length == capacity;

    public ReadOnlySpan<byte> Content => bytes.AsSpan(0, length);

    public void Clear() => length = 0;

    /// <summary>Adds bytes.</summary>
    /// <returns>Where they are.</returns>
    public ReadOnlySpan<byte> Add(ReadOnlySpan<byte> content)
    {
        var space = Add(content.Length);
        content.CopyTo(space);
        return space;
    }

    /// <summary>Adds space for bytes.</summary>
    public Span<byte> Add(int count)
    {
        var space = bytes.AsSpan(length, count);
        length += count;
        return space;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(Interlocked.Exchange(ref bytes, []));
        length = 0;
    }
}
