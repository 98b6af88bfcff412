namespace Holdfast.Core.Timeline.Format;

/// <summary>How a segment is written.</summary>
public sealed record SegmentOptions
{
    /// <summary>How hard blocks are compressed, 1 to 19.</summary>
    /// <value>The default value is 3.</value>
    public int CompressionLevel { get; init; } = 3;

    /// <summary>
    /// The most content bytes of a block, up to 8 MiB. Versions of a page compress against each other within a block; a
    /// larger block must be fetched for any of its pages.
    /// </summary>
    /// <value>The default value is 1 MiB.</value>
    public int BlockBytes { get; init; } = 1024 * 1024;

    /// <summary>The most bytes of one object.</summary>
    /// <value>The default value is 64 MiB.</value>
    public int PartBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>
    /// Whether the hash of each page is kept, so that a restore onto an existing file fetches only what differs: for
    /// bases and deltas.
    /// </summary>
    /// <value>The default value is false.</value>
    public bool PageHashes { get; init; }
}

/// <summary>One object of a segment, to be stored under its name.</summary>
/// <param name="Part">The number of the part; 0 is the object with the index, which is stored last.</param>
/// <param name="Content">Its bytes.</param>
public sealed record SegmentObject(int Part, Stores.ObjectContent Content);
