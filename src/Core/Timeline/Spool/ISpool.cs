namespace Holdfast.Core.Timeline.Spool;

/// <summary>
/// The commits of one lineage on local disk, as those who ship them see them. Thread-safe, beside the capture that
/// writes.
/// </summary>
public interface ISpool
{
    /// <summary>The lineage.</summary>
    LineageId Lineage { get; }

    /// <summary>The size of a page in bytes.</summary>
    int PageSize { get; }

    /// <summary>
    /// The oldest commit from which on nothing is missing: whoever has the one before it can go on from here. Commits
    /// whose detail was given up count as here, for their net change is. One more than <see cref="Newest"/> when there
    /// is none.
    /// </summary>
    long Oldest { get; }

    /// <summary>The newest commit.</summary>
    CommitInfo Newest { get; }

    /// <summary>Whether another lineage has begun: there will be no newer commit.</summary>
    bool Ended { get; }

    /// <summary>The bytes on disk.</summary>
    long Bytes { get; }

    /// <summary>Completes when there is a commit newer than the given one, or the lineage has ended.</summary>
    Task WaitForNewerAsync(long commit, CancellationToken cancellationToken);

    /// <summary>
    /// Tells a visitor the commits of a range, in order, as far as they follow each other. Of what is no longer here in
    /// detail, the net change comes with the commit that stands for it.
    /// </summary>
    /// <param name="first">The first commit.</param>
    /// <param name="last">The last commit.</param>
    /// <param name="visitor">Told each commit and its pages.</param>
    /// <param name="enough">The bytes of pages after which the reading ends, with the commit that reaches them.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="SpoolDamagedException">The spool does not hold what was written.</exception>
    void Read(long first, long last, ISpoolVisitor visitor, long enough, CancellationToken cancellationToken);

    /// <summary>A commit, or the one that stands for it; null when neither is here.</summary>
    /// <exception cref="SpoolDamagedException">The spool does not hold what was written.</exception>
    CommitInfo? Find(long commit);

    /// <summary>The bytes on disk of a range of commits, about.</summary>
    long BytesOf(long first, long last);

    /// <summary>How far a target is.</summary>
    /// <param name="target">The target, one of those that the log was opened with.</param>
    TargetProgress ProgressOf(string target);

    /// <summary>
    /// Notes how far a target is; a killed process does not lose it. Commits leave the disk when all targets have let
    /// them go.
    /// </summary>
    /// <param name="target">The target, one of those that the log was opened with.</param>
    /// <param name="progress">How far it is; what it has let go it never wants again.</param>
    void SetProgress(string target, TargetProgress progress);

    /// <summary>
    /// Tells a visitor the net change of a range of commits as its last one: the newest content of each page that one of
    /// them changed, up to the size at its end.
    /// </summary>
    /// <param name="first">The first commit.</param>
    /// <param name="last">The last commit.</param>
    /// <param name="visitor">Told the one commit.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>Whether all of them are here; otherwise nothing was told.</returns>
    /// <exception cref="SpoolDamagedException">The spool does not hold what was written.</exception>
    bool ReadNet(long first, long last, ISpoolVisitor visitor, CancellationToken cancellationToken);

    /// <summary>The commit after which <see cref="ChangesOf"/> knows what changed.</summary>
    long ChangesSince { get; }

    /// <summary>
    /// The newest commit that changed each page of a run; 0 for a page that none changed after <see cref="ChangesSince"/>,
    /// or that does not exist.
    /// </summary>
    /// <param name="first">The first page, from 1.</param>
    /// <param name="commits">Filled, a number for each page.</param>
    void ChangesOf(uint first, Span<long> commits);

    /// <summary>
    /// Whether a page read from the source is as it was after the newest commit. A page that the log knows to be zero
    /// becomes so: a hole's bytes at the source mean nothing.
    /// </summary>
    /// <param name="number">The page, from 1.</param>
    /// <param name="prefixAndPage">Four bytes that may be overwritten, then the page.</param>
    bool Confirm(uint number, Span<byte> prefixAndPage);
}

/// <summary>Told the commits of a spool.</summary>
public interface ISpoolVisitor
{
    /// <summary>A commit begins.</summary>
    void Begin(in CommitInfo commit);

    /// <summary>A page of it; pages come in ascending order, each once.</summary>
    void Page(uint number, ReadOnlySpan<byte> page);

    /// <summary>The commit is complete.</summary>
    void End(in CommitInfo commit);
}
