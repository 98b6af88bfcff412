using Holdfast.Core.Errors;
using Holdfast.Core.Stores;
using Holdfast.Core.Timeline;
using Holdfast.Core.Timeline.Format;
using Holdfast.Core.Timeline.Restore;
using Holdfast.Testing;

namespace Holdfast.Core.Tests.Timeline.Restore;

public class RestoreTests
{
    private static readonly History Large = new(3, 4096, 12, largest: 600);

    [Fact]
    public async Task I_can_restore_onto_an_existing_file_and_fetch_only_what_differs()
    {
        using var vault = new Vault(Large) { Options = new SegmentOptions { BlockBytes = 16_384 } };
        await vault.BaseAsync(5, 7);
        await vault.JournalAsync(1, 12);
        var image = Large.Image(12);
        var (whole, full) = await vault.RestoreAsync(12);

        image.AsSpan(20 * 4096, 10).Clear();
        var (file, part) = await vault.RestoreAsync(new TimelineRequest(), existing: new Bytes(image, 4096));
        Assert.Equal(Large.Image(12), file);
        Assert.Equal(whole, file);
        Assert.InRange(part.PagesKept, 1, part.PagesWritten - 1);
        Assert.InRange(part.BytesRead, 1, full.BytesRead * 2 / 3);
        Assert.Equal(0, full.PagesKept);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    public async Task AnExistingFileOfSomethingElse_ChangesNothing(int length)
    {
        using var vault = new Vault(Large);
        await vault.BaseAsync(5, 7);
        await vault.JournalAsync(1, 12);
        var other = new Bytes(SampleBytes.Of(length * 4096), 4096);
        var (file, result) = await vault.RestoreAsync(new TimelineRequest(), existing: other);
        Assert.Equal(Large.Image(12), file);
        Assert.Equal(0, result.PagesKept);
    }

    [Fact]
    public async Task PagesOfTheJournal_AreNotFetchedFromTheBase()
    {
        using var vault = new Vault(Large)
        {
            Options = new SegmentOptions { BlockBytes = 4096 },
            Codec = SegmentCodec.None,
        };
        var start = await vault.BaseAsync(1, 1, hashes: false);
        await vault.JournalAsync(2, 12);
        var (_, result) = await vault.RestoreAsync(12);
        var size = (await vault.Store.HeadAsync(start.Value))!.Size;
        Assert.InRange(result.BytesRead, 1, size + 65_536 + 64 + 12 * 6 * 4096);
        Assert.Equal(Large.Commits[11].Info.DatabasePages, result.PagesWritten);
        Assert.Equal(2, result.Objects);
    }

    [Fact]
    public async Task APlan_TellsWhatItWillRead()
    {
        using var vault = new Vault(Large)
        {
            Options = new SegmentOptions { BlockBytes = 4096, PartBytes = 100_000 },
        };
        await vault.BaseAsync(5, 7);
        await vault.JournalAsync(6, 9);
        await vault.JournalAsync(10, 12);
        var plan = await new TimelinePlanner(await vault.ListAsync()).PlanAsync(
            new TimelineRequest { Commit = 8 },
            CancellationToken.None
        );
        Assert.Equal(Large.Commits[7].Info.Hash, plan.Target.Hash);
        Assert.Equal(Large.Commits[7].Info.DatabasePages * 4096L, plan.DatabaseBytes);
        var (_, result) = await vault.RestoreAsync(8);
        Assert.InRange(result.Objects, 3, plan.Objects);
        Assert.InRange(result.BytesRead, 1, plan.Bytes);
    }

    [Fact]
    public async Task WhatIsNotWhatWasThere_IsNeverCalledRestored()
    {
        using var vault = new Vault(Large);
        var header = new SegmentHeader
        {
            Kind = SegmentKind.Journal,
            Codec = SegmentCodec.Zstd,
            PageSize = 512,
            Lineage = vault.Lineage,
        };
        using var writer = new SegmentWriter(header, default, new SegmentOptions());
        writer.Page(1, new byte[512]);
        writer.End(new CommitInfo(1, Format.Segments.Time, 2, Hash: 4711, 1, CommitFlags.None));
        await Format.Segments.StoreAsync(vault.Store, vault.Names.Journal(1), writer.Finish(), 0);
        var error = await Assert.ThrowsAsync<HoldfastException>(() => vault.RestoreAsync(1));
        Assert.Equal(ErrorCode.VerificationFailed, error.Code);
        Assert.Contains("00001267", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AWriterThatFails_EndsTheRestoreWithItsReason()
    {
        using var vault = new Vault(Large);
        await vault.JournalAsync(1, 12);
        var catalogue = await vault.ListAsync();
        var plan = await new TimelinePlanner(catalogue).PlanAsync(new TimelineRequest(), CancellationToken.None);
        var error = await Assert.ThrowsAsync<HoldfastException>(() =>
            new TimelineRestore(catalogue).RunAsync(
                plan,
                new Pages((_, _) => throw new HoldfastException(ErrorCode.Failure, "full")),
                new TimelineRestoreOptions(),
                CancellationToken.None
            )
        );
        Assert.Equal("full", error.Message);
    }

    [Fact]
    public async Task ACancelledRestore_IsCancelledAndNotDamaged()
    {
        using var vault = new Vault(Large);
        await vault.BaseAsync(5, 7);
        await vault.JournalAsync(1, 12);
        using var cancel = new CancellationTokenSource();
        var catalogue = await vault.ListAsync();
        var plan = await new TimelinePlanner(catalogue).PlanAsync(new TimelineRequest(), CancellationToken.None);
        vault.Store.Before = call =>
            call.Operation == StoreOperation.OpenRead ? cancel.CancelAsync() : Task.CompletedTask;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            new TimelineRestore(catalogue).RunAsync(
                plan,
                new Pages((_, _) => { }),
                new TimelineRestoreOptions(),
                cancel.Token
            )
        );
        Assert.Empty(plan.Lineage.Lost);
    }

    [Fact]
    public async Task TheLockPage_IsNeitherWrittenNorHashed()
    {
        const int PageSize = 65_536;
        const uint LockPage = (1 << 30) / PageSize + 1;
        using var vault = new Vault(Large);
        var hash = 0UL;
        var zeros = new byte[PageSize];
        for (var page = 1u; page <= LockPage + 1; page++)
        {
            hash ^= page == LockPage ? 0 : PageHash.Of(page, zeros);
        }

        var header = new SegmentHeader
        {
            Kind = SegmentKind.Journal,
            Codec = SegmentCodec.Zstd,
            PageSize = PageSize,
            Lineage = vault.Lineage,
        };
        using var writer = new SegmentWriter(header, default, new SegmentOptions());
        writer.Page(1, zeros);
        writer.Page(LockPage - 1, zeros);
        writer.Page(LockPage + 1, zeros);
        writer.End(new CommitInfo(1, Format.Segments.Time, LockPage + 1, hash, 3, CommitFlags.None));
        await Format.Segments.StoreAsync(vault.Store, vault.Names.Journal(1), writer.Finish(), 0);
        var catalogue = await vault.ListAsync();
        var plan = await new TimelinePlanner(catalogue).PlanAsync(new TimelineRequest(), CancellationToken.None);
        var written = new HashSet<uint>();
        var pages = new Pages(
            (first, count) =>
            {
                lock (written)
                {
                    Assert.All(Enumerable.Range((int)first, count), page => Assert.True(written.Add((uint)page)));
                }
            },
            PageSize
        );
        _ = await new TimelineRestore(catalogue).RunAsync(
            plan,
            pages,
            new TimelineRestoreOptions(),
            CancellationToken.None
        );
        Assert.DoesNotContain(LockPage, written);
        Assert.Equal((int)LockPage, written.Count);
    }

    [Fact]
    public async Task NamedPoints_AreInTheCatalogue()
    {
        using var vault = new Vault(Large);
        await vault.JournalAsync(1, 12);
        var commit = Large.Commits[4].Info;
        var point = new RestorePoint
        {
            Commit = 5,
            Time = commit.Time,
            Reason = "Before migration 7",
        };
        await vault.Store.PutAsync(vault.Names.Point(5, commit.Time, point.Reason).Value, point.ToContent());
        var found = Assert.Single(Assert.Single((await vault.ListAsync()).Lineages).Points);
        Assert.Equal((5, "before-migration-7"), (found.Commit, found.Slug));
        Assert.Equal(point, RestorePoint.Parse(await vault.Store.GetAsync(found.Key.Value), "it"));
    }

    private sealed class Pages(Action<uint, int> write, int pageSize = 4096) : IPageWriter
    {
        public void Write(uint first, ReadOnlySpan<byte> pages) => write(first, pages.Length / pageSize);
    }

    private sealed class Bytes(byte[] file, int pageSize) : IPageReader
    {
        public bool TryRead(uint first, Span<byte> pages)
        {
            var offset = ((int)first - 1) * pageSize;
            if (offset + pages.Length > file.Length)
            {
                return false;
            }

            file.AsSpan(offset, pages.Length).CopyTo(pages);
            return true;
        }
    }
}
