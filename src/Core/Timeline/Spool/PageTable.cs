using System.IO.MemoryMappedFiles;

namespace Holdfast.Core.Timeline.Spool;

/// <summary>
/// A number for each page, its hash or the commit that changed it last, in a memory-mapped file of eight bytes a page,
/// zero for what is not known: large databases cost no heap. Not thread-safe.
/// </summary>
internal sealed unsafe class PageTable : IDisposable
{
    private const int SlotBytes = sizeof(ulong);
    private const int SmallestStep = 64 * 1024;
    private const int LargestStep = 16 * 1024 * 1024;

    private readonly FileStream file;
    private MemoryMappedFile? map;
    private MemoryMappedViewAccessor? view;
    private ulong* slots;
    private long capacity;

    private PageTable(FileStream file)
    {
        this.file = file;
        Map();
    }

    /// <summary>Opens the table, creating an empty one when there is none.</summary>
    public static PageTable Open(string path)
    {
        var file = SpoolFile.OpenPrivate(path, FileMode.OpenOrCreate);
        try
        {
            return new PageTable(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The pages that there is room for.</summary>
    public long Capacity => capacity;

    public ulong this[uint page]
    {
        get => page <= capacity ? slots[page - 1] : 0;
        set
        {
            Reserve(page);
            slots[page - 1] = value;
        }
    }

    /// <summary>Makes pages after one unknown.</summary>
    public void ClearAfter(uint page)
    {
        const long run = 64 * 1024 * 1024;
        for (long from = page; from < capacity; from += run)
        {
            new Span<ulong>(slots + from, (int)Math.Min(run, capacity - from)).Clear();
        }
    }

    /// <summary>The exclusive or of all pages up to one.</summary>
    public ulong Combine(uint pages)
    {
        ulong all = 0;
        var end = slots + Math.Min(pages, capacity);
        for (var slot = slots; slot < end; slot++)
        {
            all ^= *slot;
        }

        return all;
    }

    /// <summary>Makes it survive a loss of power.</summary>
    public void Flush()
    {
        view?.Flush();
        file.Flush(flushToDisk: true);
    }

    public void Dispose()
    {
        Unmap();
        file.Dispose();
    }

    private void Reserve(uint page)
    {
        if (page <= capacity)
        {
            return;
        }

        var length = capacity * SlotBytes;
        var step = Math.Clamp(length / 2 / SmallestStep * SmallestStep, SmallestStep, LargestStep);
        var wanted = (((long)page * SlotBytes) + step - 1) / step * step;
        Unmap();
        try
        {
            // Written, not only made longer: writing to a mapped hole ends the process when the disk is full.
            var zeros = new byte[SmallestStep];
            for (; length < wanted; length += SmallestStep)
            {
                RandomAccess.Write(file.SafeFileHandle, zeros, length);
            }
        }
        finally
        {
            Map();
        }
    }

    private void Map()
    {
        capacity = RandomAccess.GetLength(file.SafeFileHandle) / SlotBytes;
        if (capacity == 0)
        {
            return;
        }

        map = MemoryMappedFile.CreateFromFile(
            file,
            mapName: null,
            capacity: 0,
            MemoryMappedFileAccess.ReadWrite,
            HandleInheritability.None,
            leaveOpen: true
        );
        view = map.CreateViewAccessor();
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        slots = (ulong*)(start + view.PointerOffset);
    }

    private void Unmap()
    {
        view?.SafeMemoryMappedViewHandle.ReleasePointer();
        view?.Dispose();
        map?.Dispose();
        view = null;
        map = null;
        slots = null;
        capacity = 0;
    }
}
