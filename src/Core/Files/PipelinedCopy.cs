using System.Buffers;
using System.Threading.Channels;

namespace Holdfast.Core.Files;

/// <summary>Copies a stream with reading and writing on two threads; at most a few buffers are held.</summary>
internal static class PipelinedCopy
{
    private const int BufferSize = 512 * 1024;
    private const int BuffersInFlight = 4;

    /// <summary>Copies all of <paramref name="source"/>.</summary>
    /// <param name="source">Read to its end on a thread of its own.</param>
    /// <param name="consume">Told each piece, in order, on the caller's flow.</param>
    /// <param name="cancellationToken">Ends the copying between two pieces.</param>
    /// <returns>The number of bytes copied.</returns>
    public static async Task<long> RunAsync(
        Stream source,
        Action<ReadOnlySpan<byte>> consume,
        CancellationToken cancellationToken
    )
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var pieces = Channel.CreateBounded<(byte[] Buffer, int Length)>(
            new BoundedChannelOptions(BuffersInFlight) { SingleReader = true, SingleWriter = true }
        );
        var reading = Task.Run(() => ReadAsync(source, pieces.Writer, stop.Token), CancellationToken.None);
        long copied = 0;
        try
        {
            await foreach (var (buffer, length) in pieces.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                try
                {
                    consume(buffer.AsSpan(0, length));
                    copied += length;
                }
                finally
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                }
            }
        }
        finally
        {
            // The source belongs to the caller, who may dispose it as soon as this returns.
            await stop.CancelAsync().ConfigureAwait(false);
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return copied;
    }

    private static async Task ReadAsync(
        Stream source,
        ChannelWriter<(byte[] Buffer, int Length)> pieces,
        CancellationToken cancellationToken
    )
    {
        try
        {
            while (true)
            {
                var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
                var length = Fill(source, buffer);
                if (length == 0)
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                    break;
                }

                await pieces.WriteAsync((buffer, length), cancellationToken).ConfigureAwait(false);
            }

            pieces.Complete();
        }
#pragma warning disable CA1031 // handed to the consumer, who throws it
        catch (Exception error)
#pragma warning restore CA1031
        {
            pieces.Complete(error);
        }
    }

    // The codecs are synchronous, and this runs on a thread of its own.
    private static int Fill(Stream source, byte[] buffer) =>
        source.ReadAtLeast(buffer, BufferSize, throwOnEndOfStream: false);
}
