using Holdfast.Core.Stores;
using Holdfast.Core.Timeline.Format;

namespace Holdfast.Core.Timeline.Shipping;

/// <summary>
/// What a target holds of a lineage, as a listing and the note tell: names, sizes, and the end of the newest object.
/// What is in them is never read: a shipper cannot read what is encrypted.
/// </summary>
internal sealed class StoredLineage
{
    private readonly List<StoredJournal> journals = [];

    /// <summary>The newest commit that is stored; number 0 for none.</summary>
    public CommitInfo Tip { get; private set; }

    /// <summary>The commit after which all others up to the tip are stored.</summary>
    public long From { get; private set; }

    /// <summary>The newest base.</summary>
    public StoredBase? Base { get; private set; }

    /// <summary>What an interrupted upload left.</summary>
    public IReadOnlyList<ObjectKey> Orphans { get; private set; } = [];

    /// <summary>Journals that are in a roll-up, too.</summary>
    public IReadOnlyList<ObjectKey> RolledUp { get; private set; } = [];

    /// <summary>Journals and roll-ups, oldest first.</summary>
    public IReadOnlyList<StoredJournal> Journals => journals;

    /// <summary>The stored bytes of journals after a commit.</summary>
    public long JournalBytesAfter(long commit) => journals.Where(journal => journal.Last > commit).Sum(j => j.Bytes);

    /// <summary>Whether the newest commit can be restored.</summary>
    public bool IsRestorable => Base != null && Base.Settled >= From && Tip.Number >= Base.Finished;

    /// <summary>Takes what was found to be stored.</summary>
    /// <param name="listed">The listing.</param>
    /// <param name="from">The commit after which all others are stored.</param>
    /// <param name="tip">The newest commit that is stored.</param>
    /// <param name="timeOf">Tells when a commit was seen.</param>
    public static StoredLineage Of(ListedLineage listed, long from, CommitInfo tip, Func<long, DateTimeOffset?> timeOf)
    {
        var stored = new StoredLineage
        {
            From = from,
            Tip = tip,
            Base = listed.Base,
            Orphans = listed.Orphans,
        };
        var all = listed.Journals.ToLookup(listed.IsInARollUp);
        var needed = all[false].ToList();
        for (var at = 0; at < needed.Count; at++)
        {
            var (info, name) = needed[at];
            var isRollUp = name.Object == TimelineObject.RollUp;
            var last =
                isRollUp ? name.Last
                : at + 1 < needed.Count ? needed[at + 1].Name.First - 1
                : tip.Number;
            stored.journals.Add(
                new StoredJournal(
                    info.Key,
                    isRollUp,
                    name.First,
                    last,
                    isRollUp ? name.Time : timeOf(last),
                    listed.BytesOf(info),
                    [.. listed.ObjectsOf(info)]
                )
            );
        }

        stored.RolledUp = [.. all[true].SelectMany(item => listed.ObjectsOf(item.Info))];
        return stored;
    }

    /// <summary>Begins anew behind a commit, from which a base will be made: nothing before it is needed.</summary>
    public void BeginAfter(in CommitInfo commit)
    {
        journals.Clear();
        Tip = commit;
        From = commit.Number;
    }

    /// <summary>Notes a journal that was stored.</summary>
    public void Add(StoredJournal journal, in CommitInfo last)
    {
        journals.Add(journal);
        Tip = last;
    }

    /// <summary>Notes a base that was stored.</summary>
    public void Add(StoredBase made) => Base = made;

    /// <summary>Notes that journals are in a roll-up now.</summary>
    public void Replace(IReadOnlyList<StoredJournal> rolledUp, StoredJournal rollUp)
    {
        var at = journals.IndexOf(rolledUp[0]);
        if (at >= 0)
        {
            journals.RemoveRange(at, rolledUp.Count);
            journals.Insert(at, rollUp);
        }
    }

    /// <summary>Forgets what retention removed.</summary>
    public void Forget(IReadOnlySet<ObjectKey> deleted) => journals.RemoveAll(journal => deleted.Contains(journal.Key));
}
