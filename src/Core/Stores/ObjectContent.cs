using System.Security.Cryptography;

namespace Holdfast.Core.Stores;

/// <summary>
/// The bytes of an object to be written: known length and digest, readable any number of times and from any offset, so
/// that a store can retry with identical bytes and upload parts in parallel without holding them in memory.
/// Thread-safe as long as the underlying file is not changed.
/// </summary>
public sealed class ObjectContent
{
    private readonly Func<long, long, Stream> open;

    private ObjectContent(long length, Sha256Digest sha256, string? path, Func<long, long, Stream> open)
    {
        Length = length;
        Sha256 = sha256;
        Path = path;
        this.open = open;
    }

    /// <summary>The number of bytes.</summary>
    public long Length { get; }

    /// <summary>The SHA-256 of all bytes.</summary>
    public Sha256Digest Sha256 { get; }

    /// <summary>The file that holds exactly these bytes, when there is one.</summary>
    public string? Path { get; }

    /// <summary>Content from memory.</summary>
    public static ObjectContent FromBytes(ReadOnlyMemory<byte> bytes) =>
        new(
            bytes.Length,
            Sha256Digest.Of(bytes.Span),
            path: null,
            (offset, length) => new MemoryStream(bytes.Slice((int)offset, (int)length).ToArray(), writable: false)
        );

    /// <summary>Content of a whole file whose digest is known already; nothing is read.</summary>
    public static ObjectContent FromFile(string path, long length, Sha256Digest sha256) =>
        new(length, sha256, path, (offset, count) => new FileSlice(path, offset, count));

    /// <summary>Content of a whole file; reads it once for the digest.</summary>
    public static async Task<ObjectContent> FromFileAsync(string path, CancellationToken cancellationToken)
    {
        var length = new FileInfo(path).Length;
        await using var file = new FileSlice(path, 0, length);
        var digest = new Sha256Digest(await SHA256.HashDataAsync(file, cancellationToken).ConfigureAwait(false));
        return FromFile(path, length, digest);
    }

    /// <summary>Opens all bytes; the stream is seekable.</summary>
    public Stream OpenRead() => open(0, Length);

    /// <summary>Opens <paramref name="length"/> bytes from <paramref name="offset"/>; the stream is seekable.</summary>
    public Stream OpenRead(long offset, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + length, Length);
        return open(offset, length);
    }
}
