using System.Numerics;
using System.Security.Cryptography;
using Holdfast.Core.Codecs;

namespace Holdfast.Core.Timeline.Format;

/// <summary>Compresses blocks and seals them, each by itself. Not thread-safe.</summary>
internal sealed unsafe class BlockEncoder : IDisposable
{
    /// <summary>Up to here the standard window of the level sees a whole block.</summary>
    private const int StandardWindow = 1 << 20;

    private readonly SegmentKey? key;
    private readonly AesGcm? cipher;
    private nint encoder;

    public BlockEncoder(SegmentCodec codec, int level, int blockBytes, SegmentKey? key)
    {
        this.key = key;
        cipher = key?.ToCipher();
        if (codec == SegmentCodec.None)
        {
            return;
        }

        NativeZstd.Require();
        encoder = NativeZstd.RequireMemory(NativeZstd.CreateEncoder());
        Set(NativeZstd.CompressionLevel, level);
        if (blockBytes > StandardWindow)
        {
            Set(NativeZstd.LongDistanceMatching, 1);
            Set(NativeZstd.WindowLog, BitOperations.Log2((uint)blockBytes - 1) + 1);
        }
    }

    /// <summary>The most bytes that a block can take.</summary>
    public static int Bound(int length) => (int)NativeZstd.CompressBound((nuint)length) + SegmentKey.Overhead;

    /// <summary>Compresses and seals a block.</summary>
    /// <param name="kind">What it holds.</param>
    /// <param name="number">Which it is.</param>
    /// <param name="raw">Its content.</param>
    /// <param name="stored">Room for what is to be stored.</param>
    /// <returns>The bytes taken of <paramref name="stored"/>.</returns>
    public int Encode(SealedKind kind, long number, ReadOnlySpan<byte> raw, Span<byte> stored)
    {
        var length = Compress(raw, stored);
        if (cipher == null)
        {
            return length;
        }

        length += SegmentKey.Overhead;
        key!.Seal(cipher, kind, number, stored[..length]);
        return length;
    }

    private int Compress(ReadOnlySpan<byte> raw, Span<byte> stored)
    {
        if (encoder == 0)
        {
            raw.CopyTo(stored);
            return raw.Length;
        }

        fixed (byte* source = raw)
        fixed (byte* destination = stored)
        {
            return (int)
                NativeZstd.Check(
                    NativeZstd.CompressBlock(encoder, destination, (nuint)stored.Length, source, (nuint)raw.Length)
                );
        }
    }

    public void Dispose()
    {
        cipher?.Dispose();
        if (encoder != 0)
        {
            _ = NativeZstd.FreeEncoder(encoder);
            encoder = 0;
        }
    }

    private void Set(int parameter, int value) =>
        _ = NativeZstd.Check(NativeZstd.SetParameter(encoder, parameter, value));
}
