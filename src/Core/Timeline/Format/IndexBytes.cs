using System.Buffers;
using System.Buffers.Binary;

namespace Holdfast.Core.Timeline.Format;

/// <summary>Reads the numbers of an index; each beyond its end or range is a <see cref="SegmentException"/>.</summary>
internal ref struct IndexBytes(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> left = bytes;

    public readonly int Left => left.Length;

    public byte Byte() => Take(1)[0];

    public ulong Fixed64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    public UInt128 Fixed128() => BinaryPrimitives.ReadUInt128BigEndian(Take(16));

    /// <summary>An unsigned number of seven bits a byte, lowest first, of at most 63 bits.</summary>
    public long Number()
    {
        var value = 0L;
        for (var shift = 0; shift < 63; shift += 7)
        {
            var next = Byte();
            value |= (long)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw Broken("a number is too long");
    }

    /// <summary>A number of at most <paramref name="most"/>.</summary>
    public long Number(long most)
    {
        var value = Number();
        return value <= most ? value : throw Broken("a number is too large");
    }

    /// <summary>A count of things that take at least so many bytes each.</summary>
    public int Count(int bytesEach) => (int)Number(left.Length / bytesEach);

    /// <summary>A signed number: 0, −1, 1, −2 … as 0, 1, 2, 3 …</summary>
    public long Signed()
    {
        var value = Number();
        return (value >> 1) ^ -(value & 1);
    }

    public static SegmentException Broken(string why) => new(SegmentFault.Damaged, $"the index makes no sense: {why}");

    private ReadOnlySpan<byte> Take(int count)
    {
        if (left.Length < count)
        {
            throw Broken("it ends too early");
        }

        var taken = left[..count];
        left = left[count..];
        return taken;
    }
}

/// <summary>Writes the numbers of an index.</summary>
internal static class IndexWriting
{
    public static void Byte(this ArrayBufferWriter<byte> bytes, byte value)
    {
        bytes.GetSpan(1)[0] = value;
        bytes.Advance(1);
    }

    public static void Fixed64(this ArrayBufferWriter<byte> bytes, ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.GetSpan(8), value);
        bytes.Advance(8);
    }

    public static void Fixed128(this ArrayBufferWriter<byte> bytes, UInt128 value)
    {
        BinaryPrimitives.WriteUInt128BigEndian(bytes.GetSpan(16), value);
        bytes.Advance(16);
    }

    public static void Number(this ArrayBufferWriter<byte> bytes, long value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        var span = bytes.GetSpan(9);
        var length = 0;
        for (; value >= 0x80; value >>= 7)
        {
            span[length++] = (byte)(value | 0x80);
        }

        span[length++] = (byte)value;
        bytes.Advance(length);
    }

    public static void Signed(this ArrayBufferWriter<byte> bytes, long value) =>
        bytes.Number((value << 1) ^ (value >> 63));
}
