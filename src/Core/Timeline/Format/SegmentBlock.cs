namespace Holdfast.Core.Timeline.Format;

/// <summary>Where a block is and what it holds.</summary>
/// <param name="Part">The part that holds it, from 1; 0 when it is in the object of the index.</param>
/// <param name="Offset">Where it begins in that object.</param>
/// <param name="StoredLength">Its length there.</param>
/// <param name="RawLength">The length of its content.</param>
/// <param name="Digest">The first 16 bytes of the SHA-256 of the stored bytes, big-endian.</param>
/// <param name="First">The first page it holds (or whose hash it holds), counted through the segment from 0.</param>
/// <param name="Number">Which block of the segment it is, from 0.</param>
/// <param name="OfHashes">Whether it holds page hashes.</param>
public readonly record struct SegmentBlock(
    int Part,
    long Offset,
    int StoredLength,
    int RawLength,
    UInt128 Digest,
    long First,
    int Number,
    bool OfHashes
);

/// <summary>Pages with consecutive numbers.</summary>
/// <param name="First">The first page, from 1.</param>
/// <param name="Count">How many, at least 1.</param>
public readonly record struct PageRun(uint First, uint Count);
