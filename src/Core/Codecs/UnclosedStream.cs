namespace Holdfast.Core.Codecs;

/// <summary>Passes reads and writes through, and leaves the inner stream open when disposed.</summary>
internal sealed class UnclosedStream(Stream inner) : ForwardOnlyStream
{
    public override bool CanRead => inner.CanRead;

    public override bool CanWrite => inner.CanWrite;

    public override int Read(Span<byte> buffer) => inner.Read(buffer);

    public override void Write(ReadOnlySpan<byte> buffer) => inner.Write(buffer);

    public override void Flush() => inner.Flush();
}
