using Holdfast.Core.Errors;
using Holdfast.Core.Files;

namespace Holdfast.Core.Timeline.Spool;

/// <summary>
/// The log of one database in a private directory: spool, page-hash table and position, which always tell one story. A
/// killed process loses nothing that was ended; a loss of power nothing that was flushed. When adding to or ending a
/// commit throws, that commit was never begun, and the log stands at the one before it.
/// </summary>
public sealed partial class TimelineLog : ITimelineLog, ITimelineSpools, IDisposable
{
    private const uint LockedByte = 1u << 30;

    private readonly TimelineLogOptions options;
    private readonly TimeProvider time;
    private readonly RunLock runLock;
    private readonly PageTable table;
    private readonly PageTable changes;
    private readonly PageHashes hashes;
    private LogState state;
    private CommitInfo tip;
    private bool closed;

    private TimelineLog(TimelineLogOptions options, TimeProvider time, RunLock runLock)
    {
        this.options = options;
        this.time = time;
        this.runLock = runLock;
        table = PageTable.Open(Path.Combine(options.Directory, "pages"));
        changes = PageTable.Open(Path.Combine(options.Directory, "changes"));
        hashes = new PageHashes(table, changes);
        state = new LogState();
    }

    /// <inheritdoc/>
    public LineageId? Lineage { get; private set; }

    /// <inheritdoc/>
    public CommitInfo Tip => tip;

    /// <inheritdoc/>
    public int PageSize { get; private set; }

    /// <inheritdoc/>
    public SourcePosition Position { get; private set; }

    private LineageSpool? Current => Lineage != null && tip.Number > 0 ? spools[^1] : null;

    private uint LockPage => (LockedByte / (uint)PageSize) + 1;

    /// <summary>Opens the log, or says who has it open.</summary>
    /// <exception cref="HoldfastException">
    /// <see cref="ErrorCode.Busy"/>: another process has it. <see cref="ErrorCode.Failure"/>: the directory cannot be used.
    /// </exception>
    public static TimelineLog Open(TimelineLogOptions options, TimeProvider time)
    {
        var runLock = RunLock.Acquire(options.Directory, "timeline", $"the capture of {options.Database}", time);
        TimelineLog? log = null;
        try
        {
            log = new TimelineLog(options, time, runLock);
            log.Recover();
            return log;
        }
        catch (Exception error)
        {
            log?.Close();
            runLock.Dispose();
            if (LocalFailure.Is(error))
            {
                throw Failure(error, options);
            }

            throw;
        }
    }

    /// <inheritdoc/>
    public void BeginLineage(int pageSize, string? why) =>
        OnDisk(() =>
        {
            EndCurrent();
            PageSize = pageSize;
            tip = default;
            Position = default;
            Lineage = NewLineage();
            WriteState(known =>
                known with
                {
                    Lineage = Lineage.ToString(),
                    Why = why,
                    Abandoned = null,
                    PageSize = pageSize,
                    Flushed = null,
                    ChangesSince = 1,
                    ChangesPages = 0,
                }
            );
            hashes.Clear();
        });

    /// <inheritdoc/>
    public bool Differs(uint number, Span<byte> prefixAndPage) =>
        number > tip.DatabasePages || PageHash.InPlace(number, prefixAndPage) != hashes[number];

    /// <inheritdoc/>
    public void AddPage(uint number, Span<byte> prefixAndPage)
    {
        if (number == 0 || number == LockPage || prefixAndPage.Length != PageHash.PrefixLength + PageSize)
        {
            throw new ArgumentException($"page {number} with {prefixAndPage.Length} bytes is no page", nameof(number));
        }

        var hash = PageHash.InPlace(number, prefixAndPage);
        try
        {
            if (Current is { } spool)
            {
                Begin(spool).Add(number, hash, prefixAndPage[PageHash.PrefixLength..]);
            }
            else
            {
                table[number] = hash;
            }
        }
        catch (Exception error) when (LocalFailure.Is(error))
        {
            Discard();
            throw Failure(error, options);
        }
    }

    /// <inheritdoc/>
    public CommitInfo EndCommit(uint databasePages, SourcePosition position, CommitFlags flags = CommitFlags.None)
    {
        try
        {
            OnDisk(() =>
            {
                if (Current is { } spool)
                {
                    End(spool, databasePages, position, flags);
                }
                else
                {
                    EndFirst(databasePages, position, flags);
                }
            });
        }
        catch
        {
            Discard();
            throw;
        }

        return tip;
    }

    /// <inheritdoc/>
    public void Abandon() => Discard();

    /// <inheritdoc/>
    public void MoveTo(SourcePosition position)
    {
        if (position == Position)
        {
            return;
        }

        if (Current is { } spool)
        {
            if (spool.Writer.IsOpen)
            {
                throw new InvalidOperationException("the source moved within a commit");
            }

            OnDisk(() =>
            {
                _ = Begin(spool);
                spool.End(Entry(EntryKind.Move, tip with { PageCount = 0 }, position), []);
            });
        }

        Position = position;
    }

    /// <inheritdoc/>
    public void Flush() => OnDisk(() => Current?.Flush());

    /// <summary>Closes the log; it can be opened again. What was ended stays.</summary>
    public void Dispose()
    {
        if (closed)
        {
            return;
        }

        try
        {
            if (Current is { } spool)
            {
                spool.Writer.Discard();
                Checkpoint(spool);
            }
        }
        finally
        {
            Close();
        }
    }

    private void Close()
    {
        closed = true;
        spools.ForEach(spool => spool.Dispose());
        table.Dispose();
        changes.Dispose();
        runLock.Dispose();
    }

    private static HoldfastException Failure(Exception error, TimelineLogOptions options) =>
        LocalFailure.Of(
            $"writing the log of {options.Database} in {options.Directory}",
            error,
            "take another: HOLDFAST_STATE=DIR"
        );

    private EntryWriter Begin(LineageSpool spool)
    {
        if (!spool.Writer.IsOpen)
        {
            MakeRoom(spool);
            spool.Writer.Begin(spool.Active);
        }

        return spool.Writer;
    }

    private void End(LineageSpool spool, uint databasePages, SourcePosition position, CommitFlags flags)
    {
        var writer = Begin(spool);
        AddHoles(writer, databasePages);
        var (rows, count) = writer.Sort(databasePages);
        try
        {
            var index = rows.AsSpan(0, count);
            var commit = new CommitInfo(
                tip.Number + 1,
                Now(),
                databasePages,
                HashAfter(databasePages, index),
                count,
                flags
            );
            spool.End(Entry(EntryKind.Commit, commit, position), index);
            tip = commit;
            Position = position;
        }
        finally
        {
            System.Buffers.ArrayPool<IndexRow>.Shared.Return(rows);
        }
    }

    /// <summary>The first commit of a lineage: its pages are in the table only, as a base will hold them.</summary>
    private void EndFirst(uint databasePages, SourcePosition position, CommitFlags flags)
    {
        table.ClearAfter(databasePages);
        var zero = new byte[PageHash.PrefixLength + PageSize];
        for (uint page = 1; page <= databasePages; page++)
        {
            if (table[page] == 0 && page != LockPage)
            {
                table[page] = PageHash.InPlace(page, zero);
            }
        }

        var lineage = Lineage ?? throw new InvalidOperationException("a commit without a lineage");
        var commit = new CommitInfo(1, Now(), databasePages, table.Combine(databasePages), (int)databasePages, flags);
        var directory = Path.Combine(options.Directory, lineage.ToString());
        DurableFiles.CreatePrivateDirectory(directory);
        foreach (var target in options.Targets)
        {
            TargetProgress.Prepare(directory, target);
        }

        var file = SpoolFile.Create(directory, 2);
        DurableFiles.FlushDirectory(directory);
        table.Flush();
        WriteState(known => known with { Flushed = FlushedCommit.Of(commit, position) });
        var found = new FoundEntries(lineage, PageSize, commit, position, [file]);
        Publish(new LineageSpool(directory, found, hashes, options.Targets));
        tip = commit;
        Position = position;
    }

    private void AddHoles(EntryWriter writer, uint databasePages)
    {
        if (databasePages <= tip.DatabasePages)
        {
            return;
        }

        var zero = new byte[PageHash.PrefixLength + PageSize];
        for (var page = tip.DatabasePages + 1; page <= databasePages; page++)
        {
            if (page != LockPage && !writer.Contains(page))
            {
                var hash = PageHash.InPlace(page, zero);
                writer.Add(page, hash, zero.AsSpan(PageHash.PrefixLength));
            }
        }
    }

    private ulong HashAfter(uint databasePages, ReadOnlySpan<IndexRow> rows)
    {
        var hash = tip.Hash;
        foreach (ref readonly var row in rows)
        {
            hash ^= row.Hash ^ hashes[row.Page];
        }

        for (var page = databasePages + 1; page <= tip.DatabasePages; page++)
        {
            hash ^= hashes[page];
        }

        return hash;
    }

    private EntryHeader Entry(EntryKind kind, CommitInfo commit, SourcePosition position) =>
        new()
        {
            Kind = kind,
            From = commit.Number,
            Commit = commit,
            Position = position,
            PageSize = PageSize,
            Slots = 0,
        };

    private void Discard()
    {
        if (Current is { } spool)
        {
            spool.Writer.Discard();
        }
        else
        {
            hashes.Clear();
        }
    }

    private DateTimeOffset Now()
    {
        var now = time.GetUtcNow().ToUniversalTime();
        now = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
        return now > tip.Time ? now : tip.Time;
    }

    private void OnDisk(Action work)
    {
        try
        {
            work();
        }
        catch (Exception error) when (LocalFailure.Is(error))
        {
            throw Failure(error, options);
        }
    }
}
