using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Holdfast.Core.Timeline.Format;

/// <summary>
/// The last 64 bytes of the object that holds the index. Keep in sync with docs/timeline-format.md.
/// </summary>
/// <param name="IndexStored">The stored length of the index before it.</param>
/// <param name="IndexRaw">The length of the index when decompressed.</param>
/// <param name="Parts">The number of parts; 0 when the blocks are in this object.</param>
/// <param name="BlockBytes">The stored bytes of all blocks together.</param>
internal readonly record struct SegmentFooter(int IndexStored, int IndexRaw, int Parts, long BlockBytes)
{
    public const int Length = 64;

    /// <summary>The largest index, stored or not: bounds the memory that a damaged object can ask for.</summary>
    public const int MaxIndexBytes = 16 * 1024 * 1024;

    private const int DigestOffset = 32;

    private static ReadOnlySpan<byte> Magic => "HFSEGEND"u8;

    /// <summary>The length of the object that ends with this footer.</summary>
    public long ObjectLength => SegmentHeader.Length + (Parts == 0 ? BlockBytes : 0) + IndexStored + Length;

    public void Write(Span<byte> bytes, ReadOnlySpan<byte> header, ReadOnlySpan<byte> index)
    {
        bytes[..Length].Clear();
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[8..], SegmentHeader.Version);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[12..], Parts);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[16..], IndexStored);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[20..], IndexRaw);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[24..], BlockBytes);
        Digest(header, index, bytes[..DigestOffset], bytes[DigestOffset..Length]);
    }

    /// <summary>The digest in a footer as it was stored; nothing is read or checked.</summary>
    public static Stores.Sha256Digest DigestOf(ReadOnlySpan<byte> footer) => new(footer[DigestOffset..Length]);

    /// <summary>Reads the footer; its digest is checked by <see cref="Check"/>, once the index is there.</summary>
    public static SegmentFooter Parse(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.StartsWith(Magic))
        {
            throw new SegmentException(SegmentFault.Damaged, "it does not end as a segment does: cut short or damaged");
        }

        SegmentHeader.RequireVersion(BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]));
        var footer = new SegmentFooter(
            BinaryPrimitives.ReadInt32LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[20..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[24..])
        );
        return
            footer.IndexStored is > 0 and <= MaxIndexBytes
            && footer.IndexRaw is > 0 and <= MaxIndexBytes
            && footer.Parts >= 0
            && footer.BlockBytes is >= 0 and < long.MaxValue / 2
            ? footer
            : throw new SegmentException(SegmentFault.Damaged, "the footer makes no sense");
    }

    /// <summary>Checks that header, index and footer are those that were written.</summary>
    public static void Check(ReadOnlySpan<byte> header, ReadOnlySpan<byte> index, ReadOnlySpan<byte> footer)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        Digest(header, index, footer[..DigestOffset], digest);
        if (!digest.SequenceEqual(footer[DigestOffset..Length]))
        {
            throw new SegmentException(SegmentFault.Damaged, "its header, index or footer is not what was written");
        }
    }

    private static void Digest(
        ReadOnlySpan<byte> header,
        ReadOnlySpan<byte> index,
        ReadOnlySpan<byte> footer,
        Span<byte> digest
    )
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(header);
        hash.AppendData(index);
        hash.AppendData(footer);
        hash.GetHashAndReset(digest);
    }
}
