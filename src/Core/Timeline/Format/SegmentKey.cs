using System.Buffers.Binary;
using System.Security.Cryptography;
using Holdfast.Core.Vault;

namespace Holdfast.Core.Timeline.Format;

/// <summary>What is sealed of a segment. The values are stored.</summary>
internal enum SealedKind : uint
{
    /// <summary>A block of pages.</summary>
    Pages = 0,

    /// <summary>A block of page hashes.</summary>
    Hashes = 1,

    /// <summary>The index.</summary>
    Index = 2,
}

/// <summary>The key of one segment, and what each of its blocks is bound to. Immutable; see docs/vault.md.</summary>
internal sealed class SegmentKey
{
    /// <summary>The bytes that a block grows by: the tag.</summary>
    public const int Overhead = 16;

    private const int KeyLength = 32;
    private readonly byte[] header = new byte[SegmentHeader.Length];
    private readonly byte[] key = new byte[KeyLength];

    private SegmentKey() { }

    /// <summary>The key of a segment; null when it is not sealed.</summary>
    public static SegmentKey? Of(SegmentHeader header, SessionKey? session)
    {
        if (header.Cipher == SegmentCipher.None)
        {
            return session == null ? null : throw new ArgumentException("the segment is not sealed", nameof(session));
        }

        if (session == null || session.Id.Value != header.Key)
        {
            throw new ArgumentException("the segment is sealed under another session", nameof(session));
        }

        var segment = new SegmentKey();
        header.Write(segment.header);
        ReadOnlySpan<byte> label = "holdfast/1 segment"u8;
        session.Derive(segment.header.AsSpan(56, 8), [.. label, .. segment.header.AsSpan(24, 16)], segment.key);
        return segment;
    }

    /// <summary>A cipher; it is for one thread.</summary>
    public AesGcm ToCipher() => new(key, Overhead);

    /// <summary>Seals in place.</summary>
    /// <param name="cipher">A cipher of this key.</param>
    /// <param name="kind">What it is.</param>
    /// <param name="number">Which.</param>
    /// <param name="bytes">The content, and room for the tag.</param>
    public void Seal(AesGcm cipher, SealedKind kind, long number, Span<byte> bytes)
    {
        Span<byte> nonce = stackalloc byte[12];
        Span<byte> associated = stackalloc byte[SegmentHeader.Length + 12];
        Bind(kind, number, nonce, associated);
        var content = bytes[..^Overhead];
        cipher.Encrypt(nonce, content, content, bytes[^Overhead..], associated);
    }

    /// <summary>Opens in place.</summary>
    /// <returns>The length of the content.</returns>
    /// <exception cref="SegmentException">It is not what was sealed there.</exception>
    public int Open(AesGcm cipher, SealedKind kind, long number, Span<byte> bytes)
    {
        if (bytes.Length < Overhead)
        {
            throw new SegmentException(SegmentFault.Damaged, "something sealed is shorter than its tag");
        }

        Span<byte> nonce = stackalloc byte[12];
        Span<byte> associated = stackalloc byte[SegmentHeader.Length + 12];
        Bind(kind, number, nonce, associated);
        var content = bytes[..^Overhead];
        try
        {
            cipher.Decrypt(nonce, content, bytes[^Overhead..], content, associated);
            return content.Length;
        }
        catch (AuthenticationTagMismatchException error)
        {
            throw new SegmentException(
                SegmentFault.Damaged,
                kind == SealedKind.Index ? "its index is not what was sealed" : "a block is not what was sealed there",
                error
            );
        }
    }

    private void Bind(SealedKind kind, long number, Span<byte> nonce, Span<byte> associated)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(nonce, (uint)kind);
        BinaryPrimitives.WriteInt64LittleEndian(nonce[4..], number);
        header.CopyTo(associated);
        nonce.CopyTo(associated[SegmentHeader.Length..]);
    }
}
