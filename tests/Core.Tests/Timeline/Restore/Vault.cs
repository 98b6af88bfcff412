using Holdfast.Core.Stores;
using Holdfast.Core.Tests.Timeline.Format;
using Holdfast.Core.Timeline;
using Holdfast.Core.Timeline.Format;
using Holdfast.Core.Timeline.Restore;
using Holdfast.Core.Vault;
using Holdfast.Stores.Directories;
using Holdfast.Testing;

namespace Holdfast.Core.Tests.Timeline.Restore;

/// <summary>A store with one timeline.</summary>
internal sealed class Vault : IDisposable
{
    private readonly ScratchDirectory directory = new();
    private ulong salt = 1;

    public Vault(History history)
    {
        History = history;
        Use(Segments.Lineage);
        Store = new FaultInjectingStore(new DirectoryStore(directory["store"], createRoot: true));
    }

    public History History { get; set; }

    public LineageId Lineage { get; private set; }

    public TimelineNames Names { get; private set; }

    public FaultInjectingStore Store { get; }

    public SegmentOptions Options { get; set; } = new() { BlockBytes = 4096 };

    public SessionKey? Session { get; set; }

    public ISessionKeys? Keys { get; set; }

    public SegmentCodec Codec { get; set; } = SegmentCodec.Zstd;

    public IReadOnlySet<long> GivenUp { get; set; } = new HashSet<long>();

    public Task<ObjectKey> JournalAsync(long first, long last) => WriteAsync(Names.Journal(first), first, last);

    public Task<ObjectKey> RollUpAsync(long first, long last) =>
        WriteAsync(Names.RollUp(first, last, History.Commits[(int)last - 1].Info.Time), first, last);

    public async Task<ObjectKey> BaseAsync(long settled, long finished, bool hashes = true)
    {
        var header = Header(SegmentKind.Base);
        using var writer = new SegmentWriter(
            header,
            History.Point(settled),
            Options with
            {
                PageHashes = hashes,
            },
            session: Session
        );
        History.TellBase(writer, settled, finished);
        var key = Names.Base(settled, finished, History.Commits[(int)finished - 1].Info.Time);
        return await Store.StoreAsync(key, writer.Finish(), header.Salt);
    }

    public async Task<ObjectKey> DeltaAsync(byte level, long from, long settled, long finished)
    {
        var header = Header(SegmentKind.Delta) with { Level = level };
        using var writer = new SegmentWriter(
            header,
            History.Point(from),
            Options with
            {
                PageHashes = true,
            },
            settled: History.Point(settled),
            session: Session
        );
        History.TellDelta(writer, from, settled, finished);
        var key = Names.Delta(level, from, settled, finished, History.Commits[(int)finished - 1].Info.Time);
        return await Store.StoreAsync(key, writer.Finish(), header.Salt);
    }

    public async Task<ObjectKey> ClosingAsync(long settled, long finished)
    {
        var header = Header(SegmentKind.Delta);
        using var writer = new SegmentWriter(header, History.Point(settled), Options, session: Session);
        History.TellClosing(writer, settled, finished);
        var key = Names.Closing(settled, finished, History.Commits[(int)finished - 1].Info.Time);
        return await Store.StoreAsync(key, writer.Finish(), header.Salt);
    }

    /// <summary>Writes to a lineage from now on.</summary>
    [System.Diagnostics.CodeAnalysis.MemberNotNull(nameof(Names))]
    public void Use(LineageId lineage)
    {
        Lineage = lineage;
        Names = new TimelineNames("app", lineage);
    }

    public Task DeleteAsync(ObjectKey key) => Store.DeleteAsync(key, CancellationToken.None);

    /// <summary>Flips a bit of an object.</summary>
    /// <param name="key">The object.</param>
    /// <param name="offset">Of which byte; from the end when it is negative.</param>
    public void Damage(ObjectKey key, int offset)
    {
        var path = Path.Combine(directory["store"], key.Value);
        var bytes = File.ReadAllBytes(path);
        bytes[offset < 0 ? bytes.Length + offset : offset] ^= 4;
        File.WriteAllBytes(path, bytes);
    }

    public Task<TimelineCatalogue> ListAsync() =>
        TimelineCatalogue.ListAsync(Store, "app", Keys, CancellationToken.None);

    public async Task<(byte[] File, TimelineRestored Result)> RestoreAsync(
        TimelineRequest request,
        TimelineCatalogue? catalogue = null,
        IPageReader? existing = null
    )
    {
        catalogue ??= await ListAsync();
        var plan = await new TimelinePlanner(catalogue).PlanAsync(request, CancellationToken.None);
        using var file = File.OpenHandle(
            directory[$"restored-{Guid.NewGuid():N}"],
            FileMode.CreateNew,
            FileAccess.ReadWrite,
            FileShare.None,
            FileOptions.DeleteOnClose
        );
        var pages = new PageFile(file, plan.PageSize, "the restored file");
        var restored = await new TimelineRestore(catalogue).RunAsync(
            plan,
            pages,
            new TimelineRestoreOptions { Existing = existing },
            CancellationToken.None
        );
        pages.SetPages(restored.Plan.Target.DatabasePages);
        var bytes = new byte[RandomAccess.GetLength(file)];
        Assert.True(pages.TryRead(1, bytes));
        return (bytes, restored);
    }

    public Task<(byte[] File, TimelineRestored Result)> RestoreAsync(
        long commit,
        TimelineCatalogue? catalogue = null
    ) => RestoreAsync(new TimelineRequest { Commit = commit }, catalogue);

    /// <summary>Restores a commit and compares it with what was there.</summary>
    public async Task<TimelineRestored> AssertRestoresAsync(long commit, TimelineCatalogue? catalogue = null)
    {
        var (file, result) = await RestoreAsync(commit, catalogue);
        Assert.Equal(
            History.Commits[(int)commit - 1].Info with
            {
                PageCount = 0,
                Flags = default,
            },
            result.Plan.Target with
            {
                PageCount = 0,
                Flags = default,
            }
        );
        Assert.True(History.Image(commit).AsSpan().SequenceEqual(file), $"commit {commit} is not what it was");
        return result;
    }

    public async Task<CommitUnavailableException> AssertUnavailableAsync(
        long commit,
        TimelineCatalogue? catalogue = null
    ) => await Assert.ThrowsAsync<CommitUnavailableException>(() => RestoreAsync(commit, catalogue));

    public void Dispose()
    {
        Store.Dispose();
        directory.Dispose();
    }

    private SegmentHeader Header(SegmentKind kind) =>
        new()
        {
            Kind = kind,
            Codec = Codec,
            PageSize = History.PageSize,
            Lineage = Lineage,
            Salt = salt++,
            Cipher = Session == null ? SegmentCipher.None : SegmentCipher.Aes256Gcm,
            Key = Session?.Id.Value ?? 0,
        };

    private async Task<ObjectKey> WriteAsync(ObjectKey key, long first, long last)
    {
        var header = Header(SegmentKind.Journal);
        using var writer = new SegmentWriter(header, History.Point(first - 1), Options, session: Session);
        History.Tell(writer, first, last, GivenUp);
        return await Store.StoreAsync(key, writer.Finish(), header.Salt);
    }
}
