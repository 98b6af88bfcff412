using System.Buffers;
using System.Runtime.InteropServices;

namespace Holdfast.Core.Timeline.Spool;

/// <summary>
/// Writes one entry behind the others of a spool file. Small ones go to the operating system with one write; of large
/// ones the header comes last. Nothing counts before <see cref="End"/> returned. Not thread-safe.
/// </summary>
internal sealed class EntryWriter(int pageSize) : IDisposable
{
    private const int SmallestBuffer = 32 * 1024;
    private const int LargestBuffer = 1024 * 1024;
    private const int ManySlots = 64 * 1024;

    private Dictionary<uint, (uint Slot, ulong Hash)> slots = [];
    private SpoolFile? file;
    private byte[] buffer = [];
    private long bufferStart;
    private int used;
    private uint count;
    private bool spilled;
    private bool untidy;

    /// <summary>Whether an entry was begun.</summary>
    public bool IsOpen => file != null;

    /// <summary>Whether a page was added.</summary>
    public bool Contains(uint page) => slots.ContainsKey(page);

    /// <summary>Begins an entry.</summary>
    public void Begin(SpoolFile behind)
    {
        Tidy(behind);
        file = behind;
        buffer = ArrayPool<byte>.Shared.Rent(SmallestBuffer);
        buffer.AsSpan(0, EntryHeader.Length).Clear();
        bufferStart = 0;
        used = EntryHeader.Length;
        count = 0;
        spilled = false;
    }

    /// <summary>
    /// Cuts off what a discarded entry left: it must never be taken for the entry behind the next one.
    /// </summary>
    public void Tidy(SpoolFile written)
    {
        if (untidy)
        {
            written.Stream.SetLength(written.End);
            untidy = false;
        }
    }

    /// <summary>Adds a page; of several contents the last counts.</summary>
    public void Add(uint number, ulong hash, ReadOnlySpan<byte> page)
    {
        if (slots.TryGetValue(number, out var known))
        {
            slots[number] = (known.Slot, hash);
            Overwrite(EntryHeader.Length + ((long)known.Slot * pageSize), page);
            return;
        }

        Append(page);
        slots[number] = (count++, hash);
    }

    /// <summary>The pages up to a size, in ascending order. To be returned to the pool.</summary>
    public (IndexRow[] Rows, int Count) Sort(uint databasePages)
    {
        var rows = ArrayPool<IndexRow>.Shared.Rent(slots.Count);
        var length = 0;
        foreach (var (page, (slot, hash)) in slots)
        {
            if (page <= databasePages)
            {
                rows[length++] = new IndexRow(page, slot, hash);
            }
        }

        rows.AsSpan(0, length).Sort(static (left, right) => left.Page.CompareTo(right.Page));
        return (rows, length);
    }

    /// <summary>Ends the entry: it is with the operating system.</summary>
    public EntryHeader End(EntryHeader entry, ReadOnlySpan<IndexRow> rows)
    {
        var index = MemoryMarshal.AsBytes(rows);
        entry = entry with { Slots = count };
        Span<byte> header = stackalloc byte[EntryHeader.Length];
        entry.Write(header, index);
        for (var left = index; left.Length > 0; left = left[Math.Min(left.Length, SmallestBuffer)..])
        {
            Append(left[..Math.Min(left.Length, SmallestBuffer)]);
        }

        if (!spilled)
        {
            header.CopyTo(buffer);
            Spill();
        }
        else
        {
            Spill();
            Overwrite(0, header);
        }

        Close();
        return entry;
    }

    /// <summary>Gives the entry up: what was written of it does not count, and is cut off before the next one.</summary>
    public void Discard()
    {
        untidy |= IsOpen;
        Close();
    }

    public void Dispose() => Close();

    private void Close()
    {
        if (file != null)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        file = null;
        buffer = [];
        if (slots.Count > ManySlots)
        {
            // A cleared dictionary keeps its size, and costs it with each clearing.
            slots = [];
        }

        slots.Clear();
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (used + bytes.Length > buffer.Length)
        {
            MakeRoom(bytes.Length);
        }

        bytes.CopyTo(buffer.AsSpan(used));
        used += bytes.Length;
    }

    private void MakeRoom(int length)
    {
        if (buffer.Length < LargestBuffer)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(used + length, 2 * buffer.Length));
            buffer.AsSpan(0, used).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = larger;
            return;
        }

        spilled = true;
        Spill();
    }

    private void Spill()
    {
        RandomAccess.Write(file!.Stream.SafeFileHandle, buffer.AsSpan(0, used), file.End + bufferStart);
        bufferStart += used;
        used = 0;
    }

    private void Overwrite(long at, ReadOnlySpan<byte> bytes)
    {
        if (at >= bufferStart)
        {
            bytes.CopyTo(buffer.AsSpan((int)(at - bufferStart)));
        }
        else
        {
            RandomAccess.Write(file!.Stream.SafeFileHandle, bytes, file.End + at);
        }
    }
}
