using Holdfast.Core.Timeline;

namespace Holdfast.Workload;

/// <summary>Forgets everything but where it stands: shows what the capture itself costs.</summary>
internal sealed class DiscardingLog : ITimelineLog
{
    public LineageId? Lineage { get; private set; }

    public CommitInfo Tip { get; private set; }

    public int PageSize { get; private set; }

    public SourcePosition Position { get; private set; }

    public void BeginLineage(int pageSize, string? why) =>
        (PageSize, Lineage, Tip) = (pageSize, LineageId.New(DateTimeOffset.UtcNow), default);

    public bool Differs(uint number, Span<byte> prefixAndPage) => true;

    public void AddPage(uint number, Span<byte> prefixAndPage) => _ = PageHash.InPlace(number, prefixAndPage);

    public CommitInfo EndCommit(uint databasePages, SourcePosition position, CommitFlags flags = CommitFlags.None)
    {
        Position = position;
        return Tip = new CommitInfo(Tip.Number + 1, default, databasePages, 0, 0, flags);
    }

    public void Abandon() { }

    public void MoveTo(SourcePosition position) => Position = position;

    public void Flush() { }
}
