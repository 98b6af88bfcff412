namespace Holdfast.Core.Timeline.Format;

/// <summary>What a segment holds. The values are stored.</summary>
public enum SegmentKind : byte
{
    /// <summary>Every commit separately, without gaps.</summary>
    Journal = 1,

    /// <summary>
    /// One commit: the newest content of each page that changed since an earlier commit. It tells where the file was settled
    /// when it was read from it, and is exact otherwise.
    /// </summary>
    Delta = 2,

    /// <summary>One commit: all pages.</summary>
    Base = 3,
}

/// <summary>How blocks and the index are compressed. The values are stored.</summary>
public enum SegmentCodec : byte
{
    /// <summary>Not at all.</summary>
    None = 0,

    /// <summary>One Zstandard frame.</summary>
    Zstd = 1,
}

/// <summary>How blocks and the index are sealed. The values are stored.</summary>
public enum SegmentCipher : byte
{
    /// <summary>Not at all.</summary>
    None = 0,

    /// <summary>AES-256-GCM, each by itself, under a key of the segment's own.</summary>
    Aes256Gcm = 1,
}
