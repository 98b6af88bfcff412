using System.Buffers.Binary;
using System.Security.Cryptography;
using Holdfast.Core.Codecs;

namespace Holdfast.Core.Timeline.Format;

/// <summary>Checks, opens and decompresses blocks. Not thread-safe; each thread has its own.</summary>
public sealed unsafe class BlockDecoder : IDisposable
{
    private nint decoder;
    private SegmentKey? key;
    private AesGcm? cipher;

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

    /// <summary>Opens in place a block that is sealed.</summary>
    /// <returns>The content, compressed.</returns>
    /// <exception cref="SegmentException">It is not what was sealed there.</exception>
    internal ReadOnlySpan<byte> Open(SegmentKey? segment, in SegmentBlock block, Span<byte> stored) =>
        Open(segment, block.OfHashes ? SealedKind.Hashes : SealedKind.Pages, block.Number, stored);

    /// <summary>Opens in place what is sealed.</summary>
    /// <returns>The content.</returns>
    /// <exception cref="SegmentException">It is not what was sealed there.</exception>
    internal ReadOnlySpan<byte> Open(SegmentKey? segment, SealedKind kind, long number, Span<byte> stored)
    {
        if (segment == null)
        {
            return stored;
        }

        if (key != segment)
        {
            cipher?.Dispose();
            (key, cipher) = (segment, segment.ToCipher());
        }

        return stored[..segment.Open(cipher!, kind, number, stored)];
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
        cipher?.Dispose();
        (key, cipher) = (null, null);
        if (decoder != 0)
        {
            _ = NativeZstd.FreeDecoder(decoder);
            decoder = 0;
        }
    }
}
