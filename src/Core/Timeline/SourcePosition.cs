using System.Buffers.Binary;

namespace Holdfast.Core.Timeline;

/// <summary>
/// Where a capture stands within its source, as the engine understands it: 32 bytes that the core keeps with each commit
/// and gives back after a restart, without looking inside. Equal positions are the same place.
/// </summary>
public readonly record struct SourcePosition
{
    /// <summary>The length in bytes.</summary>
    public const int Length = 32;

    private readonly UInt128 first;
    private readonly UInt128 second;

    /// <summary>Takes the 32 bytes of a position.</summary>
    public SourcePosition(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length, Length);
        first = BinaryPrimitives.ReadUInt128LittleEndian(bytes);
        second = BinaryPrimitives.ReadUInt128LittleEndian(bytes[16..]);
    }

    /// <summary>Copies the 32 bytes.</summary>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt128LittleEndian(destination, first);
        BinaryPrimitives.WriteUInt128LittleEndian(destination[16..], second);
    }
}
