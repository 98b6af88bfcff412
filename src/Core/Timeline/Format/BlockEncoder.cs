using System.Numerics;
using Holdfast.Core.Codecs;

namespace Holdfast.Core.Timeline.Format;

/// <summary>Compresses blocks, each by itself. Not thread-safe.</summary>
internal sealed unsafe class BlockEncoder : IDisposable
{
    /// <summary>Up to here the standard window of the level sees a whole block.</summary>
    private const int StandardWindow = 1 << 20;

    private nint encoder;

    public BlockEncoder(SegmentCodec codec, int level, int blockBytes)
    {
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
    public static int Bound(int length) => (int)NativeZstd.CompressBound((nuint)length);

    /// <summary>Compresses a block.</summary>
    /// <returns>The bytes taken of <paramref name="stored"/>.</returns>
    public int Encode(ReadOnlySpan<byte> raw, Span<byte> stored)
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
        if (encoder != 0)
        {
            _ = NativeZstd.FreeEncoder(encoder);
            encoder = 0;
        }
    }

    private void Set(int parameter, int value) =>
        _ = NativeZstd.Check(NativeZstd.SetParameter(encoder, parameter, value));
}
