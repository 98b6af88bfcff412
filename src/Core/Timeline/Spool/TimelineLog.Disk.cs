using Holdfast.Core.Files;

namespace Holdfast.Core.Timeline.Spool;

public sealed partial class TimelineLog
{
    private const int RememberedGaps = 100;

    // What is given up is a finished file: under a small cap they must be small, too.
    private const int LeastFiles = 4;

    private readonly Lock gate = new();
    private readonly List<LineageSpool> spools = [];
    private TaskCompletionSource? waiting;

    /// <summary>Why what was found when the log was opened could not be used, for people; null when it could.</summary>
    public string? Lost { get; private set; }

    /// <summary>Why the lineage began, as its maker said; null for the very first.</summary>
    public string? WhyBegun => state.Why;

    /// <summary>Commits whose detail was given up, oldest first; the newest hundred.</summary>
    public IReadOnlyList<GivenUpCommits> GivenUp =>
        [
            .. state.GivenUp.Select(gap => new GivenUpCommits(
                IdOf(gap.Lineage),
                gap.First,
                gap.Last,
                gap.At,
                gap.NetChangeKept
            )),
        ];

    /// <summary>The bytes on disk, of all lineages that a target still wants.</summary>
    public long Bytes
    {
        get
        {
            lock (gate)
            {
                return spools.Sum(spool => spool.Bytes);
            }
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<ISpool> All
    {
        get
        {
            lock (gate)
            {
                RemoveDone();
                return [.. spools];
            }
        }
    }

    /// <inheritdoc/>
    public async Task<ISpool> NextAsync(LineageId? after, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task change;
            lock (gate)
            {
                RemoveDone();
                if (spools.Find(spool => after == null || spool.Lineage > after) is { } next)
                {
                    return next;
                }

                waiting ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                change = waiting.Task;
            }

            await change.WaitAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public void Distrust(LineageId lineage, string why) =>
        OnDisk(() => WriteState(known => known.Lineage == lineage.ToString() ? known with { Abandoned = why } : known));

    /// <inheritdoc/>
    public void GiveUp(ISpool spool, long first)
    {
        if (first <= spool.Newest.Number)
        {
            OnDisk(() => NoteGap(spool.Lineage, (first, spool.Newest.Number, NetChangeKept: false)));
        }
    }

    private static LineageId IdOf(string text) =>
        LineageId.TryParse(text, out var id) ? id : throw new InvalidDataException($"{text} is no lineage");

    private void Recover()
    {
        _ = PendingFile.SweepOrphans(options.Directory);
        try
        {
            state = LogState.Read(options.Directory);
            Resume();
        }
        catch (Exception error)
            when (error is InvalidDataException or FileNotFoundException or DirectoryNotFoundException)
        {
            Lose(error.Message);
        }

        foreach (
            var directory in Directory.EnumerateDirectories(options.Directory).Order(StringComparer.Ordinal).Reverse()
        )
        {
            Retire(directory);
        }
    }

    private void Lose(string why)
    {
        Lost = why;
        Lineage = null;
        PageSize = 0;
        tip = default;
        Position = default;
        spools.ForEach(spool => spool.Dispose());
        spools.Clear();
    }

    private void Resume()
    {
        if (state.Lineage == null)
        {
            return;
        }

        if (state.Abandoned != null)
        {
            throw new InvalidDataException(state.Abandoned);
        }

        var flushed = state.Flushed ?? throw new InvalidDataException("the lineage had only begun");
        var lineage = IdOf(state.Lineage);
        var directory = Path.Combine(options.Directory, state.Lineage);
        var position = new SourcePosition(flushed.Position);
        var size = flushed.DatabasePages;
        RelyOnChanges(flushed.Number);
        var found = SpoolScan.Run(
            directory,
            new FoundEntries(lineage, state.PageSize, flushed.Commit, position, []),
            (in EntryHeader entry, ReadOnlySpan<IndexRow> rows) =>
            {
                hashes.Change(entry.Commit, size, rows);
                size = entry.Commit.DatabasePages;
            }
        );
        found.Files[^1].Reopen();
        found.Files[^1].Flush();
        hashes.Apply();
        Take(directory, found);
    }

    /// <summary>Which commit changed which page is known of all that the table was flushed with, or of what comes from now on.</summary>
    private void RelyOnChanges(long flushed)
    {
        if (state.ChangesPages is { } pages && changes.Capacity >= pages)
        {
            hashes.RelyOnChanges(state.ChangesSince);
            return;
        }

        // Noted before the table is written: killed in between, it must not be taken for one that knows all.
        WriteState(known => known with { ChangesSince = flushed, ChangesPages = 0 });
        hashes.ForgetChanges(flushed);
    }

    private void Take(string directory, FoundEntries found)
    {
        var spool = new LineageSpool(directory, found, hashes, options.Targets);
        spools.Add(spool);
        if (table.Combine(found.Newest.DatabasePages) != found.Newest.Hash)
        {
            throw new InvalidDataException("the page table does not agree with the newest commit");
        }

        Lineage = found.Lineage;
        PageSize = found.PageSize;
        tip = found.Newest;
        Position = found.Position;
        Checkpoint(spool);
    }

    /// <summary>Takes a lineage that is not written any more, as targets may still want its commits.</summary>
    private void Retire(string directory)
    {
        if (
            !LineageId.TryParse(Path.GetFileName(directory), out var lineage)
            || spools.Exists(spool => spool.Lineage == lineage)
        )
        {
            return;
        }

        try
        {
            var found = SpoolScan.Run(directory, new FoundEntries(lineage, 0, default, default, []), (in _, _) => { });
            if (found.Newest.Number > 0)
            {
                spools.Insert(0, new LineageSpool(directory, found, hashes: null, options.Targets));
                return;
            }
        }
        catch (InvalidDataException error)
        {
            Lost = $"{Lost ?? "an older lineage is damaged"}; {error.Message}";
        }

        Directory.Delete(directory, recursive: true);
    }

    private LineageId NewLineage()
    {
        // A clock that stepped back must not make the new lineage the older one.
        var now = time.GetUtcNow();
        var known = state.Lineage == null ? null : (LineageId?)IdOf(state.Lineage);
        lock (gate)
        {
            foreach (var lineage in spools.Select(spool => spool.Lineage))
            {
                known = known == null || lineage > known ? lineage : known;
            }
        }

        return LineageId.New(known is { } last && last.Began >= now ? last.Began.AddMilliseconds(1) : now);
    }

    private void Publish(LineageSpool spool)
    {
        TaskCompletionSource? woken;
        lock (gate)
        {
            spools.Add(spool);
            (woken, waiting) = (waiting, null);
        }

        woken?.SetResult();
    }

    private void EndCurrent()
    {
        if (Current is { } spool)
        {
            spool.Writer.Discard();
            spool.Flush();
            spool.EndLineage();
        }
    }

    // Under the gate.
    private void RemoveDone()
    {
        foreach (var spool in spools.Where(spool => spool.IsDone).ToList())
        {
            _ = spools.Remove(spool);
            spool.Delete();
        }
    }

    private void MakeRoom(LineageSpool spool)
    {
        if (spool.Active.End >= Math.Min(options.FileBytes, options.CapBytes / LeastFiles))
        {
            Checkpoint(spool);
            spool.Roll();
        }
        else if (hashes.ManyWait)
        {
            spool.Flush();
        }

        // What only waits to be rolled up goes first. A merge needs room for its result beside what it merges.
        while (Bytes > options.CapBytes / 3 * 2 && (spool.RemoveStored() || GiveUp(spool))) { }
    }

    private bool GiveUp(LineageSpool current)
    {
        var given = GiveUpEnded(current) ?? (current.Lineage, current.GiveUpOldest(options.CapBytes / 3));
        if (given.Commits is not { } commits)
        {
            return false;
        }

        NoteGap(given.Lineage, commits);
        return true;
    }

    private void NoteGap(LineageId lineage, (long First, long Last, bool NetChangeKept) commits)
    {
        var gap = new GivenUpRecord(
            lineage.ToString(),
            commits.First,
            commits.Last,
            time.GetUtcNow(),
            commits.NetChangeKept
        );
        WriteState(known => known with { GivenUp = [.. known.GivenUp.TakeLast(RememberedGaps - 1), gap] });
    }

    // Of an older lineage there is no net change to be kept: nothing will be built on it.
    private (LineageId Lineage, (long First, long Last, bool NetChangeKept)? Commits)? GiveUpEnded(LineageSpool current)
    {
        lock (gate)
        {
            if (spools[0] is var oldest && oldest == current)
            {
                return null;
            }

            spools.RemoveAt(0);
            var commits = (oldest.Oldest, oldest.Newest.Number, NetChangeKept: false);
            oldest.Delete();
            return (oldest.Lineage, commits);
        }
    }

    private void Checkpoint(LineageSpool spool)
    {
        spool.Flush();
        table.Flush();
        changes.Flush();
        WriteState(known => known with { ChangesPages = changes.Capacity, Flushed = FlushedCommit.Of(tip, Position) });
    }

    private void WriteState(Func<LogState, LogState> change)
    {
        lock (gate)
        {
            state = change(state);
            state.Write(options.Directory);
        }
    }
}
