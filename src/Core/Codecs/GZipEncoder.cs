using System.IO.Compression;

namespace Holdfast.Core.Codecs;

/// <summary>
/// Compresses one gzip member into a destination that stays open. .NET's own stream writes nothing at all when nothing
/// was written to it, and no bytes are no gzip data. Not thread-safe.
/// </summary>
internal sealed class GZipEncoder(Stream destination, int level) : ForwardOnlyStream
{
    // Header, an empty final block, checksum and length of nothing.
    private static readonly byte[] Nothing =
    [
        .. (ReadOnlySpan<byte>)[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3],
        .. (ReadOnlySpan<byte>)[3, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ];

    private readonly GZipStream gzip = new(
        destination,
        new ZLibCompressionOptions { CompressionLevel = level },
        leaveOpen: true
    );

    private bool isEmpty = true;
    private bool disposed;

    public override bool CanWrite => true;

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        gzip.Write(buffer);
        isEmpty &= buffer.IsEmpty;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !disposed)
        {
            disposed = true;
            gzip.Dispose();
            if (isEmpty)
            {
                destination.Write(Nothing);
            }
        }

        base.Dispose(disposing);
    }
}
