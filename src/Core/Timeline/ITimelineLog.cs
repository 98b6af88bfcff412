namespace Holdfast.Core.Timeline;

/// <summary>
/// Where a capture writes commits, in order: the spool, the page-hash table and the database's hash, which always tell
/// one story. For one thread, the capture's.
/// </summary>
public interface ITimelineLog
{
    /// <summary>The lineage; null before the first one is begun.</summary>
    LineageId? Lineage { get; }

    /// <summary>The newest commit of the lineage; number 0 when there is none yet.</summary>
    CommitInfo Tip { get; }

    /// <summary>The size of a page in bytes.</summary>
    int PageSize { get; }

    /// <summary>Where the source stood after the newest commit.</summary>
    SourcePosition Position { get; }

    /// <summary>
    /// Begins a new lineage: the page table is emptied, and the next commit is number 1 and must hold every page.
    /// </summary>
    /// <param name="pageSize">The size of a page in bytes, 512 to 65,536.</param>
    /// <param name="why">Why the old one could not go on, for people; null for the very first.</param>
    void BeginLineage(int pageSize, string? why);

    /// <summary>Whether a page differs from what the log knows of it; for resynchronising.</summary>
    /// <param name="number">The page, from 1.</param>
    /// <param name="prefixAndPage">Four bytes that may be overwritten, then the page.</param>
    bool Differs(uint number, Span<byte> prefixAndPage);

    /// <summary>Adds a page to the commit that is being written; of several contents of one page the last counts.</summary>
    /// <param name="number">The page, from 1; never the lock page.</param>
    /// <param name="prefixAndPage">Four bytes that may be overwritten, then the page.</param>
    void AddPage(uint number, Span<byte> prefixAndPage);

    /// <summary>
    /// Ends the commit: it is in the spool (not yet flushed), and the table and the hash are those after it. Pages beyond
    /// the new size are dropped; pages that a growing commit did not write are zero.
    /// </summary>
    /// <param name="databasePages">The size of the database after the commit, in pages.</param>
    /// <param name="position">Where the source stands after it.</param>
    /// <param name="flags">What is special about it.</param>
    CommitInfo EndCommit(uint databasePages, SourcePosition position, CommitFlags flags = CommitFlags.None);

    /// <summary>Forgets the pages added since the last commit: what was read of this one cannot be trusted.</summary>
    void Abandon();

    /// <summary>Notes that the source stands elsewhere without a commit, as after a restart of its WAL.</summary>
    void MoveTo(SourcePosition position);

    /// <summary>Makes everything ended so far survive a loss of power; to be called before it may be overwritten at the source.</summary>
    void Flush();
}
