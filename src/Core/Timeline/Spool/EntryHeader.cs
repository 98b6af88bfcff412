using System.Buffers.Binary;
using System.Numerics;

namespace Holdfast.Core.Timeline.Spool;

/// <summary>What an entry of a spool file is. The values are stored.</summary>
internal enum EntryKind : byte
{
    /// <summary>A commit, or the net change of several.</summary>
    Commit = 1,

    /// <summary>The source stands elsewhere, without a commit.</summary>
    Move = 2,
}

/// <summary>
/// The first 128 bytes of an entry of a spool file: header · slots, a page each · index, 16 bytes for each page in
/// ascending order (number, slot, hash). Little-endian. Local to a machine: never stored at a target.
/// </summary>
internal readonly record struct EntryHeader
{
    public const int Length = 128;
    public const int IndexBytes = 16;
    private const uint Magic = 0x4C505348;
    private const int CheckedFrom = 8;

    public required EntryKind Kind { get; init; }

    /// <summary>The first commit that it stands for; the last is the commit itself.</summary>
    public required long From { get; init; }

    public required CommitInfo Commit { get; init; }

    public required SourcePosition Position { get; init; }

    public required int PageSize { get; init; }

    /// <summary>Pages that lie in it; some may be in no index, as they were dropped by the commit itself.</summary>
    public required uint Slots { get; init; }

    public long IndexOffset => Length + ((long)Slots * PageSize);

    public long TotalLength => IndexOffset + ((long)Commit.PageCount * IndexBytes);

    /// <summary>Writes it.</summary>
    public void Write(Span<byte> header, ReadOnlySpan<byte> index)
    {
        header[..Length].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header, Magic);
        header[8] = (byte)Kind;
        header[9] = (byte)Commit.Flags;
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], Commit.PageCount);
        BinaryPrimitives.WriteInt64LittleEndian(header[16..], Commit.Number);
        BinaryPrimitives.WriteInt64LittleEndian(header[24..], From);
        BinaryPrimitives.WriteInt64LittleEndian(header[32..], Commit.Time.UtcTicks);
        BinaryPrimitives.WriteUInt32LittleEndian(header[40..], Commit.DatabasePages);
        BinaryPrimitives.WriteInt32LittleEndian(header[44..], PageSize);
        BinaryPrimitives.WriteUInt64LittleEndian(header[48..], Commit.Hash);
        BinaryPrimitives.WriteUInt32LittleEndian(header[56..], Slots);
        Position.CopyTo(header[64..]);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], Checksum(header, index));
    }

    /// <summary>Reads it; null when these bytes are none. The checksum is compared with <see cref="IsIntact"/>.</summary>
    public static EntryHeader? Read(ReadOnlySpan<byte> header)
    {
        if (header.Length < Length || BinaryPrimitives.ReadUInt32LittleEndian(header) != Magic)
        {
            return null;
        }

        var ticks = BinaryPrimitives.ReadInt64LittleEndian(header[32..]);
        var count = BinaryPrimitives.ReadInt32LittleEndian(header[12..]);
        if (ticks < 0 || ticks > DateTime.MaxValue.Ticks || count < 0)
        {
            return null;
        }

        return new EntryHeader
        {
            Kind = (EntryKind)header[8],
            From = BinaryPrimitives.ReadInt64LittleEndian(header[24..]),
            Commit = new CommitInfo(
                BinaryPrimitives.ReadInt64LittleEndian(header[16..]),
                new DateTimeOffset(ticks, TimeSpan.Zero),
                BinaryPrimitives.ReadUInt32LittleEndian(header[40..]),
                BinaryPrimitives.ReadUInt64LittleEndian(header[48..]),
                count,
                (CommitFlags)header[9]
            ),
            Position = new SourcePosition(header.Slice(64, SourcePosition.Length)),
            PageSize = BinaryPrimitives.ReadInt32LittleEndian(header[44..]),
            Slots = BinaryPrimitives.ReadUInt32LittleEndian(header[56..]),
        };
    }

    /// <summary>Whether header and index are those that were written.</summary>
    public static bool IsIntact(ReadOnlySpan<byte> header, ReadOnlySpan<byte> index) =>
        BinaryPrimitives.ReadUInt32LittleEndian(header[4..]) == Checksum(header, index);

    private static uint Checksum(ReadOnlySpan<byte> header, ReadOnlySpan<byte> index) =>
        Add(Add(uint.MaxValue, header[CheckedFrom..Length]), index);

    // Both lengths are multiples of eight.
    private static uint Add(uint checksum, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
        {
            checksum = BitOperations.Crc32C(checksum, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        return checksum;
    }
}
