namespace Holdfast.Engines.Sqlite.Timeline;

/// <summary>Takes the frames of a WAL in order, each verified.</summary>
internal interface IFrames
{
    /// <summary>Takes a frame.</summary>
    /// <param name="frame">Its place.</param>
    /// <param name="page">The page it holds, from 1.</param>
    /// <param name="databasePages">The size of the database when it ends a commit; else 0.</param>
    /// <param name="prefixAndPage">Four bytes that may be overwritten, then the page.</param>
    void Take(WalPosition frame, uint page, uint databasePages, Span<byte> prefixAndPage);
}
