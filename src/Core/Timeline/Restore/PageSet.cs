namespace Holdfast.Core.Timeline.Restore;

/// <summary>A set of pages; memory is taken for the ranges that are used. Not thread-safe.</summary>
internal sealed class PageSet(uint pages)
{
    private const int ChunkBits = 20;
    private const uint ChunkMask = (1u << ChunkBits) - 1;
    private readonly ulong[]?[] chunks = new ulong[(pages >> ChunkBits) + 1][];

    /// <summary>Adds a page; false when it was there.</summary>
    public bool Add(uint page)
    {
        var chunk = chunks[page >> ChunkBits] ??= new ulong[1 << (ChunkBits - 6)];
        ref var word = ref chunk[(page & ChunkMask) >> 6];
        var bit = 1UL << (int)(page & 63);
        var added = (word & bit) == 0;
        word |= bit;
        return added;
    }

    /// <summary>Whether a page is in the set.</summary>
    public bool Contains(uint page) =>
        chunks[page >> ChunkBits] is { } chunk && (chunk[(page & ChunkMask) >> 6] & (1UL << (int)(page & 63))) != 0;
}
