namespace Holdfast.Core.Timeline.Format;

/// <summary>The end of the object that holds the index: index and footer.</summary>
internal static class SegmentTail
{
    /// <summary>Where the index begins in an object, from its last bytes.</summary>
    public static long StartOf(ReadOnlySpan<byte> tail, long size) =>
        size - SegmentFooter.Length - FooterOf(tail, size).IndexStored;

    /// <summary>Reads the index of a whole object in memory.</summary>
    public static SegmentIndex Parse(ReadOnlySpan<byte> whole, long size) =>
        Parse(whole[..SegmentHeader.Length], whole[SegmentHeader.Length..], size);

    /// <summary>Reads the index from the header of an object and at least its index and footer.</summary>
    public static SegmentIndex Parse(ReadOnlySpan<byte> header, ReadOnlySpan<byte> tail, long size)
    {
        var footer = FooterOf(tail, size);
        var index = tail[..^SegmentFooter.Length];
        index = index[^footer.IndexStored..];
        SegmentFooter.Check(header, index, tail[^SegmentFooter.Length..]);
        var parsed = SegmentHeader.Parse(header);
        if (parsed.Codec == SegmentCodec.None)
        {
            return footer.IndexRaw == footer.IndexStored
                ? SegmentIndexParser.Parse(parsed, footer, index)
                : throw IndexBytes.Broken("its length");
        }

        var raw = new byte[footer.IndexRaw];
        using var decoder = new BlockDecoder();
        decoder.Decompress(parsed.Codec, index, raw);
        return SegmentIndexParser.Parse(parsed, footer, raw);
    }

    private static SegmentFooter FooterOf(ReadOnlySpan<byte> tail, long size)
    {
        var footer = SegmentFooter.Parse(tail[^SegmentFooter.Length..]);
        return footer.ObjectLength == size
            ? footer
            : throw new SegmentException(SegmentFault.Truncated, "it has another length than its footer says");
    }
}
