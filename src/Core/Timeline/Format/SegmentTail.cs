namespace Holdfast.Core.Timeline.Format;

/// <summary>
/// The end of the object that holds the index: index and footer. Their digest is checked before anything is made of it.
/// </summary>
internal readonly struct SegmentTail
{
    private readonly SegmentFooter footer;
    private readonly byte[] bytes;

    /// <summary>Reads the header of an object and at least its index and footer.</summary>
    /// <exception cref="SegmentException">They are not what was written.</exception>
    public SegmentTail(ReadOnlySpan<byte> header, byte[] tail, long size)
    {
        bytes = tail;
        footer = FooterOf(tail, size);
        SegmentFooter.Check(header, Index, tail.AsSpan(^SegmentFooter.Length..));
        Header = SegmentHeader.Parse(header);
    }

    /// <summary>The header, as it was written by whoever wrote the index.</summary>
    public SegmentHeader Header { get; }

    private Span<byte> Index => bytes.AsSpan(..^SegmentFooter.Length)[^footer.IndexStored..];

    /// <summary>Where the index begins in an object, from its last bytes.</summary>
    public static long StartOf(ReadOnlySpan<byte> tail, long size) =>
        size - SegmentFooter.Length - FooterOf(tail, size).IndexStored;

    /// <summary>Reads the index.</summary>
    /// <param name="key">The key of the segment; null when it is not sealed.</param>
    /// <exception cref="SegmentException">It is not what was written.</exception>
    public SegmentIndex Parse(SegmentKey? key)
    {
        using var decoder = new BlockDecoder();

        // A copy: a small segment is kept as it is stored.
        var index = decoder.Open(key, SealedKind.Index, 0, key == null ? Index : Index.ToArray());
        if (Header.Codec == SegmentCodec.None)
        {
            return footer.IndexRaw == index.Length
                ? SegmentIndexParser.Parse(Header, footer, index)
                : throw IndexBytes.Broken("its length");
        }

        var raw = new byte[footer.IndexRaw];
        decoder.Decompress(Header.Codec, index, raw);
        return SegmentIndexParser.Parse(Header, footer, raw);
    }

    private static SegmentFooter FooterOf(ReadOnlySpan<byte> tail, long size)
    {
        var footer = SegmentFooter.Parse(tail[^SegmentFooter.Length..]);
        return footer.ObjectLength == size
            ? footer
            : throw new SegmentException(SegmentFault.Truncated, "it has another length than its footer says");
    }
}
