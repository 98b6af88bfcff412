using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Holdfast.Core.Files;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Core.Timeline.Spool;

/// <summary>A row of an entry's index.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal readonly struct IndexRow(uint page, uint slot, ulong hash)
{
    public readonly uint Page = page;
    public readonly uint Slot = slot;
    public readonly ulong Hash = hash;
}

/// <summary>Reads the entries of a spool file. Not thread-safe.</summary>
internal sealed class EntryReader : IDisposable
{
    private const int WindowBytes = 256 * 1024;

    private readonly SafeFileHandle handle;
    private readonly string path;
    private byte[] window = ArrayPool<byte>.Shared.Rent(WindowBytes);
    private long windowStart;
    private int windowLength;
    private byte[] index = [];
    private long offset;
    private EntryHeader header;

    public EntryReader(string path)
    {
        this.path = path;
        handle = DurableFiles.OpenForReading(path);
    }

    /// <summary>The pages of the entry that was opened, in ascending order.</summary>
    public ReadOnlySpan<IndexRow> Index =>
        MemoryMarshal.Cast<byte, IndexRow>(index.AsSpan(0, header.Commit.PageCount * EntryHeader.IndexBytes));

    /// <summary>Opens the entry at an offset; null when there is no whole one before the end.</summary>
    public EntryHeader? Open(long at, long end)
    {
        var bytes = At(at, EntryHeader.Length, end);
        if (EntryHeader.Read(bytes) is not { } found || !IsPlausible(found) || found.TotalLength > end - at)
        {
            return null;
        }

        Span<byte> first = stackalloc byte[EntryHeader.Length];
        bytes.CopyTo(first);
        var length = found.Commit.PageCount * EntryHeader.IndexBytes;
        if (index.Length < length)
        {
            index = new byte[Math.Max(length, 2 * index.Length)];
        }

        At(at + found.IndexOffset, length, end).CopyTo(index);
        if (!EntryHeader.IsIntact(first, index.AsSpan(0, length)))
        {
            return null;
        }

        header = found;
        offset = at;
        return found;
    }

    /// <summary>The page of a row; valid until the next call.</summary>
    /// <exception cref="SpoolDamagedException">Its content is not what was written.</exception>
    public ReadOnlySpan<byte> Page(in IndexRow row) => PrefixAndPage(row)[PageHash.PrefixLength..];

    /// <summary>The page of a row behind four bytes that may be overwritten; valid until the next call.</summary>
    /// <exception cref="SpoolDamagedException">Its content is not what was written.</exception>
    public Span<byte> PrefixAndPage(in IndexRow row)
    {
        var at = PlaceOf(row);
        return Checked(
            At(at, PageHash.PrefixLength + header.PageSize, offset + header.TotalLength),
            at,
            row.Page,
            row.Hash
        );
    }

    /// <summary>Where the page of a row lies in the file, four bytes before it.</summary>
    public long PlaceOf(in IndexRow row) =>
        offset + EntryHeader.Length + ((long)row.Slot * header.PageSize) - PageHash.PrefixLength;

    /// <summary>A page by its place, of any entry; valid until the next call.</summary>
    /// <exception cref="SpoolDamagedException">Its content is not what was written.</exception>
    public ReadOnlySpan<byte> PageAt(long at, uint number, ulong hash)
    {
        var length = PageHash.PrefixLength + header.PageSize;
        return Checked(At(at, length, at + length), at, number, hash)[PageHash.PrefixLength..];
    }

    private Span<byte> Checked(Span<byte> page, long at, uint number, ulong wanted)
    {
        // The four bytes before it belong to its neighbour, which may be asked for later.
        var neighbour = BinaryPrimitives.ReadUInt32LittleEndian(page);
        var hash = page.Length == PageHash.PrefixLength + header.PageSize ? PageHash.InPlace(number, page) : ~wanted;
        BinaryPrimitives.WriteUInt32LittleEndian(page, neighbour);
        return hash == wanted ? page : throw Damaged(at);
    }

    /// <summary>The failure to be thrown when there is no entry where one was written.</summary>
    public SpoolDamagedException Damaged(long at) =>
        new($"the spool is damaged: {path} does not hold at byte {at} what was written there");

    public void Dispose()
    {
        handle.Dispose();
        ArrayPool<byte>.Shared.Return(window);
        window = [];
    }

    private static bool IsPlausible(in EntryHeader header) =>
        header.Kind is EntryKind.Commit or EntryKind.Move
        && header.PageSize is >= 512 and <= 65_536
        && header.Commit.PageCount <= header.Slots;

    // Fewer bytes than asked for when the file ends before.
    private Span<byte> At(long at, int length, long end)
    {
        if (at < windowStart || at + length > windowStart + windowLength)
        {
            var sequential = at >= windowStart && at <= windowStart + windowLength;
            var small = header.TotalLength < WindowBytes;
            var wanted = Math.Max(length, sequential || small ? WindowBytes : 0);
            if (window.Length < wanted)
            {
                ArrayPool<byte>.Shared.Return(window);
                window = ArrayPool<byte>.Shared.Rent(wanted);
            }

            windowStart = at;
            windowLength = 0;
            while (windowLength < length)
            {
                var left = Math.Min(wanted, end - at) - windowLength;
                var read =
                    left <= 0
                        ? 0
                        : RandomAccess.Read(handle, window.AsSpan(windowLength, (int)left), at + windowLength);
                if (read == 0)
                {
                    break;
                }

                windowLength += read;
            }
        }

        return window.AsSpan((int)(at - windowStart), (int)Math.Min(length, windowStart + windowLength - at));
    }
}
