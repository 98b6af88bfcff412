using System.Buffers;
using System.Security.Cryptography;

namespace Holdfast.Stores.S3;

/// <summary>The MD5 of a part: what a service calls its ETag when it stores the bytes as they are.</summary>
internal readonly record struct PartDigest(byte[] Md5)
{
    private const int BlockSize = 128 << 10;

    /// <summary>For the header Content-MD5.</summary>
    public string Base64 => Convert.ToBase64String(Md5);

    /// <summary>Whether an ETag is the one of an object of these bytes.</summary>
    public bool Matches(string? etag) =>
        string.Equals(etag?.Trim('"'), Convert.ToHexStringLower(Md5), StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads a part once.</summary>
    public static PartDigest Of(Stream part, CancellationToken cancellationToken)
    {
#pragma warning disable CA5351 // Not for security: it is the digest that the service compares and answers with.
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
#pragma warning restore CA5351
        Append(part, md5, cancellationToken);
        return new PartDigest(md5.GetHashAndReset());
    }

    /// <summary>Adds the bytes of a part to a digest.</summary>
    public static void Append(Stream part, IncrementalHash digest, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            for (int read; (read = part.Read(buffer)) > 0; )
            {
                cancellationToken.ThrowIfCancellationRequested();
                digest.AppendData(buffer, 0, read);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Whether an ETag is the one of an object that was uploaded in these parts.</summary>
    public static bool IsEtagOf(IReadOnlyList<PartDigest> parts, string? etag)
    {
#pragma warning disable CA5351
        var md5 = MD5.HashData(parts.SelectMany(part => part.Md5).ToArray());
#pragma warning restore CA5351
        var expected = $"{Convert.ToHexStringLower(md5)}-{parts.Count}";
        return string.Equals(etag?.Trim('"'), expected, StringComparison.OrdinalIgnoreCase);
    }
}
