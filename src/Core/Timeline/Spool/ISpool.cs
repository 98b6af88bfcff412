namespace Holdfast.Core.Timeline.Spool;

/// <summary>The commits on local disk, as those who ship them see them. Thread-safe, beside the capture that writes.</summary>
public interface ISpool
{
    /// <summary>The lineage; null before the first one is begun. Changes with a new lineage.</summary>
    LineageId? Lineage { get; }

    /// <summary>The size of a page in bytes.</summary>
    int PageSize { get; }

    /// <summary>The oldest commit that is still here in detail; one more than <see cref="Newest"/> when none is.</summary>
    long Oldest { get; }

    /// <summary>The newest commit.</summary>
    CommitInfo Newest { get; }

    /// <summary>The bytes on disk.</summary>
    long Bytes { get; }

    /// <summary>Completes when there is a commit newer than the given one, or another lineage.</summary>
    Task WaitForNewerAsync(long commit, CancellationToken cancellationToken);

    /// <summary>Tells a visitor the commits of a range, in order. What is no longer here in detail is skipped.</summary>
    /// <param name="first">The first commit.</param>
    /// <param name="last">The last commit.</param>
    /// <param name="visitor">Told each commit and its pages.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    void Read(long first, long last, ISpoolVisitor visitor, CancellationToken cancellationToken);

    /// <summary>Lets commits go: they are stored wherever they must be.</summary>
    /// <param name="last">The last of them.</param>
    void Release(long last);

    /// <summary>
    /// Begins to remember which pages change, for a base or a delta: every page changed by a commit after now.
    /// </summary>
    ChangedPages Track();
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
