using Holdfast.Core.Files;

namespace Holdfast.Core.Timeline.Spool;

/// <summary>
/// The spool of one lineage: a directory of files, the last of which is written. The log's thread appends; everybody
/// else reads what was appended.
/// </summary>
internal sealed class LineageSpool : ISpool, IDisposable
{
    private readonly Lock gate = new();
    private readonly List<SpoolFile> files;
    private readonly EntryWriter writer;
    private readonly PageHashes? hashes;
    private readonly Dictionary<string, TargetProgress> progress;
    private TaskCompletionSource? waiting;
    private bool unflushed;
    private bool isMerging;
    private bool isDeleted;

    /// <summary>Takes a spool as it was found or has just been made.</summary>
    /// <param name="directory">Its directory.</param>
    /// <param name="found">What is in it.</param>
    /// <param name="hashes">The hashes of the newest pages; null for a lineage that is not written any more.</param>
    /// <param name="targets">The targets that want its commits.</param>
    public LineageSpool(string directory, FoundEntries found, PageHashes? hashes, IEnumerable<string> targets)
    {
        Directory = directory;
        Lineage = found.Lineage;
        PageSize = found.PageSize;
        Newest = found.Newest;
        files = found.Files;
        this.hashes = hashes;
        progress = targets.ToDictionary(
            target => target,
            target => TargetProgress.Read(directory, target),
            StringComparer.Ordinal
        );
        Ended = hashes == null;
        writer = new EntryWriter(PageSize);
    }

    public string Directory { get; }

    public LineageId Lineage { get; }

    public int PageSize { get; }

    public CommitInfo Newest { get; private set; }

    public bool Ended { get; private set; }

    /// <summary>The entry that is being written.</summary>
    public EntryWriter Writer => writer;

    /// <summary>The file that is written.</summary>
    public SpoolFile Active
    {
        get
        {
            // Those who ship remove older files meanwhile.
            lock (gate)
            {
                return files[^1];
            }
        }
    }

    public long Oldest
    {
        get
        {
            lock (gate)
            {
                return files.Count > 0 ? files[0].First : Newest.Number + 1;
            }
        }
    }

    public long Bytes
    {
        get
        {
            lock (gate)
            {
                return files.Sum(file => file.End);
            }
        }
    }

    /// <summary>Whether nothing in it is still wanted by a target.</summary>
    public bool IsDone
    {
        get
        {
            lock (gate)
            {
                return Ended && MinReleased() >= Newest.Number;
            }
        }
    }

    public Task WaitForNewerAsync(long commit, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (Newest.Number > commit || Ended)
            {
                return Task.CompletedTask;
            }

            waiting ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return waiting.Task.WaitAsync(cancellationToken);
        }
    }

    public void Read(long first, long last, ISpoolVisitor visitor, long enough, CancellationToken cancellationToken)
    {
        long told = 0;
        while (first <= last && told < enough && OpenAt(first) is var (reader, start, end))
        {
            using (reader)
            {
                for (var offset = start; offset < end && first <= last && told < enough; )
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    var entry = reader.Open(offset, end) ?? throw reader.Damaged(offset);
                    offset += entry.TotalLength;
                    if (entry.Kind != EntryKind.Commit || entry.Commit.Number < first)
                    {
                        continue;
                    }

                    if (entry.Commit.Number > last || entry.From > first)
                    {
                        return;
                    }

                    told += Tell(reader, entry, visitor);
                    first = entry.Commit.Number + 1;
                }
            }
        }
    }

    public CommitInfo? Find(long commit)
    {
        if (OpenAt(commit) is not var (reader, offset, end))
        {
            return null;
        }

        using (reader)
        {
            while (offset < end)
            {
                var entry = reader.Open(offset, end) ?? throw reader.Damaged(offset);
                offset += entry.TotalLength;
                if (entry.Kind == EntryKind.Commit && entry.Commit.Number >= commit)
                {
                    return entry.From <= commit ? entry.Commit : null;
                }
            }
        }

        return null;
    }

    public long BytesOf(long first, long last)
    {
        lock (gate)
        {
            return files.Sum(file => Math.Max(0, file.OffsetAfter(last) - file.OffsetBefore(first)));
        }
    }

    public TargetProgress ProgressOf(string target)
    {
        lock (gate)
        {
            return progress.GetValueOrDefault(target) ?? new TargetProgress();
        }
    }

    public void SetProgress(string target, TargetProgress progress)
    {
        lock (gate)
        {
            if (isDeleted)
            {
                return;
            }

            try
            {
                progress.Write(Directory, target);
            }
            catch (Exception error) when (LocalFailure.Is(error))
            {
                throw LocalFailure.Of($"writing into {Directory}", error, "take another: HOLDFAST_STATE=DIR");
            }

            this.progress[target] = progress;
        }

        _ = RemoveUpTo(MinReleased);
    }

    /// <summary>Removes the oldest commits that all targets have, though not all have let them go.</summary>
    /// <returns>Whether there were any.</returns>
    public bool RemoveStored() => RemoveUpTo(() => progress.Count == 0 ? 0 : progress.Values.Min(item => item.Stored));

    public long ChangesSince
    {
        get
        {
            lock (gate)
            {
                return Ended || hashes == null ? long.MaxValue : hashes.ChangesSince;
            }
        }
    }

    public void ChangesOf(uint first, Span<long> commits)
    {
        lock (gate)
        {
            for (var at = 0; at < commits.Length; at++)
            {
                commits[at] = Ended || hashes == null ? 0 : hashes.ChangedBy(first + (uint)at);
            }
        }
    }

    public bool ReadNet(long first, long last, ISpoolVisitor visitor, CancellationToken cancellationToken)
    {
        using var net = new NetChange();
        while (first <= last)
        {
            if (OpenAt(first) is not var (reader, start, end))
            {
                return false;
            }

            first = net.Add(reader, start, end, first, last, cancellationToken);
            if (first < 0)
            {
                return false;
            }
        }

        net.Tell(visitor, cancellationToken);
        return true;
    }

    public bool Confirm(uint number, Span<byte> prefixAndPage)
    {
        var hash = PageHash.InPlace(number, prefixAndPage);
        ulong known;
        lock (gate)
        {
            if (Ended || hashes == null || number > Newest.DatabasePages)
            {
                return false;
            }

            known = hashes[number];
        }

        if (hash == known)
        {
            return true;
        }

        Span<byte> zero = new byte[prefixAndPage.Length];
        if (PageHash.InPlace(number, zero) != known)
        {
            return false;
        }

        prefixAndPage.Clear();
        return true;
    }

    /// <summary>Ends the commit that is being written, and makes it known.</summary>
    public void End(EntryHeader entry, ReadOnlySpan<IndexRow> rows)
    {
        entry = writer.End(entry, rows);
        unflushed = true;
        TaskCompletionSource? woken = null;
        lock (gate)
        {
            Active.Appended(entry);
            if (entry.Kind == EntryKind.Move)
            {
                return;
            }

            hashes!.Change(entry.Commit, Newest.DatabasePages, rows);
            Newest = entry.Commit;
            (woken, waiting) = (waiting, null);
        }

        woken?.SetResult();
    }

    /// <summary>Begins the next file: everything so far is flushed.</summary>
    public void Roll()
    {
        writer.Tidy(Active);
        var next = SpoolFile.Create(Directory, Newest.Number + 1);
        DurableFiles.FlushDirectory(Directory);
        lock (gate)
        {
            Active.Dispose();
            files.Add(next);
        }
    }

    /// <summary>Makes what was ended survive a loss of power, and the table know of it.</summary>
    public void Flush()
    {
        if (!unflushed)
        {
            return;
        }

        Active.Flush();
        unflushed = false;
        lock (gate)
        {
            hashes!.Apply();
        }
    }

    /// <summary>Gives up the detail of the oldest commits.</summary>
    /// <param name="enough">The bytes that are to be merged, at least; if there are as many.</param>
    /// <returns>The commits, and whether their net change is still here; null when there is nothing to give up.</returns>
    public (long First, long Last, bool NetChangeKept)? GiveUpOldest(long enough)
    {
        var taken = TakeOldest(enough);
        if (taken.Count == 0)
        {
            return null;
        }

        try
        {
            // What an earlier merge left does not become smaller.
            var merged = taken is [{ IsOneCommit: true }] ? null : Condensing.Merge(Directory, taken, PageSize);
            Replace(taken, merged);
            return (taken[0].First, taken[^1].Last, merged != null);
        }
        finally
        {
            lock (gate)
            {
                isMerging = false;
            }

            _ = RemoveUpTo(MinReleased);
        }
    }

    /// <summary>Ends the lineage: there will be no newer commit.</summary>
    public void EndLineage()
    {
        TaskCompletionSource? woken;
        writer.Dispose();
        lock (gate)
        {
            // Before it is known to have ended: then it may be removed at once.
            Active.Dispose();
            Ended = true;
            (woken, waiting) = (waiting, null);
        }

        woken?.SetResult();
    }

    /// <summary>Removes it from the disk.</summary>
    public void Delete()
    {
        lock (gate)
        {
            isDeleted = true;
            files.Clear();
            System.IO.Directory.Delete(Directory, recursive: true);
        }
    }

    public void Dispose()
    {
        writer.Dispose();
        files.ForEach(file => file.Dispose());
    }

    // Opened under the lock: the file may be removed at once, and stays readable for who opened it.
    private (EntryReader Reader, long Offset, long End)? OpenAt(long commit)
    {
        lock (gate)
        {
            return files.Find(file => file.Last >= commit) is { } file
                ? (new EntryReader(file.Path), file.OffsetBefore(commit), file.End)
                : null;
        }
    }

    private static long Tell(EntryReader reader, in EntryHeader entry, ISpoolVisitor visitor)
    {
        visitor.Begin(entry.Commit);
        foreach (ref readonly var row in reader.Index)
        {
            visitor.Page(row.Page, reader.Page(row));
        }

        visitor.End(entry.Commit);
        return (long)entry.Commit.PageCount * entry.PageSize;
    }

    /// <summary>The oldest files, for a merge: until it is over none of them is removed.</summary>
    private List<SpoolFile> TakeOldest(long enough)
    {
        lock (gate)
        {
            long bytes = 0;
            var finished = files.Take(files.Count - 1).ToList();
            List<SpoolFile> taken = [.. finished.TakeWhile(file => (bytes += file.End) - file.End < enough)];
            isMerging = taken.Count > 0;

            // One commit is what an earlier merge left: only together with all others may it become smaller.
            return taken is [{ IsOneCommit: true }] ? finished : taken;
        }
    }

    private void Replace(List<SpoolFile> taken, SpoolFile? merged)
    {
        lock (gate)
        {
            // Within the lock: a reader opens a file by the path and the length that are noted together.
            merged?.Rename(taken[0].Path);
            files.RemoveRange(0, taken.Count);
            if (merged != null)
            {
                files.Insert(0, merged);
            }
        }

        DurableFiles.FlushDirectory(Directory);

        // Killed in between: a file whose commits another one covers is found and removed when the log is opened.
        foreach (var file in merged == null ? taken : taken.Skip(1))
        {
            File.Delete(file.Path);
        }
    }

    private bool RemoveUpTo(Func<long> last)
    {
        List<SpoolFile> gone = [];
        lock (gate)
        {
            if (!isMerging)
            {
                var all = last();
                gone = [.. files.SkipLast(1).TakeWhile(file => file.Last <= all)];
                files.RemoveRange(0, gone.Count);
            }
        }

        // Oldest first: killed in between, what is left has no gap.
        foreach (var file in gone)
        {
            File.Delete(file.Path);
        }

        return gone.Count > 0;
    }

    private long MinReleased() => progress.Count == 0 ? 0 : progress.Values.Min(item => item.Released);
}
