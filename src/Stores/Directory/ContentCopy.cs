using System.Buffers;
using System.Security.Cryptography;
using Holdfast.Core.Stores;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Stores.Directories;

/// <summary>Moves content into files, and compares the two, in bounded memory.</summary>
internal static class ContentCopy
{
    private const int BlockSize = 1 << 20;

    /// <summary>Writes content to the beginning of a file.</summary>
    /// <returns>The digest of what was written.</returns>
    public static Sha256Digest Write(ObjectContent content, SafeFileHandle file, CancellationToken cancellationToken)
    {
        using var source = content.OpenRead();
        return ForEachBlock(
            source,
            content.Length,
            (block, offset) => RandomAccess.Write(file, block, offset),
            cancellationToken
        );
    }

    /// <summary>Whether a file holds exactly this content.</summary>
    public static bool IsSame(string path, ObjectContent content, CancellationToken cancellationToken)
    {
        if (!StoreTree.IsFile(path) || new FileInfo(path).Length != content.Length)
        {
            return false;
        }

        using var file = new StoredFileStream(path, range: null);
        return ForEachBlock(file, content.Length, (_, _) => { }, cancellationToken) == content.Sha256;
    }

    private static Sha256Digest ForEachBlock(
        Stream source,
        long length,
        Action<ReadOnlySpan<byte>, long> take,
        CancellationToken cancellationToken
    )
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(length, 1, BlockSize));
        try
        {
            var offset = 0L;
            for (int read; (read = source.Read(buffer)) > 0; offset += read)
            {
                cancellationToken.ThrowIfCancellationRequested();
                hash.AppendData(buffer, 0, read);
                take(buffer.AsSpan(0, read), offset);
            }

            return Sha256Digest.Of(hash);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
