using System.Runtime.InteropServices;

namespace Holdfast.Engines.Sqlite.Timeline;

/// <summary>
/// The header of the wal-index, <c>WalIndexHdr</c> of SQLite's wal.c, 48 bytes in the machine's byte order. Its layout
/// has been the same since SQLite 3.7.0, because processes with different versions share it.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct WalIndexHeader
{
    /// <summary>The length in bytes.</summary>
    public const int Length = 48;

    /// <summary>What the checksum covers.</summary>
    public const int CheckedLength = 40;

    /// <summary>The only version there is.</summary>
    public const uint KnownVersion = 3_007_000;

    private readonly uint version;
    private readonly uint unused;

    // Goes up with each transaction; not used, because everything that changes with it is compared.
    private readonly uint change;
    private readonly byte isInitialised;
    private readonly byte bigEndianChecksums;
    private readonly ushort pageSize;

    /// <summary>The number of the last frame of the last commit; 0 in an empty WAL.</summary>
    public readonly uint LastFrame;

    /// <summary>The size of the database in pages.</summary>
    public readonly uint DatabasePages;

    /// <summary>The cumulative checksum of the last frame.</summary>
    public readonly WalChecksum FrameChecksum;

    /// <summary>Which cycle of the WAL this is: the eight bytes as they stand in the WAL.</summary>
    public readonly ulong Salts;

    /// <summary>The checksum of this header.</summary>
    public readonly WalChecksum OwnChecksum;

    /// <summary>Whether SQLite has filled it in, in the one form that is known.</summary>
    public bool IsValid => isInitialised != 0 && version == KnownVersion;

    /// <summary>Whether the checksums of frames take their input as big-endian.</summary>
    public bool BigEndianChecksums => bigEndianChecksums != 0;

    /// <summary>The size of a page in bytes.</summary>
    public int PageSize => (pageSize & 0xfe00) + ((pageSize & 1) << 16);
}
