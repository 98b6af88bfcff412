using System.Buffers;

namespace Holdfast.Core.Codecs;

/// <summary>Compresses one zstd frame with a content checksum into a destination that stays open. Not thread-safe.</summary>
internal sealed unsafe class ZstdEncoder : ForwardOnlyStream
{
    private readonly Stream destination;
    private readonly byte[] output = ArrayPool<byte>.Shared.Rent(128 * 1024);
    private nint encoder;

    public ZstdEncoder(Stream destination, int level)
    {
        NativeZstd.Require();
        this.destination = destination;
        encoder = NativeZstd.RequireMemory(NativeZstd.CreateEncoder());
        _ = NativeZstd.Check(NativeZstd.SetParameter(encoder, NativeZstd.CompressionLevel, level));
        _ = NativeZstd.Check(NativeZstd.SetParameter(encoder, NativeZstd.ContentChecksum, 1));
    }

    public override bool CanWrite => true;

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(encoder == 0, this);
        fixed (byte* source = buffer)
        {
            var input = new NativeZstd.InBuffer { Source = source, Size = (nuint)buffer.Length };
            while (input.Position < input.Size)
            {
                _ = Step(ref input, NativeZstd.Continue);
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (encoder == 0)
        {
            return;
        }

        try
        {
            if (disposing)
            {
                var nothing = default(NativeZstd.InBuffer);
                while (Step(ref nothing, NativeZstd.End) != 0) { }
            }
        }
        finally
        {
            _ = NativeZstd.FreeEncoder(encoder);
            encoder = 0;
            ArrayPool<byte>.Shared.Return(output);
            base.Dispose(disposing);
        }
    }

    private nuint Step(ref NativeZstd.InBuffer input, int directive)
    {
        fixed (byte* space = output)
        {
            var written = new NativeZstd.OutBuffer { Destination = space, Size = (nuint)output.Length };
            var left = NativeZstd.Check(NativeZstd.Compress(encoder, ref written, ref input, directive));
            destination.Write(output, 0, (int)written.Position);
            return left;
        }
    }
}
