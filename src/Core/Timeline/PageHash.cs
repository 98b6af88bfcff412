using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Holdfast.Core.Timeline;

/// <summary>
/// Hashes of pages. A page's hash is the first eight bytes (little-endian) of SHA-256(page number as four little-endian
/// bytes ‖ page); a database's hash is the exclusive or of the hashes of all its pages, so that a commit changes it in
/// the time of its pages. It finds lost, swapped and forked commits; it is no defence against forgery, for which stored
/// blocks have digests and seals of their own.
/// </summary>
public static class PageHash
{
    /// <summary>The bytes that stand before a page when it is hashed in place.</summary>
    public const int PrefixLength = 4;

    /// <summary>Hashes a page that lies behind four bytes which may be overwritten.</summary>
    /// <param name="number">The page's number, from 1.</param>
    /// <param name="prefixAndPage">Four bytes, then the page.</param>
    public static ulong InPlace(uint number, Span<byte> prefixAndPage)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(prefixAndPage, number);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(prefixAndPage, digest);
        return BinaryPrimitives.ReadUInt64LittleEndian(digest);
    }

    /// <summary>Hashes a page.</summary>
    /// <param name="number">The page's number, from 1.</param>
    /// <param name="page">The page, at most 65,536 bytes.</param>
    public static ulong Of(uint number, ReadOnlySpan<byte> page)
    {
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(PrefixLength + page.Length);
        try
        {
            page.CopyTo(buffer.AsSpan(PrefixLength));
            return InPlace(number, buffer.AsSpan(0, PrefixLength + page.Length));
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
