using System.Buffers;
using System.Runtime.InteropServices;

namespace Holdfast.Core.Codecs;

/// <summary>
/// Decompresses gzip members, one after the other as gunzip does. Written on zlib itself, because .NET's own stream takes
/// a file that was cut anywhere, even within its first bytes, for a complete one.
/// </summary>
internal sealed unsafe class GZipDecoder : ForwardOnlyStream
{
    private readonly Stream source;
    private readonly byte[] input = ArrayPool<byte>.Shared.Rent(128 * 1024);
    private NativeZlib.State* zlib;
    private int start;
    private int end;
    private bool insideMember = true;

    public GZipDecoder(Stream source)
    {
        this.source = source;
        zlib = (NativeZlib.State*)NativeMemory.AllocZeroed((nuint)sizeof(NativeZlib.State));
        try
        {
            NativeZlib.Begin(ref *zlib);
        }
        catch
        {
            NativeMemory.Free(zlib);
            throw;
        }
    }

    public override bool CanRead => true;

    public override int Read(Span<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(zlib == null, this);
        while (!buffer.IsEmpty)
        {
            var produced = Step(buffer);
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
        if (zlib != null)
        {
            _ = NativeZlib.Free(ref *zlib);
            NativeMemory.Free(zlib);
            zlib = null;
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

        return insideMember ? throw new InvalidDataException("the gzip data ends before its end mark") : false;
    }

    private int Step(Span<byte> buffer)
    {
        if (!insideMember && start == end)
        {
            return 0;
        }

        fixed (byte* from = input)
        fixed (byte* to = buffer)
        {
            zlib->NextIn = from + start;
            zlib->AvailableIn = (uint)(end - start);
            zlib->NextOut = to;
            zlib->AvailableOut = (uint)buffer.Length;
            insideMember = true;
            var result = NativeZlib.Inflate(ref *zlib, flush: 0);
            start = end - (int)zlib->AvailableIn;
            switch (result)
            {
                case NativeZlib.StreamEnd:
                    _ = NativeZlib.Reset(ref *zlib);
                    insideMember = false;
                    break;
                case NativeZlib.Ok or NativeZlib.NeedsInput:
                    break;
                default:
                    throw new InvalidDataException($"gzip: {Marshal.PtrToStringUTF8(zlib->Message) ?? "damaged data"}");
            }

            return buffer.Length - (int)zlib->AvailableOut;
        }
    }
}
