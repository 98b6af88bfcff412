using System.Buffers;
using System.Net;

namespace Holdfast.Stores.S3;

/// <summary>The body of a request; tells of each block that the connection has taken.</summary>
internal sealed class WatchedUpload : HttpContent
{
    private const int BlockSize = 128 << 10;
    private readonly HttpContent content;
    private readonly Action progress;

    public WatchedUpload(HttpContent content, Action progress)
    {
        this.content = content;
        this.progress = progress;
        foreach (var (name, values) in content.Headers.NonValidated)
        {
            Headers.TryAddWithoutValidation(name, values);
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(
        Stream stream,
        TransportContext? context,
        CancellationToken cancellationToken
    )
    {
        await using var body = await content.ReadAsStreamAsync(cancellationToken);
        var buffer = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            for (int read; (read = await body.ReadAsync(buffer, cancellationToken)) > 0; )
            {
                await stream.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                progress();
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = content.Headers.ContentLength ?? 0;
        return content.Headers.ContentLength != null;
    }

    protected override void Dispose(bool disposing)
    {
        content.Dispose();
        base.Dispose(disposing);
    }
}
