using System.Buffers;

namespace Holdfast.Core.Codecs;

/// <summary>
/// Decompresses zstd frames, one after the other as the zstd program does. A source that ends within a frame is an
/// error. The library refuses windows above 128 MiB, which bounds the memory that hostile input can ask for.
/// </summary>
internal sealed unsafe class ZstdDecoder : ForwardOnlyStream
{
    private readonly Stream source;
    private readonly byte[] input = ArrayPool<byte>.Shared.Rent(128 * 1024);
    private nint decoder;
    private int start;
    private int end;
    private bool insideFrame = true;

    public ZstdDecoder(Stream source)
    {
        NativeZstd.Require();
        this.source = source;
        decoder = NativeZstd.RequireMemory(NativeZstd.CreateDecoder());
    }

    public override bool CanRead => true;

    public override int Read(Span<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(decoder == 0, this);
        while (!buffer.IsEmpty)
        {
            // The library may hold output back from input that it has taken already: ask it before the source.
            var produced = insideFrame || start != end ? Step(buffer) : 0;
            if (produced > 0)
            {
                return produced;
            }

            if (start == end && !Fill())
            {
                return 0;
            }
        }

        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (decoder != 0)
        {
            _ = NativeZstd.FreeDecoder(decoder);
            decoder = 0;
            ArrayPool<byte>.Shared.Return(input);
        }

        base.Dispose(disposing);
    }

    private bool Fill()
    {
        start = 0;
        end = source.Read(input);
        if (end > 0)
        {
            return true;
        }

        return insideFrame ? throw new InvalidDataException("the zstd data ends within a frame") : false;
    }

    private int Step(Span<byte> buffer)
    {
        fixed (byte* from = input)
        fixed (byte* to = buffer)
        {
            var read = new NativeZstd.InBuffer
            {
                Source = from,
                Size = (nuint)end,
                Position = (nuint)start,
            };
            var written = new NativeZstd.OutBuffer { Destination = to, Size = (nuint)buffer.Length };
            var left = NativeZstd.Check(NativeZstd.Decompress(decoder, ref written, ref read));
            start = (int)read.Position;
            insideFrame = left != 0;
            return (int)written.Position;
        }
    }
}
