using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Holdfast.Engines.Sqlite.Timeline;

/// <summary>The cumulative checksum of the WAL, see https://sqlite.org/fileformat2.html#checksum_algorithm.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct WalChecksum(uint First, uint Second)
{
    /// <summary>Goes on with more bytes, a multiple of eight.</summary>
    public WalChecksum Extend(ReadOnlySpan<byte> bytes, bool bigEndian)
    {
        var words = MemoryMarshal.Cast<byte, uint>(bytes);
        return bigEndian == BitConverter.IsLittleEndian ? ExtendSwapped(words) : ExtendNative(words);
    }

    /// <summary>Reads it as it stands in a WAL.</summary>
    public static WalChecksum Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt32BigEndian(bytes), BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]));

    private WalChecksum ExtendNative(ReadOnlySpan<uint> words)
    {
        var (first, second) = (First, Second);
        for (var i = 0; i + 1 < words.Length; i += 2)
        {
            first += words[i] + second;
            second += words[i + 1] + first;
        }

        return new WalChecksum(first, second);
    }

    private WalChecksum ExtendSwapped(ReadOnlySpan<uint> words)
    {
        var (first, second) = (First, Second);
        for (var i = 0; i + 1 < words.Length; i += 2)
        {
            first += BinaryPrimitives.ReverseEndianness(words[i]) + second;
            second += BinaryPrimitives.ReverseEndianness(words[i + 1]) + first;
        }

        return new WalChecksum(first, second);
    }
}
