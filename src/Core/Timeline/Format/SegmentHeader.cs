using System.Buffers.Binary;

namespace Holdfast.Core.Timeline.Format;

/// <summary>The first 64 bytes of each object of a segment. Keep in sync with docs/timeline-format.md.</summary>
public sealed record SegmentHeader
{
    /// <summary>The length in bytes.</summary>
    public const int Length = 64;

    /// <summary>The version that is written.</summary>
    public const ushort Version = 1;

    /// <summary>The most content bytes of a block, before compression.</summary>
    public const int MaxBlockBytes = 8 * 1024 * 1024;

    /// <summary>The most stored bytes of a block: a little more than its content, for what does not compress.</summary>
    internal const int MaxStoredBlockBytes = MaxBlockBytes + (MaxBlockBytes >> 7) + 1024;

    private static ReadOnlySpan<byte> Magic => "HFSEGMNT"u8;

    /// <summary>What it holds.</summary>
    public required SegmentKind Kind { get; init; }

    /// <summary>How blocks and the index are compressed.</summary>
    public required SegmentCodec Codec { get; init; }

    /// <summary>How blocks and the index are sealed.</summary>
    public SegmentCipher Cipher { get; init; }

    /// <summary>The retention level: 0 for the journal, larger for coarser ones.</summary>
    public byte Level { get; init; }

    /// <summary>The size of a page in bytes: a power of two from 512 to 65,536.</summary>
    public required int PageSize { get; init; }

    /// <summary>The history it belongs to.</summary>
    public required LineageId Lineage { get; init; }

    /// <summary>The session key it is sealed under; zero when it is not sealed.</summary>
    public UInt128 Key { get; init; }

    /// <summary>Random; makes the key of this segment its own.</summary>
    public ulong Salt { get; init; }

    /// <summary>Writes the 64 bytes.</summary>
    public void Write(Span<byte> bytes)
    {
        bytes[..Length].Clear();
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[8..], Version);
        bytes[10] = (byte)Kind;
        bytes[11] = (byte)Codec;
        bytes[12] = (byte)Cipher;
        bytes[13] = Level;
        BinaryPrimitives.WriteInt32LittleEndian(bytes[16..], PageSize);
        Lineage.CopyTo(bytes[24..]);
        BinaryPrimitives.WriteUInt128LittleEndian(bytes[40..], Key);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[56..], Salt);
    }

    /// <summary>Reads the 64 bytes.</summary>
    /// <exception cref="SegmentException">They are no header, or one of a newer version.</exception>
    public static SegmentHeader Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < Length)
        {
            throw new SegmentException(SegmentFault.Truncated, "the segment ends within its header");
        }

        if (!bytes.StartsWith(Magic))
        {
            throw new SegmentException(SegmentFault.Damaged, "it does not begin as a segment does");
        }

        RequireVersion(BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]));
        var codec = (SegmentCodec)bytes[11];
        var cipher = (SegmentCipher)bytes[12];
        if (!Enum.IsDefined(codec) || !Enum.IsDefined(cipher) || bytes[14..16].ContainsAnyExcept((byte)0))
        {
            throw new SegmentException(
                SegmentFault.Unsupported,
                $"the segment has codec {bytes[11]}, cipher {bytes[12]}: not known to this holdfast"
            );
        }

        if (cipher == SegmentCipher.None && bytes[40..56].ContainsAnyExcept((byte)0))
        {
            throw new SegmentException(SegmentFault.Damaged, "the segment has a key, and is not sealed");
        }

        var kind = (SegmentKind)bytes[10];
        var pageSize = BinaryPrimitives.ReadInt32LittleEndian(bytes[16..]);
        if (!Enum.IsDefined(kind) || !IsPageSize(pageSize) || bytes[20..24].ContainsAnyExcept((byte)0))
        {
            throw new SegmentException(SegmentFault.Damaged, "the segment's header makes no sense");
        }

        return new SegmentHeader
        {
            Kind = kind,
            Codec = codec,
            Cipher = cipher,
            Level = bytes[13],
            PageSize = pageSize,
            Lineage = new LineageId(bytes.Slice(24, LineageId.Length)),
            Key = BinaryPrimitives.ReadUInt128LittleEndian(bytes[40..]),
            Salt = BinaryPrimitives.ReadUInt64LittleEndian(bytes[56..]),
        };
    }

    /// <summary>The page that never has content: it holds the byte 2^30, where SQLite keeps its locks.</summary>
    public uint LockPage => LockPageOf(PageSize);

    /// <summary>The page that never has content, for a page size.</summary>
    public static uint LockPageOf(int pageSize) => ((1u << 30) / (uint)pageSize) + 1;

    /// <summary>Refuses versions that this reader does not know.</summary>
    internal static void RequireVersion(ushort version)
    {
        if (version != Version)
        {
            throw new SegmentException(
                SegmentFault.Unsupported,
                $"the segment is of version {version}: not known to this holdfast"
            );
        }
    }

    /// <summary>Whether SQLite knows pages of this size.</summary>
    public static bool IsPageSize(int bytes) => bytes is >= 512 and <= 65_536 && int.IsPow2(bytes);
}
