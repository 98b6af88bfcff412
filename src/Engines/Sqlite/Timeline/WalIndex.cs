using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Holdfast.Engines.Sqlite.Timeline;

/// <summary>
/// The shared memory of the WAL, read where SQLite has it mapped: no descriptor and no system call. Valid as long as a
/// connection of this process is in WAL mode on the database. Thread-safe.
/// </summary>
internal sealed unsafe class WalIndex(byte* memory)
{
    private const int BackfilledOffset = 2 * WalIndexHeader.Length;
    private const int BackfillAttemptedOffset = 128;
    private const int Words = WalIndexHeader.Length / sizeof(ulong);

    /// <summary>How many frames have been copied into the database file.</summary>
    public uint Backfilled => Volatile.Read(ref *(uint*)(memory + BackfilledOffset));

    /// <summary>How many frames a checkpoint has set out to copy, before it began.</summary>
    public uint BackfillAttempted => Volatile.Read(ref *(uint*)(memory + BackfillAttemptedOffset));

    /// <summary>Whether the header is still this one: a few reads of memory.</summary>
    public bool Shows(in WalIndexHeader header)
    {
        fixed (WalIndexHeader* known = &header)
        {
            var words = (ulong*)known;
            for (var i = 0; i < Words; i++)
            {
                if (Volatile.Read(ref ((ulong*)memory)[i]) != words[i])
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>Reads the header; false while it is being written.</summary>
    public bool TryRead(out WalIndexHeader header)
    {
        // Writers write the second copy first; so the first is read first, and both agree only outside of a change.
        Span<ulong> words = stackalloc ulong[Words];
        for (var i = 0; i < Words; i++)
        {
            words[i] = Volatile.Read(ref ((ulong*)memory)[i]);
        }

        Thread.MemoryBarrier();
        header = Unsafe.ReadUnaligned<WalIndexHeader>(ref MemoryMarshal.AsBytes(words)[0]);
        for (var i = 0; i < Words; i++)
        {
            if (Volatile.Read(ref ((ulong*)memory)[Words + i]) != words[i])
            {
                return false;
            }
        }

        var covered = MemoryMarshal.AsBytes(words)[..WalIndexHeader.CheckedLength];
        return header.IsValid
            && default(WalChecksum).Extend(covered, !BitConverter.IsLittleEndian) == header.OwnChecksum;
    }
}
