namespace Holdfast.Engines.Sqlite.Timeline;

/// <summary>Where in the WAL the newest content of each page is, for the pages that the file does not hold yet.</summary>
/// <param name="after">The frames up to this one are in the file.</param>
internal sealed class FrameMap(uint after) : IFrames
{
    private readonly Dictionary<uint, uint> frames = [];

    /// <inheritdoc/>
    public void Take(WalPosition frame, uint page, uint databasePages, Span<byte> prefixAndPage)
    {
        if (frame.Frame > after)
        {
            frames[page] = frame.Frame;
        }
    }

    /// <summary>The frame that holds a page; 0 when the file does.</summary>
    public uint FrameOf(uint page) => frames.GetValueOrDefault(page);
}
