using Holdfast.Core.Stores;
using Holdfast.Core.Timeline;
using Holdfast.Core.Timeline.Format;
using Holdfast.Stores.Directories;

namespace Holdfast.Core.Tests.Timeline.Format;

public class SegmentDamageTests
{
    private static readonly ObjectKey Key = new TimelineNames("app", Segments.Lineage).Journal(5);

    /// <summary>A small journal, so that each of its bits can be tried.</summary>
    private static readonly TestCommit[] Small =
    [
        new(5, 12, CommitFlags.None, [1, 2, 5]),
        new(7, 9, CommitFlags.Condensed, [9]),
    ];

    [Theory]
    [InlineData(SegmentCodec.None, 1000, false)]
    [InlineData(SegmentCodec.Zstd, 1000, false)]
    [InlineData(SegmentCodec.Zstd, 1, false)]
    [InlineData(SegmentCodec.None, 1000, true)]
    [InlineData(SegmentCodec.Zstd, 1000, true)]
    [InlineData(SegmentCodec.Zstd, 1, true)]
    public async Task Read_OfAnObjectCutAnywhere_IsATypedError(SegmentCodec codec, int partBytes, bool isSealed)
    {
        using var place = new SpoiledObject();
        await ForEachObjectAsync(
            place,
            codec,
            partBytes,
            isSealed,
            async (key, bytes) =>
            {
                for (var length = 0; length < bytes.Length; length++)
                {
                    place.Replace(key, bytes[..length]);
                    await AssertDamagedAsync(place.Store, isSealed);
                }

                place.Replace(key, [.. bytes, 0]);
                if (key == Key)
                {
                    await AssertDamagedAsync(place.Store, isSealed);
                }
            }
        );
    }

    [Theory]
    [InlineData(SegmentCodec.None, 1000, false)]
    [InlineData(SegmentCodec.Zstd, 1000, false)]
    [InlineData(SegmentCodec.Zstd, 1, false)]
    [InlineData(SegmentCodec.None, 1000, true)]
    [InlineData(SegmentCodec.Zstd, 1000, true)]
    [InlineData(SegmentCodec.Zstd, 1, true)]
    public async Task Read_OfAnyFlippedBit_IsATypedError(SegmentCodec codec, int partBytes, bool isSealed)
    {
        using var place = new SpoiledObject();
        await ForEachObjectAsync(
            place,
            codec,
            partBytes,
            isSealed,
            async (key, bytes) =>
            {
                // One bit of each byte in turn would do for digests; all of them for what is read before a digest.
                for (var bit = 0; bit < bytes.Length * 8; bit += bit / 8 is < 64 ? 1 : 3)
                {
                    var damaged = bytes.ToArray();
                    damaged[bit / 8] ^= (byte)(1 << (bit % 8));
                    place.Replace(key, damaged);
                    await AssertDamagedAsync(place.Store, isSealed);
                }
            }
        );
    }

    [Fact]
    public void Parse_OfARandomlyChangedIndex_IsATypedErrorOrASegmentThatHoldsTogether()
    {
        var header = Segments.Header(SegmentKind.Journal, SegmentCodec.None);
        var builder = new SegmentIndexBuilder(header, Segments.JournalFrom, settled: null);
        foreach (var commit in Segments.Journal)
        {
            foreach (var page in commit.Pages)
            {
                builder.Page(page);
            }

            builder.Commit(commit.Info);
        }

        builder.Block(1, 109 * 512, 109 * 512, ofHashes: false, 5);
        var bytes = builder.ToBytes(withHashes: false);
        var footer = new SegmentFooter(bytes.Length, bytes.Length, 0, 109 * 512);
        Assert.Equal(3, SegmentIndexParser.Parse(header, footer, bytes).CommitCount);
        var random = new Random(42);
        var good = 0;
        for (var round = 0; round < 50_000; round++)
        {
            var changed = bytes.ToArray();
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                changed[random.Next(changed.Length)] = (byte)random.Next(256);
            }

            if (random.Next(4) == 0)
            {
                changed = [.. changed[..random.Next(changed.Length)], .. changed[random.Next(changed.Length)..]];
            }

            try
            {
                var index = SegmentIndexParser.Parse(header, footer, changed);
                AssertHoldsTogether(index);
                good++;
            }
            catch (SegmentException error)
            {
                Assert.NotEmpty(error.Message);
            }
        }

        Assert.NotEqual(0, good);
    }

    [Theory]
    [InlineData(10, 4, "kind")]
    [InlineData(11, 2, "codec")]
    [InlineData(12, 2, "cipher")]
    [InlineData(40, 1, "key")]
    [InlineData(16, 1, "page size")]
    [InlineData(14, 1, "reserved")]
    [InlineData(20, 1, "reserved")]
    public void Parse_OfAHeaderThatCannotBe_IsATypedError(int offset, byte value, string what)
    {
        var bytes = new byte[SegmentHeader.Length];
        Segments.Header(SegmentKind.Journal, SegmentCodec.Zstd).Write(bytes);
        bytes[offset] = value;
        Assert.NotNull(what);
        var error = Assert.Throws<SegmentException>(() => SegmentHeader.Parse(bytes));
        Assert.Equal(what is "codec" or "cipher" || offset == 14, error.Fault == SegmentFault.Unsupported);
    }

    [Fact]
    public async Task Read_OfALaterVersion_AsksForANewerReader()
    {
        using var place = new SpoiledObject();
        await ForEachObjectAsync(
            place,
            SegmentCodec.None,
            1_000_000,
            isSealed: false,
            async (key, bytes) =>
            {
                bytes[^56] = 2;
                place.Replace(key, bytes);
                var error = await Assert.ThrowsAsync<SegmentException>(() => place.Store.OpenAsync(key));
                Assert.Equal(SegmentFault.Unsupported, error.Fault);
                Assert.Contains("newer", error.Hint, StringComparison.Ordinal);
            }
        );
    }

    private static void AssertHoldsTogether(SegmentIndex index)
    {
        var pages = 0L;
        for (var i = 0; i < index.CommitCount; i++)
        {
            Assert.Equal(pages, index.FirstPage(i));
            var last = 0L;
            foreach (var run in index.Pages(i))
            {
                Assert.True(run.First > last && run.Count > 0);
                last = run.First + (long)run.Count - 1;
                pages += run.Count;
            }

            Assert.InRange(last, 0, index.Commit(i).DatabasePages);
        }

        Assert.Equal(pages * index.Header.PageSize, index.Blocks.Sum(block => (long)block.RawLength));
    }

    private static async Task ForEachObjectAsync(
        SpoiledObject place,
        SegmentCodec codec,
        int partBytes,
        bool isSealed,
        Func<ObjectKey, byte[], Task> spoil
    )
    {
        var header = Segments.Header(SegmentKind.Journal, codec, session: isSealed ? Segments.Session : null);
        var options = new SegmentOptions { PartBytes = partBytes, BlockBytes = 1024 };
        var objects = Segments.Write(header, Segments.JournalFrom, Small, options);
        await place.Store.StoreAsync(Key, objects);
        foreach (var stored in objects)
        {
            var key = TimelineNames.Part(Key, Segments.Salt, stored.Part);
            var bytes = await stored.BytesAsync();
            await spoil(key, bytes.ToArray());
            place.Replace(key, bytes);
        }
    }

    private static async Task AssertDamagedAsync(DirectoryStore store, bool isSealed)
    {
        var error = await Assert.ThrowsAsync<SegmentException>(async () =>
        {
            var reader = await store.OpenAsync(Key, isSealed ? new KnownKeys(Segments.Session) : null);
            await reader.VerifyAsync(CancellationToken.None);
        });
        Assert.Contains(store.Address, error.Message, StringComparison.Ordinal);
    }
}
