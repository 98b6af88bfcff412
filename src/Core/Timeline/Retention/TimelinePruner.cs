using System.Security.Cryptography;
using Holdfast.Core.Stores;
using Holdfast.Core.Timeline.Format;

namespace Holdfast.Core.Timeline.Retention;

/// <summary>What became of a deletion.</summary>
public enum Deletion
{
    /// <summary>The object is gone.</summary>
    Done,

    /// <summary>The store holds it fast for a time: it stays, and others may go.</summary>
    Locked,

    /// <summary>The store deletes nothing.</summary>
    Refused,
}

/// <summary>How retention reaches a target; each call is made until it succeeds, or fails for good.</summary>
/// <param name="List">Lists what begins with a prefix, all of it or nothing.</param>
/// <param name="Read">Reads a small object; null when it is not there.</param>
/// <param name="Put">Writes an object under a free name.</param>
/// <param name="Delete">Removes an object.</param>
public sealed record RetentionCalls(
    Func<string, CancellationToken, Task<List<ObjectInfo>>> List,
    Func<ObjectKey, CancellationToken, Task<byte[]?>> Read,
    Func<ObjectKey, ObjectContent, CancellationToken, Task> Put,
    Func<ObjectKey, CancellationToken, Task<Deletion>> Delete
)
{
    /// <summary>Calls that are made once.</summary>
    public static RetentionCalls Once(IObjectStore store) =>
        new(
            async (prefix, token) =>
            {
                var found = new List<ObjectInfo>();
                await foreach (var info in store.ListAsync(prefix, startAfter: null, token))
                {
                    found.Add(info);
                }

                return found;
            },
            (key, token) => ReadAsync(store, key, token),
            (key, content, token) => store.PutAsync(key, content, PutCondition.IfAbsent, token),
            async (key, token) =>
            {
                try
                {
                    await store.DeleteAsync(key, token);
                    return Deletion.Done;
                }
                catch (StoreException error) when (error.Fault == StoreFault.Locked)
                {
                    return Deletion.Locked;
                }
            }
        );

    /// <summary>Reads a mark; null when it is not there, or too large to be one.</summary>
    public static async Task<byte[]?> ReadAsync(IObjectStore store, ObjectKey key, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = await store.OpenReadAsync(key, range: null, cancellationToken);
            using var bytes = new MemoryStream();
            var buffer = new byte[64 * 1024];
            while (await stream.ReadAsync(buffer, cancellationToken) is var read and > 0)
            {
                await bytes.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                if (bytes.Length > DeletionMark.MaxBytes)
                {
                    return null;
                }
            }

            return bytes.ToArray();
        }
        catch (StoreException error) when (error.Fault == StoreFault.NotFound)
        {
            return null;
        }
    }
}

/// <summary>Carries out what retention decides about the timelines of one database at one target.</summary>
public sealed class TimelinePruner(RetentionCalls calls, string database, TimelineKeep keep, TimeProvider time)
{
    // Marks are never changed: each is read once.
    private readonly Dictionary<ObjectKey, DeletionMark?> marks = [];

    /// <summary>Lists what is stored, and decides; nothing is changed.</summary>
    public async Task<TimelineRetentionPlan> PlanAsync(CancellationToken cancellationToken)
    {
        var found = await calls.List(TimelineNames.Prefix(database), cancellationToken);
        var stored = new List<StoredDeletionMark>();
        foreach (var info in found)
        {
            if (TimelineNames.TryParse(info.Key, database, out _, out var name) && name.Object == TimelineObject.Mark)
            {
                if (!marks.TryGetValue(info.Key, out var content))
                {
                    var bytes = await calls.Read(info.Key, cancellationToken);
                    content = bytes == null ? null : DeletionMark.Parse(bytes);
                    marks.Add(info.Key, content);
                }

                stored.Add(new StoredDeletionMark(info.Key, content));
            }
        }

        return TimelineRetention.Decide(found, database, stored, keep, time.GetUtcNow());
    }

    /// <summary>
    /// Carries a plan out: marks first, then deletions in their order, then what is done with. Killed anywhere in between,
    /// the next one goes on.
    /// </summary>
    /// <returns>What was deleted; less than planned when the target refuses.</returns>
    public async Task<IReadOnlySet<ObjectKey>> ApplyAsync(
        TimelineRetentionPlan plan,
        CancellationToken cancellationToken
    )
    {
        foreach (var (lineage, mark) in plan.Put)
        {
            var salt = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
            var key = new TimelineNames(database, lineage).Mark(mark.Due, salt);
            await calls.Put(key, mark.ToContent(), cancellationToken);
        }

        var deleted = new HashSet<ObjectKey>();
        var left = new HashSet<ObjectKey>();
        foreach (var key in plan.Delete.Concat(plan.Done).Where(key => !left.Contains(key)))
        {
            var done = await calls.Delete(key, cancellationToken);
            if (done == Deletion.Refused)
            {
                break;
            }

            if (done == Deletion.Done)
            {
                _ = deleted.Add(key);
            }
            else
            {
                // What still looks like a restore point must be one: what it consists of and builds on stays with it.
                left.UnionWith(StaysWith(plan, key));
            }
        }

        return deleted;
    }

    private IEnumerable<ObjectKey> StaysWith(TimelineRetentionPlan plan, ObjectKey held)
    {
        if (plan.Points.FirstOrDefault(point => point.Point.Key == held) is { } decided)
        {
            return LevelPoint.NeededBy([decided.Point]).SelectMany(point => point.Objects);
        }

        if (
            !TimelineNames.TryParse(held, database, out var lineage, out var name)
            || name.Object is not (TimelineObject.Point or TimelineObject.Journal or TimelineObject.RollUp)
        )
        {
            return [];
        }

        // Journals go the oldest first, and no hole may come between them: it would look like a loss.
        var directory = TimelineNames.Prefix(database) + lineage + "/";
        var parsed = plan
            .Delete.Where(key => key.Value.StartsWith(directory, StringComparison.Ordinal))
            .Select(key => (Key: key, Name: TimelineNames.TryParse(key, database, out _, out var n) ? n : null))
            .ToList();
        var journals = parsed
            .Where(item => item.Name?.Object is TimelineObject.Journal or TimelineObject.RollUp)
            .Select(item => item.Key)
            .ToList();
        var stems = journals.Select(TimelineNames.StemOf).ToHashSet(StringComparer.Ordinal);
        return journals.Concat(
            parsed
                .Where(item => item.Name?.Object == TimelineObject.Part && stems.Contains(item.Name.Stem))
                .Select(item => item.Key)
        );
    }
}
