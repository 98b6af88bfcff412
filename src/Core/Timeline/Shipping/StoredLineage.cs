using Holdfast.Core.Stores;
using Holdfast.Core.Timeline.Format;

namespace Holdfast.Core.Timeline.Shipping;

/// <summary>What a target holds of a lineage: the journals at its end that follow each other without a gap, and bases.</summary>
internal sealed class StoredLineage
{
    private readonly List<StoredJournal> journals = [];

    /// <summary>The newest commit that is stored; number 0 for none.</summary>
    public CommitPoint Tip { get; private set; }

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

    /// <summary>The stored bytes of journals that the newest base needs.</summary>
    public long BytesSinceBase =>
        journals.Where(journal => journal.Last.Number > (Base?.Settled ?? 0)).Sum(j => j.Bytes);

    /// <summary>Whether the newest commit can be restored.</summary>
    public bool IsRestorable => Base != null && Base.Settled >= From && Tip.Number >= Base.Finished;

    /// <summary>Reads what is stored: one listing, and the indexes of the journals since the newest base.</summary>
    /// <exception cref="SegmentException">The newest journal cannot be read.</exception>
    public static async Task<StoredLineage> ReadAsync(
        StoreCalls calls,
        string database,
        LineageId lineage,
        bool isNew,
        CancellationToken cancellationToken
    )
    {
        var stored = new StoredLineage();
        var found = await calls.ListAsync($"{TimelineNames.Prefix(database)}{lineage}/", isNew, cancellationToken);
        var objects = found
            .Select(info =>
                (Info: info, Name: TimelineNames.TryParse(info.Key, database, out _, out var name) ? name : null)
            )
            .Where(item => item.Name != null)
            .Select(item => (item.Info, Name: item.Name!))
            .ToList();
        stored.Orphans = RetentionWindow.Orphans([.. objects.Select(item => (item.Info.Key, item.Name))]);
        stored.FindBase(objects);
        await stored.FindJournalsAsync(calls, objects, cancellationToken);
        await stored.FindTipOfBaseAsync(calls, objects, cancellationToken);
        return stored;
    }

    /// <summary>Begins anew behind a commit, from which a base will be made: nothing before it is needed.</summary>
    public void BeginAfter(in CommitInfo commit)
    {
        journals.Clear();
        Tip = CommitPoint.Of(commit);
        From = commit.Number;
    }

    /// <summary>Notes a journal that was stored.</summary>
    public void Add(StoredJournal journal)
    {
        journals.Add(journal);
        Tip = CommitPoint.Of(journal.Last);
    }

    /// <summary>Notes a base that was stored.</summary>
    public void Add(StoredBase made) => Base = made;

    /// <summary>Notes that journals are in a roll-up now.</summary>
    public void Replace(IReadOnlyList<StoredJournal> rolledUp, StoredJournal rollUp)
    {
        var at = journals.IndexOf(rolledUp[0]);
        journals.RemoveRange(at, rolledUp.Count);
        journals.Insert(at, rollUp);
    }

    /// <summary>Notes that a journal is lost: only what comes after it can be gone on from.</summary>
    public void Lose(StoredJournal journal)
    {
        _ = journals.RemoveAll(other => other.Last.Number <= journal.Last.Number);
        From = Math.Max(From, journal.Last.Number);
    }

    /// <summary>Forgets what retention removed.</summary>
    public void Forget(IReadOnlySet<ObjectKey> deleted) => journals.RemoveAll(journal => deleted.Contains(journal.Key));

    private void FindBase(List<(ObjectInfo Info, TimelineName Name)> objects)
    {
        var newest = objects
            .Where(item => item.Name.Object == TimelineObject.Base)
            .OrderBy(item => item.Name.Last)
            .LastOrDefault();
        if (newest.Name != null)
        {
            Base = new StoredBase(
                newest.Name.First,
                newest.Name.Last,
                newest.Name.Time!.Value,
                newest.Info.Size + PartsOf(objects, newest.Info.Key).Sum(part => part.Size)
            );
        }
    }

    private async Task FindJournalsAsync(
        StoreCalls calls,
        List<(ObjectInfo Info, TimelineName Name)> objects,
        CancellationToken cancellationToken
    )
    {
        var rollUps = objects.Where(item => item.Name.Object == TimelineObject.RollUp).ToList();
        var all = objects
            .Where(item => item.Name.Object is TimelineObject.Journal or TimelineObject.RollUp)
            .OrderBy(item => item.Name.First)
            .ToLookup(item => rollUps.Exists(rollUp => rollUp != item && Covers(rollUp.Name, item.Name)));
        var needed = all[false].ToList();
        RolledUp =
        [
            .. all[true]
                .Select(item => item.Info.Key)
                .SelectMany(key => (ObjectKey[])[key, .. PartsOf(objects, key).Select(part => part.Key)]),
        ];

        // The newest base needs what comes after it was settled; the journal before tells the tip when there is none.
        var first = needed.FindLastIndex(item => item.Name.First <= (Base?.Settled ?? 0) + 1);
        foreach (var (info, name) in needed.Skip(Math.Max(0, first)))
        {
            var reader = await calls.ReadAsync(
                (store, token) => SegmentReader.OpenAsync(store, info.Key, info.Size, keys: null, token),
                cancellationToken
            );
            var journal = StoredJournal.Of(
                reader,
                name.Object == TimelineObject.RollUp,
                info.Size + PartsOf(objects, info.Key).Sum(part => part.Size)
            );
            if (journals.Count == 0 || journal.From.Number != Tip.Number)
            {
                journals.Clear();
                From = journal.From.Number;
            }

            Add(journal);
        }
    }

    // Without a commit since the base was settled it stands alone.
    private async Task FindTipOfBaseAsync(
        StoreCalls calls,
        List<(ObjectInfo Info, TimelineName Name)> objects,
        CancellationToken cancellationToken
    )
    {
        if (Base is not { } alone || alone.Finished != alone.Settled || Tip.Number >= alone.Settled)
        {
            return;
        }

        var info = objects
            .First(item => item.Name.Object == TimelineObject.Base && item.Name.Last == alone.Finished)
            .Info;
        var reader = await calls.ReadAsync(
            (store, token) => SegmentReader.OpenAsync(store, info.Key, info.Size, keys: null, token),
            cancellationToken
        );
        BeginAfter(reader.Index.Commit(0));
    }

    private static IEnumerable<ObjectInfo> PartsOf(
        List<(ObjectInfo Info, TimelineName Name)> objects,
        ObjectKey segment
    )
    {
        var stem = TimelineNames.StemOf(segment);
        return objects
            .Where(item => item.Name.Object == TimelineObject.Part && item.Name.Stem == stem)
            .Select(item => item.Info);
    }

    private static bool Covers(TimelineName rollUp, TimelineName journal) =>
        rollUp.First <= journal.First
        && (journal.Object == TimelineObject.Journal ? journal.First <= rollUp.Last : journal.Last <= rollUp.Last);
}
