using System.Buffers.Binary;
using System.Security.Cryptography;
using Holdfast.Core.Codecs;

namespace Holdfast.Core.Timeline.Format;

/// <summary>Checks and decompresses blocks. Not thread-safe; each thread has its own.</summary>
public sealed unsafe class BlockDecoder : IDisposable
{
    private nint decoder;

    /// <summary>The digest that the index holds of a block: the first 16 bytes of the SHA-256 of its stored bytes.</summary>
    internal static UInt128 DigestOf(ReadOnlySpan<byte> stored)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(stored, digest);
        return BinaryPrimitives.ReadUInt128BigEndian(digest);
    }

    /// <summary>Checks the stored bytes of a block.</summary>
    /// <exception cref="SegmentException">They are not those that were written.</exception>
    internal static void Compare(in SegmentBlock block, ReadOnlySpan<byte> stored)
    {
        if (DigestOf(stored) != block.Digest)
        {
            throw new SegmentException(SegmentFault.Damaged, "a block is not what was written");
        }
    }

    /// <summary>Decompresses exactly as many bytes as <paramref name="raw"/> takes; the input may be hostile.</summary>
    /// <exception cref="SegmentException">That is not what the bytes hold.</exception>
    internal void Decompress(SegmentCodec codec, ReadOnlySpan<byte> stored, Span<byte> raw)
    {
        if (codec == SegmentCodec.None)
        {
            if (stored.Length != raw.Length)
            {
                throw new SegmentException(SegmentFault.Damaged, "a block has another length than the index says");
            }

            stored.CopyTo(raw);
            return;
        }

        if (decoder == 0)
        {
            NativeZstd.Require();
            decoder = NativeZstd.RequireMemory(NativeZstd.CreateDecoder());
        }

        fixed (byte* source = stored)
        fixed (byte* destination = raw)
        {
            var length = NativeZstd.DecompressBlock(
                decoder,
                destination,
                (nuint)raw.Length,
                source,
                (nuint)stored.Length
            );

            // An error of the library is a number that no length reaches.
            if (length != (nuint)raw.Length)
            {
                throw new SegmentException(SegmentFault.Damaged, "compressed bytes do not hold what they should");
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (decoder != 0)
        {
            _ = NativeZstd.FreeDecoder(decoder);
            decoder = 0;
        }
    }
}
