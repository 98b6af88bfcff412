using Holdfast.Core.Files;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Core.Timeline.Restore;

/// <summary>A file of pages, such as the staging file of a restore. Thread-safe for different pages.</summary>
/// <param name="file">The file, open for what is done with it; owned by the caller.</param>
/// <param name="pageSize">The size of a page in bytes.</param>
/// <param name="path">Where it is, for people.</param>
public sealed class PageFile(SafeFileHandle file, int pageSize, string path) : IPageWriter, IPageReader
{
    private const int LongRun = 256 * 1024;

    /// <inheritdoc/>
    /// <exception cref="Errors.HoldfastException">It cannot be written, as when there is no space.</exception>
    public void Write(uint first, ReadOnlySpan<byte> pages)
    {
        try
        {
            var offset = (first - 1L) * pageSize;
            RandomAccess.Write(file, pages, offset);
            if (pages.Length >= LongRun)
            {
                NativeFiles.BeginWriting(file, offset, pages.Length);
            }
        }
        catch (IOException error)
        {
            throw LocalFailure.Of($"writing {path}", error, "restore to another place");
        }
    }

    /// <inheritdoc/>
    public bool TryRead(uint first, Span<byte> pages)
    {
        var offset = (first - 1L) * pageSize;
        while (!pages.IsEmpty)
        {
            var read = RandomAccess.Read(file, pages, offset);
            if (read == 0)
            {
                return false;
            }

            offset += read;
            pages = pages[read..];
        }

        return true;
    }

    /// <summary>Makes the file as long as a database: to be called once all pages are written.</summary>
    public void SetPages(uint pages) => RandomAccess.SetLength(file, (long)pages * pageSize);
}

/// <summary>Where a restore looks for pages before it fetches them. Thread-safe.</summary>
public interface IPageReader
{
    /// <summary>Reads a run of whole pages; false when not all of them are there.</summary>
    /// <param name="first">The first page, from 1.</param>
    /// <param name="pages">Where to.</param>
    bool TryRead(uint first, Span<byte> pages);
}
