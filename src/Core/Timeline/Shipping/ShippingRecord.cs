using Holdfast.Core.Timeline.Spool;

namespace Holdfast.Core.Timeline.Shipping;

/// <summary>The note on a target, changed by whoever stores something there. Thread-safe.</summary>
internal sealed class ShippingRecord(ISpool spool, string target)
{
    private readonly Lock gate = new();
    private long held = long.MaxValue;

    public ShippingNote Note { get; private set; } = ShippingNote.Of(spool.ProgressOf(target));

    /// <summary>Changes it; it is on disk when this returns.</summary>
    public void Change(Func<ShippingNote, ShippingNote> change)
    {
        lock (gate)
        {
            var changed = change(Note);
            var progress = changed.ToProgress();
            spool.SetProgress(target, progress with { Released = Math.Min(progress.Released, held) });
            Note = changed;
        }
    }

    /// <summary>Holds commits after one back in the spool, as long as there is room; null lets them go with the next change.</summary>
    public void Hold(long? after)
    {
        lock (gate)
        {
            held = after ?? long.MaxValue;
        }
    }

    /// <summary>Lets go what is rolled up, or cannot be.</summary>
    public void RollUpTo(long last)
    {
        if (last > Note.RolledUp.Number)
        {
            var commit = Exactly(last) ?? new CommitInfo { Number = last };
            Change(note => note with { RolledUp = commit });
        }
    }

    /// <summary>A commit, when it is known in detail.</summary>
    public CommitInfo? Exactly(long number)
    {
        var note = Note;
        return Known(note.RolledUp) ?? Known(note.Stored?.Commit) ?? Known(spool.Find(number));

        CommitInfo? Known(CommitInfo? commit) =>
            commit is { } known && known.Number == number && known.DatabasePages > 0 ? known : null;
    }
}
