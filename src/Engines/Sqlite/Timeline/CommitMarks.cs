using Holdfast.Core.Timeline;

namespace Holdfast.Engines.Sqlite.Timeline;

/// <summary>
/// Which frame of the current cycle ended which commit, as far back as the database file does not hold it yet: what the
/// file holds is known in frames, and asked for in commits.
/// </summary>
internal sealed class CommitMarks
{
    private readonly Queue<(uint Frame, CommitInfo Commit)> waiting = new();
    private CommitInfo? held;

    /// <summary>Forgets all: the newest commit ended at this frame.</summary>
    public void Restart(uint frame, CommitInfo tip)
    {
        held = null;
        waiting.Clear();
        waiting.Enqueue((frame, tip));
    }

    /// <summary>Adds the newest commit.</summary>
    public void Add(uint frame, CommitInfo commit) => waiting.Enqueue((frame, commit));

    /// <summary>The newest commit that the file holds; null when that is older than what is known.</summary>
    /// <param name="backfilled">How many frames have been copied into the file; never less than before in one cycle.</param>
    public CommitInfo? HeldBy(uint backfilled)
    {
        while (waiting.TryPeek(out var next) && next.Frame <= backfilled)
        {
            held = waiting.Dequeue().Commit;
        }

        return held;
    }
}
