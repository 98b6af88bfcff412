using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Holdfast.Core.Timeline;
using Holdfast.Engines.Sqlite.Files;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Engines.Sqlite.Timeline;

/// <summary>
/// The WAL, read through a descriptor of our own, which it permits: it carries no locks. Everything is checked before it
/// is given on. See https://sqlite.org/fileformat2.html#walformat.
/// </summary>
internal sealed class WalFile : IDisposable
{
    private const int HeaderLength = 32;
    private const int FrameHeaderLength = 24;
    private const uint MagicLittleEndian = 0x377f0682;
    private const int LargestRead = 512 * 1024;

    private readonly SafeFileHandle file;

    private WalFile(SafeFileHandle file) => this.file = file;

    /// <summary>The bytes of the file, used or not.</summary>
    public long Size => RandomAccess.GetLength(file);

    /// <summary>Opens the WAL of a database.</summary>
    public static WalFile Open(string databasePath) =>
        new(
            File.OpenHandle(
                databasePath + SideFiles.Wal,
                FileMode.Open,
                FileAccess.Read,
                FileShare.ReadWrite | FileShare.Delete
            )
        );

    /// <summary>The bytes that a frame takes.</summary>
    public static int FrameLength(int pageSize) => FrameHeaderLength + pageSize;

    /// <summary>Reads the frames after a place, up to exactly the last that is committed.</summary>
    /// <param name="after">Where to begin; of the same cycle.</param>
    /// <param name="to">What the wal-index says.</param>
    /// <param name="frames">Where they go.</param>
    /// <exception cref="ContinuityLostException">The file holds something else.</exception>
    public void Read(WalPosition after, in WalIndexHeader to, IFrames frames)
    {
        var chain = after.Frame == 0 ? after with { Checksum = Begin(to) } : after;
        var frameLength = FrameLength(to.PageSize);
        var most = Math.Max(1, LargestRead / frameLength);
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(most, to.LastFrame - after.Frame) * frameLength);
        try
        {
            while (chain.Frame < to.LastFrame)
            {
                var count = (int)Math.Min(most, to.LastFrame - chain.Frame);
                var bytes = buffer.AsSpan(0, count * frameLength);
                ReadExactly(bytes, HeaderLength + ((long)chain.Frame * frameLength));
                chain = Give(bytes, chain, to, frames);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        if (chain.Checksum != to.FrameChecksum && chain.Checksum != default)
        {
            throw new ContinuityLostException("the last frame of the WAL is not the one that SQLite committed");
        }
    }

    /// <summary>Whether this frame, which is not the 0th, is in the WAL as it was.</summary>
    public bool Holds(WalPosition position, int pageSize)
    {
        Span<byte> header = stackalloc byte[FrameHeaderLength];
        var offset = HeaderLength + ((position.Frame - 1L) * FrameLength(pageSize));
        return RandomAccess.Read(file, header, offset) == header.Length
            && MemoryMarshal.Read<ulong>(header[8..]) == position.Salts
            && WalChecksum.Read(header[16..]) == position.Checksum;
    }

    /// <summary>
    /// Whether recovery would lose commits of this WAL, because frames were left without a checksum: then it must not be
    /// left behind without a wal-index.
    /// </summary>
    public bool HasUnsignedFrames(in WalIndexHeader index)
    {
        Span<byte> frame = stackalloc byte[FrameHeaderLength];
        for (uint number = 0; number < index.LastFrame; number++)
        {
            var offset = HeaderLength + ((long)number * FrameLength(index.PageSize));
            if (RandomAccess.Read(file, frame, offset) == frame.Length && IsUnsigned(frame))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Reads the page of a frame that is known to be committed.</summary>
    public void ReadPage(uint frame, Span<byte> page) =>
        ReadExactly(page, HeaderLength + ((frame - 1L) * FrameLength(page.Length)) + FrameHeaderLength);

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    // The checksum that the first frame goes on from.
    private WalChecksum Begin(in WalIndexHeader index)
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        ReadExactly(header, 0);
        var magic = BinaryPrimitives.ReadUInt32BigEndian(header);
        var checksum = default(WalChecksum).Extend(header[..24], (magic & 1) != 0);
        if (
            (magic & ~1u) != MagicLittleEndian
            || (magic & 1) != (index.BigEndianChecksums ? 1 : 0)
            || BinaryPrimitives.ReadUInt32BigEndian(header[4..]) != WalIndexHeader.KnownVersion
            || BinaryPrimitives.ReadUInt32BigEndian(header[8..]) != (uint)index.PageSize
            || MemoryMarshal.Read<ulong>(header[16..]) != index.Salts
            || WalChecksum.Read(header[24..]) != checksum
        )
        {
            throw new ContinuityLostException("the header of the WAL is not the one that SQLite uses");
        }

        return checksum;
    }

    private static WalPosition Give(Span<byte> bytes, WalPosition chain, in WalIndexHeader index, IFrames frames)
    {
        var frameLength = FrameLength(index.PageSize);
        for (var rest = bytes; !rest.IsEmpty; rest = rest[frameLength..])
        {
            var frame = rest[..frameLength];
            chain = Check(frame, chain, index);

            // The checksum was used: its last four bytes are the spare ones before the page.
            frames.Take(
                chain,
                BinaryPrimitives.ReadUInt32BigEndian(frame),
                BinaryPrimitives.ReadUInt32BigEndian(frame[4..]),
                frame[(FrameHeaderLength - PageHash.PrefixLength)..]
            );
        }

        return chain;
    }

    // Some versions of SQLite (3.35.5 is one) have an error: when a transaction that spilled into the WAL and overwrote
    // what it spilled rolls back to a savepoint, the frames that follow may be left without salts and checksum, and the
    // chain goes on behind them from something else. The wal-index counts them as committed and every reader reads
    // them; only recovery after a loss of power does not. So they count here, and the chain is taken up behind them.
    private static WalPosition Check(ReadOnlySpan<byte> frame, WalPosition chain, in WalIndexHeader index)
    {
        var next = chain with { Frame = chain.Frame + 1, Checksum = WalChecksum.Read(frame[16..]) };
        if (IsUnsigned(frame))
        {
            return next;
        }

        var checksum =
            chain.Checksum == default
                ? next.Checksum
                : chain
                    .Checksum.Extend(frame[..8], index.BigEndianChecksums)
                    .Extend(frame[FrameHeaderLength..], index.BigEndianChecksums);
        return MemoryMarshal.Read<ulong>(frame[8..]) == index.Salts && next.Checksum == checksum
            ? next
            : throw new ContinuityLostException(
                FormattableString.Invariant($"frame {next.Frame} of the WAL is not what SQLite committed")
            );
    }

    private static bool IsUnsigned(ReadOnlySpan<byte> frame) => !frame[8..FrameHeaderLength].ContainsAnyExcept((byte)0);

    private void ReadExactly(Span<byte> bytes, long offset)
    {
        while (!bytes.IsEmpty)
        {
            var read = RandomAccess.Read(file, bytes, offset);
            if (read == 0)
            {
                throw new ContinuityLostException("the WAL is shorter than SQLite says");
            }

            bytes = bytes[read..];
            offset += read;
        }
    }
}
