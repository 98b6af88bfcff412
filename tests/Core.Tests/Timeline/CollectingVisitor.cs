using Holdfast.Core.Timeline;
using Holdfast.Core.Timeline.Spool;

namespace Holdfast.Core.Tests.Timeline;

/// <summary>Keeps what a spool tells, and holds it to its promises.</summary>
internal sealed class CollectingVisitor : ISpoolVisitor
{
    private Dictionary<uint, byte[]>? open;
    private uint lastPage;

    public List<CommitInfo> Commits { get; } = [];

    public Dictionary<long, Dictionary<uint, byte[]>> Pages { get; } = [];

    public void Begin(in CommitInfo commit)
    {
        Assert.Null(open);
        Assert.True(Commits.Count == 0 || commit.Number > Commits[^1].Number);
        open = [];
        lastPage = 0;
    }

    public void Page(uint number, ReadOnlySpan<byte> page)
    {
        Assert.True(number > lastPage);
        lastPage = number;
        open!.Add(number, page.ToArray());
    }

    public void End(in CommitInfo commit)
    {
        Assert.Equal(commit.PageCount, open!.Count);
        Commits.Add(commit);
        Pages.Add(commit.Number, open);
        open = null;
    }
}
