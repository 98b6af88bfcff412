using Holdfast.Core.Stores;
using Holdfast.Core.Timeline;
using Holdfast.Core.Timeline.Format;
using Holdfast.Testing;

namespace Holdfast.Core.Tests.Timeline.Format;

public class SegmentRoundTripTests
{
    private static readonly ObjectKey Key = new TimelineNames("app", Segments.Lineage).Journal(5);

    [Theory]
    [InlineData(SegmentCodec.None, 1024 * 1024, 64 * 1024 * 1024)]
    [InlineData(SegmentCodec.Zstd, 1024 * 1024, 64 * 1024 * 1024)]
    [InlineData(SegmentCodec.Zstd, 1, 64 * 1024 * 1024)]
    [InlineData(SegmentCodec.None, 3000, 5000)]
    [InlineData(SegmentCodec.Zstd, 2048, 1)]
    [InlineData(SegmentCodec.Zstd, 8 * 1024 * 1024, 64 * 1024 * 1024)]
    public async Task Read_OfAJournal_TellsWhatWasWritten(SegmentCodec codec, int blockBytes, int partBytes)
    {
        using var place = new SpoiledObject();
        var options = new SegmentOptions
        {
            BlockBytes = blockBytes,
            PartBytes = partBytes,
            PageHashes = blockBytes == 2048,
        };
        var header = Segments.Header(SegmentKind.Journal, codec);
        var objects = Segments.Write(header, Segments.JournalFrom, Segments.Journal, options);
        await place.Store.StoreAsync(Key, objects);

        var reader = await place.Store.OpenAsync(Key);
        Assert.Equal(header, reader.Index.Header);
        Assert.Equal(Segments.JournalFrom, reader.Index.From);
        Assert.Equal((5, 9), (reader.Index.First, reader.Index.Last));
        Assert.Equal(objects.Count - 1, reader.Index.Parts);
        var told = new Recorder();
        await reader.ReadAsync(1, 100, told, CancellationToken.None);
        told.AssertIs(Segments.Journal);
        await reader.VerifyAsync(CancellationToken.None);
        Assert.Equal(partBytes < 10_000, reader.Index.Parts > 0);
    }

    [Theory]
    [InlineData(512)]
    [InlineData(4096)]
    [InlineData(65536)]
    public async Task Read_OfSomeCommits_TellsOnlyThese(int pageSize)
    {
        using var place = new SpoiledObject();
        var header = Segments.Header(SegmentKind.Journal, SegmentCodec.Zstd, pageSize);
        await place.Store.StoreAsync(Key, Segments.Write(header, Segments.JournalFrom, Segments.Journal));

        var told = new Recorder();
        var reader = await place.Store.OpenAsync(Key);
        await reader.ReadAsync(6, 8, told, CancellationToken.None);
        told.AssertIs([Segments.Journal[1]], pageSize);
        Assert.Equal([-1, 0, 0, 1, 2], new long[] { 4, 5, 7, 8, 100 }.Select(reader.Index.FindLast));
        Assert.Equal(1, reader.Index.FindLast(Segments.Journal[2].Info.Time.AddMicroseconds(-1)));
        Assert.Equal(2, reader.Index.FindLast(Segments.Journal[2].Info.Time));
        Assert.Equal(-1, reader.Index.FindLast(Segments.Time));
    }

    [Fact]
    public async Task Write_OfALargeSegment_UsesFilesAndBoundedParts()
    {
        using var place = new SpoiledObject();
        using var scratch = new ScratchDirectory();
        var files = 0;
        var header = Segments.Header(SegmentKind.Base, SegmentCodec.None, 65_536);
        var commit = new TestCommit(3, 200, CommitFlags.None, [.. Enumerable.Range(1, 200).Select(n => (uint)n)]);
        var options = new SegmentOptions { PartBytes = 5 * 1024 * 1024, PageHashes = true };
        var objects = Segments.Write(
            header,
            new CommitPoint(2, 200, 5),
            [commit],
            options,
            () => scratch[$"part-{++files}"]
        );
        Assert.Equal([1, 2, 3, 0], objects.Select(o => o.Part));
        Assert.Equal(files, objects.Count(o => o.Content.Path != null));
        Assert.All(objects, o => Assert.InRange(o.Content.Length, 1, options.PartBytes));
        var key = new TimelineNames("app", Segments.Lineage).Base(2, 3, Segments.Time);
        await place.Store.StoreAsync(key, objects);
        Assert.Contains(
            new TimelineNames("app", Segments.Lineage).BasePart(2, Segments.Salt, 3).Value,
            await place.Store.ListAsync()
        );
        var told = new Recorder();
        var reader = await place.Store.OpenAsync(key);
        await reader.ReadAsync(3, 3, told, CancellationToken.None);
        told.AssertIs([commit], 65_536);
        await reader.VerifyAsync(CancellationToken.None);
        Assert.Equal(200 * sizeof(ulong), reader.Index.HashBlocks.Sum(b => b.RawLength));
    }

    [Fact]
    public async Task Write_TwiceTheSame_GivesTheSameBytes()
    {
        var header = Segments.Header(SegmentKind.Journal, SegmentCodec.Zstd);
        var first = Assert.Single(Segments.Write(header, Segments.JournalFrom, Segments.Journal));
        var second = Assert.Single(Segments.Write(header, Segments.JournalFrom, Segments.Journal));
        Assert.Equal(await first.BytesAsync(), await second.BytesAsync());
        Assert.Equal(first.Content.Sha256, second.Content.Sha256);
    }

    [Fact]
    public void Write_OfWhatCannotBe_IsRefused()
    {
        using var writer = new SegmentWriter(
            Segments.Header(SegmentKind.Journal, SegmentCodec.None, 65_536),
            Segments.JournalFrom,
            new SegmentOptions()
        );
        var page = new byte[65_536];
        Assert.Throws<InvalidOperationException>(() => writer.Finish());
        Assert.Throws<ArgumentException>(() => writer.Page(0, page));
        Assert.Throws<ArgumentException>(() => writer.Page(16_385, page));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Page(1, page.AsSpan(1)));
        writer.Page(16_386, page);
        Assert.Throws<ArgumentException>(() => writer.Page(16_386, page));
        Assert.Throws<ArgumentException>(() => writer.End(Segments.Journal[0].Info));
        Assert.Throws<ArgumentException>(() =>
            writer.End(Segments.Journal[0].Info with { Number = 6, DatabasePages = 20_000 })
        );
        writer.End(Segments.Journal[0].Info with { DatabasePages = 16_386 });
        _ = Assert.Single(writer.Finish());
    }

    [Fact]
    public async Task ReadingAnIndex_OfALargeSegment_ReadsItsTailAndNotItsBlocks()
    {
        using var place = new SpoiledObject();
        var commit = new TestCommit(5, 4000, CommitFlags.None, [.. Enumerable.Range(1, 4000).Select(n => (uint)n)]);
        var header = Segments.Header(SegmentKind.Journal, SegmentCodec.None);
        await place.Store.StoreAsync(Key, Segments.Write(header, Segments.JournalFrom, [commit]));
        var store = new FaultInjectingStore(place.Store);
        _ = await store.OpenAsync(Key);
        Assert.Equal(2, store.Calls.Count(call => call.Operation == StoreOperation.OpenRead));

        var many = Enumerable.Range(5, 6000).Select(n => new TestCommit(n, 20, CommitFlags.None, [(uint)(n % 20) + 1]));
        var other = new TimelineNames("app", Segments.Lineage).RollUp(5, 6004, Segments.Time);
        await place.Store.StoreAsync(other, Segments.Write(header, Segments.JournalFrom, many));
        var reader = await store.OpenAsync(other);
        Assert.Equal(6000, reader.Index.CommitCount);
        Assert.Equal(5, store.Calls.Count(call => call.Operation == StoreOperation.OpenRead));
    }
}
