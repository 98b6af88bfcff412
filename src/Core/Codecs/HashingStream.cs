using System.Security.Cryptography;
using Holdfast.Core.Stores;

namespace Holdfast.Core.Codecs;

/// <summary>
/// Hashes and counts what passes through, in whichever direction it is used. Leaves the inner stream open. Not
/// thread-safe.
/// </summary>
internal sealed class HashingStream(Stream inner) : ForwardOnlyStream
{
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public override bool CanRead => inner.CanRead;

    public override bool CanWrite => inner.CanWrite;

    /// <summary>The bytes that passed.</summary>
    public long Count { get; private set; }

    public override int Read(Span<byte> buffer)
    {
        var read = inner.Read(buffer);
        hash.AppendData(buffer[..read]);
        Count += read;
        return read;
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        inner.Write(buffer);
        hash.AppendData(buffer);
        Count += buffer.Length;
    }

    /// <summary>The digest of all that passed; to be called once, at the end.</summary>
    public Sha256Digest Digest() => Sha256Digest.Of(hash);

    protected override void Dispose(bool disposing)
    {
        hash.Dispose();
        base.Dispose(disposing);
    }
}
