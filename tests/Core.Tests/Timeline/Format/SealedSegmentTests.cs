using Holdfast.Core.Errors;
using Holdfast.Core.Stores;
using Holdfast.Core.Timeline;
using Holdfast.Core.Timeline.Format;
using Holdfast.Core.Vault;

namespace Holdfast.Core.Tests.Timeline.Format;

/// <summary>What an adversary could do to sealed segments whose digests he makes anew.</summary>
public class SealedSegmentTests
{
    private static readonly ObjectKey Key = new TimelineNames("app", Segments.Lineage).Journal(5);
    private static readonly KnownKeys Keys = new(Segments.Session);

    // Every commit has blocks of the same length, so that they can be exchanged without a trace.
    private static readonly TestCommit[] Commits =
    [
        new(5, 12, CommitFlags.None, [1, 2]),
        new(6, 12, CommitFlags.None, [1, 2]),
        new(7, 12, CommitFlags.None, [1, 2]),
    ];

    [Fact]
    public async Task Read_OfWhatWasSealed_TellsIt()
    {
        using var place = new SpoiledObject();
        await place.Store.StoreAsync(Key, Write(Segments.Salt));
        var reader = await place.Store.OpenAsync(Key, Keys);
        var told = new Recorder();
        await reader.ReadAsync(1, long.MaxValue, told, CancellationToken.None);
        told.AssertIs(Commits);
    }

    [Fact]
    public async Task Write_OfSealedPages_ShowsNoneOfThem()
    {
        var plain = Segments.Page(1, 5)[..64];
        var bytes = await Write(Segments.Salt)[^1].BytesAsync();
        Assert.Equal(-1, bytes.AsSpan().IndexOf(plain));
        var open = Segments.Write(
            Segments.Header(SegmentKind.Journal, SegmentCodec.None),
            Segments.JournalFrom,
            Commits,
            new SegmentOptions { BlockBytes = 1024 }
        );
        Assert.NotEqual(-1, (await open[^1].BytesAsync()).AsSpan().IndexOf(plain));
    }

    [Fact]
    public async Task Read_OfBlocksThatChangedPlaces_IsDamage()
    {
        using var place = new SpoiledObject();
        var bytes = await Write(Segments.Salt)[^1].BytesAsync();
        var block = 1024 + 16;
        var swapped = bytes.ToArray();
        bytes.AsSpan(64, block).CopyTo(swapped.AsSpan(64 + block));
        bytes.AsSpan(64 + block, block).CopyTo(swapped.AsSpan(64));

        // The index, which holds the digests, cannot be made anew; so the seal of the block itself is asked.
        await AssertBlockDamagedAsync(place, swapped, number: 0);
    }

    [Fact]
    public async Task Read_OfABlockOfAnotherSegment_IsDamage()
    {
        using var place = new SpoiledObject();
        var bytes = await Write(Segments.Salt)[^1].BytesAsync();
        var other = await Write(Segments.Salt + 1)[^1].BytesAsync();
        other.AsSpan(64, 1040).CopyTo(bytes.AsSpan(64));
        await AssertBlockDamagedAsync(place, bytes, number: 0);
    }

    [Theory]
    [InlineData(10, 3)] // another kind
    [InlineData(11, 1)] // another codec
    [InlineData(13, 1)] // another level
    [InlineData(17, 4)] // another size of pages
    [InlineData(24, 9)] // another lineage
    [InlineData(56, 9)] // another salt
    public async Task Read_UnderAnotherHeader_IsDamage(int offset, byte value)
    {
        using var place = new SpoiledObject();
        var bytes = await Write(Segments.Salt)[^1].BytesAsync();
        Assert.NotEqual(value, bytes[offset]);
        bytes[offset] = value;
        await StoreSignedAsync(place, bytes);
        var error = await Assert.ThrowsAsync<SegmentException>(() => place.Store.OpenAsync(Key, Keys));
        Assert.Equal(SegmentFault.Damaged, error.Fault);
    }

    [Fact]
    public async Task Read_WithTheCipherTakenAway_IsDamage()
    {
        using var place = new SpoiledObject();
        var bytes = await Write(Segments.Salt)[^1].BytesAsync();
        bytes[12] = 0;
        await StoreSignedAsync(place, bytes);
        await Assert.ThrowsAsync<SegmentException>(() => place.Store.OpenAsync(Key, Keys));
    }

    [Fact]
    public async Task Read_OfAPlainSegmentInAnEncryptedVault_IsDamage()
    {
        using var place = new SpoiledObject();
        var header = Segments.Header(SegmentKind.Journal, SegmentCodec.Zstd);
        await place.Store.StoreAsync(Key, Segments.Write(header, Segments.JournalFrom, Commits));
        _ = await place.Store.OpenAsync(Key);
        var error = await Assert.ThrowsAsync<SegmentException>(() => place.Store.OpenAsync(Key, Keys));
        Assert.Equal(SegmentFault.Damaged, error.Fault);
        Assert.Contains("not sealed", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_WithoutAKey_SaysWhatToDo()
    {
        using var place = new SpoiledObject();
        await place.Store.StoreAsync(Key, Write(Segments.Salt));
        var error = await Assert.ThrowsAsync<HoldfastException>(() => place.Store.OpenAsync(Key));
        Assert.Equal(ErrorCode.WrongKey, error.Code);
        Assert.Contains("--key-file", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_WithAnotherKeyOfTheSameId_IsDamage()
    {
        using var place = new SpoiledObject();
        await place.Store.StoreAsync(Key, Write(Segments.Salt));
        var wrong = new KnownKeys(new SessionKey(Segments.Session.Id, new byte[SessionKey.Length]));
        await Assert.ThrowsAsync<SegmentException>(() => place.Store.OpenAsync(Key, wrong));
    }

    [Fact]
    public void Write_UnderAnotherSession_IsRefused()
    {
        var header = Segments.Header(SegmentKind.Journal, SegmentCodec.None, session: Segments.Session);
        var other = SessionKey.New();
        Assert.Throws<ArgumentException>(() =>
            new SegmentWriter(header, default, new SegmentOptions(), session: other)
        );
        Assert.Throws<ArgumentException>(() => new SegmentWriter(header, default, new SegmentOptions()));
        Assert.Throws<ArgumentException>(() =>
            new SegmentWriter(header with { Cipher = SegmentCipher.None, Key = 0 }, default, new(), session: other)
        );
    }

    private static IReadOnlyList<SegmentObject> Write(ulong salt) =>
        Segments.Write(
            Segments.Header(SegmentKind.Journal, SegmentCodec.None, session: Segments.Session) with
            {
                Salt = salt,
            },
            Segments.JournalFrom,
            Commits,
            new SegmentOptions { BlockBytes = 1024 }
        );

    /// <summary>Makes the digest of the footer anew, as anybody can.</summary>
    private static async Task StoreSignedAsync(SpoiledObject place, byte[] bytes)
    {
        await place.Store.StoreAsync(Key, Write(Segments.Salt));
        var footer = SegmentFooter.Parse(bytes.AsSpan(^64..));
        footer.Write(bytes.AsSpan(^64..), bytes.AsSpan(..64), bytes.AsSpan(^(64 + footer.IndexStored)..^64));
        place.Replace(Key, bytes);
    }

    private static async Task AssertBlockDamagedAsync(SpoiledObject place, byte[] bytes, int number)
    {
        await StoreSignedAsync(place, bytes);
        var reader = await place.Store.OpenAsync(Key, Keys);
        var block = reader.Index.Blocks[number];
        var stored = bytes.AsSpan((int)block.Offset, block.StoredLength).ToArray();
        using var decoder = new BlockDecoder();
        var error = Assert.Throws<SegmentException>(() =>
            (object)decoder.Open(SegmentKey.Of(reader.Index.Header, Segments.Session), block, stored).Length
        );
        Assert.Equal(SegmentFault.Damaged, error.Fault);
        await Assert.ThrowsAsync<SegmentException>(() => reader.VerifyAsync(CancellationToken.None));
    }
}
