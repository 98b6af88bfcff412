using System.Buffers.Binary;
using Holdfast.Core.Timeline;

namespace Holdfast.Engines.Sqlite.Timeline;

/// <summary>
/// The whole database as a pin sees it. A page that has a frame which the file did not hold when the pin was taken is read from
/// the WAL; no checkpoint touches any other page while the pin is held, because none goes beyond the pin. When the file
/// holds everything, the WAL is not needed, and it may be restarted meanwhile.
/// </summary>
internal sealed class PinnedDatabase
{
    private const int HeaderLength = 100;
    private const int LargestRead = 256 << 10;

    private readonly Attachment attachment;
    private readonly FrameMap map;

    /// <summary>Looks where its pages are.</summary>
    /// <param name="attachment">The database; a pin is held on exactly the commit of the header.</param>
    /// <param name="header">The header of the wal-index.</param>
    /// <param name="fileHoldsAll">Whether the file held everything when the pin was taken.</param>
    public PinnedDatabase(Attachment attachment, in WalIndexHeader header, bool fileHoldsAll)
    {
        this.attachment = attachment;
        Position = new WalPosition(header.Salts, header.LastFrame, header.FrameChecksum, attachment.Identity.Inode);
        PageSize = header.PageSize != 0 ? header.PageSize : PageSizeOfFile();
        PageCount = header.DatabasePages != 0 ? header.DatabasePages : PagesOfFile();

        map = new FrameMap(attachment.Index.Backfilled);
        if (!fileHoldsAll)
        {
            attachment.Wal.Read(Position with { Frame = 0 }, header, map);
        }
    }

    public WalPosition Position { get; }

    public int PageSize { get; }

    public uint PageCount { get; }

    /// <summary>Takes a page.</summary>
    public delegate void PageAction(uint number, Span<byte> prefixAndPage);

    /// <summary>Reads all pages in order, without the lock page.</summary>
    public void Read(PageAction take, CancellationToken token)
    {
        var lockPage = Pages.LockPage(PageSize);
        var most = (uint)Math.Max(1, LargestRead / PageSize);
        // Not of the pool: each thread would keep one, and this is done once.
        var buffer = new byte[PageHash.PrefixLength + ((int)Math.Min(most, PageCount) * PageSize)];
        for (uint done = 0; done < PageCount; )
        {
            token.ThrowIfCancellationRequested();
            var count = Math.Min(most, PageCount - done);
            ReadRun(done + 1, buffer.AsSpan(PageHash.PrefixLength, (int)count * PageSize));
            for (var i = 0; i < count; i++)
            {
                var number = done + 1 + (uint)i;
                if (number != lockPage)
                {
                    // The spare bytes are the end of the page before, which was taken already.
                    take(number, buffer.AsSpan(i * PageSize, PageHash.PrefixLength + PageSize));
                }
            }

            done += count;
        }
    }

    private void ReadRun(uint first, Span<byte> pages)
    {
        attachment.ReadFile((first - 1L) * PageSize, pages);
        for (var number = first; !pages.IsEmpty; number++, pages = pages[PageSize..])
        {
            if (map.FrameOf(number) is var frame and not 0)
            {
                attachment.Wal.ReadPage(frame, pages[..PageSize]);
            }
        }
    }

    // An empty WAL knows neither; then the file is the database.
    private int PageSizeOfFile()
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        attachment.ReadFile(0, header);
        int size = BinaryPrimitives.ReadUInt16BigEndian(header[16..]);
        return size == 1 ? 65536 : size;
    }

    private uint PagesOfFile() => (uint)((attachment.FileSize + PageSize - 1) / PageSize);
}
