using System.Buffers.Binary;
using Holdfast.Core.Timeline;

namespace Holdfast.Engines.Sqlite.Timeline;

/// <summary>
/// A place in a WAL. Packed into 32 bytes: salts (8, as in the WAL), frame (4), cumulative checksum (8), inode of the
/// database (8), a version (1), three zeros; integers are little-endian.
/// </summary>
/// <param name="Salts">The cycle, as in <see cref="WalIndexHeader.Salts"/>.</param>
/// <param name="Frame">The last frame seen; 0 before the first.</param>
/// <param name="Checksum">Its cumulative checksum; without meaning for frame 0.</param>
/// <param name="Inode">The database file: another one under the same name is another database.</param>
internal readonly record struct WalPosition(ulong Salts, uint Frame, WalChecksum Checksum, ulong Inode)
{
    private const byte Version = 1;

    public SourcePosition Pack()
    {
        Span<byte> bytes = stackalloc byte[SourcePosition.Length];
        bytes.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Salts);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], Frame);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[12..], Checksum.First);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[16..], Checksum.Second);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[20..], Inode);
        bytes[28] = Version;
        return new SourcePosition(bytes);
    }

    /// <summary>Null when it is of a version that is not known, or none at all.</summary>
    public static WalPosition? Unpack(SourcePosition packed)
    {
        Span<byte> bytes = stackalloc byte[SourcePosition.Length];
        packed.CopyTo(bytes);
        return bytes[28] == Version
            ? new WalPosition(
                BinaryPrimitives.ReadUInt64LittleEndian(bytes),
                BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]),
                new WalChecksum(
                    BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]),
                    BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..])
                ),
                BinaryPrimitives.ReadUInt64LittleEndian(bytes[20..])
            )
            : null;
    }
}
