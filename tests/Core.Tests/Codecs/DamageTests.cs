using System.Security.Cryptography;
using Holdfast.Core.Codecs;

namespace Holdfast.Core.Tests.Codecs;

public class DamageTests
{
    public static TheoryData<Compression> Codecs => new(Compression.Gzip, Compression.Zstd);

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Decode_OfAStreamCutAnywhere_Throws(Compression compression)
    {
        foreach (
            var content in (byte[][])
                [
                    [],
                    Codec.Content(300),
                ]
        )
        {
            var stored = Codec.Encode(compression, content);
            for (var length = 0; length < stored.Length; length++)
            {
                Assert.Throws<InvalidDataException>(() => Codec.Decode(compression, stored[..length]));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Decode_OfAnyFlippedBit_ThrowsOrIsToldByTheHashes(Compression compression)
    {
        var content = Codec.Content(300);
        var stored = Codec.Encode(compression, content);
        var (thrown, harmless) = (0, 0);
        for (var bit = 0; bit < stored.Length * 8; bit++)
        {
            var damaged = stored.ToArray();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));

            // The hash of what is stored tells every one of them; that of the content tells those that matter.
            Assert.NotEqual(SHA256.HashData(stored), SHA256.HashData(damaged));
            try
            {
                Assert.Equal(content, Codec.Decode(compression, damaged));
                harmless++;
            }
            catch (InvalidDataException)
            {
                thrown++;
            }
        }

        // gzip's header holds a time, a system and flags that nothing depends on.
        Assert.True(harmless <= 7 * 8, $"{harmless} flipped bits went unnoticed");
        Assert.True(thrown > 8 * 100);
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Decode_OfSeveralMembers_GivesAllOfThem(Compression compression)
    {
        byte[] stored =
        [
            .. Codec.Encode(compression, Codec.Content(1000)),
            .. Codec.Encode(compression, []),
            .. Codec.Encode(compression, Codec.Content(200_000)),
        ];
        Assert.Equal([.. Codec.Content(1000), .. Codec.Content(200_000)], Codec.Decode(compression, stored));
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Decode_OfASecondMemberCutAnywhere_Throws(Compression compression)
    {
        var first = Codec.Encode(compression, Codec.Content(50));
        byte[] stored = [.. first, .. Codec.Encode(compression, Codec.Content(60))];
        for (var length = first.Length + 1; length < stored.Length; length++)
        {
            Assert.Throws<InvalidDataException>(() => Codec.Decode(compression, stored[..length]));
        }
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Decode_OfGarbageBehindTheEnd_Throws(Compression compression)
    {
        var stored = Codec.Encode(compression, Codec.Content(50));
        foreach (
            var garbage in (byte[][])
                [
                    [0],
                    [0x1f],
                    [0x28, 0xb5],
                    "garbage"u8.ToArray(),
                    new byte[1000],
                ]
        )
        {
            Assert.Throws<InvalidDataException>(() => Codec.Decode(compression, [.. stored, .. garbage]));
        }
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Decode_OfWhatIsNoSuchFormat_Throws(Compression compression)
    {
        var other = compression == Compression.Gzip ? Compression.Zstd : Compression.Gzip;
        Assert.Throws<InvalidDataException>(() => Codec.Decode(compression, Codec.Encode(other, [1, 2, 3])));
        Assert.Throws<InvalidDataException>(() => Codec.Decode(compression, "SQLite format 3\0"u8.ToArray()));
        Assert.Throws<InvalidDataException>(() => Codec.Decode(compression, new byte[4096]));
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Decode_OfABomb_GivesItInPiecesOfTheSizeAskedFor(Compression compression)
    {
        using var bomb = new MemoryStream();
        using (var encoder = compression.Encode(bomb, level: null))
        {
            var zeros = new byte[1 << 20];
            for (var i = 0; i < 64; i++)
            {
                encoder.Write(zeros);
            }
        }

        Assert.True(bomb.Length < 100_000);
        bomb.Position = 0;
        using var decoder = compression.Decode(bomb);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var piece = new byte[1000];
        for (var i = 0; i < 1000; i++)
        {
            Assert.InRange(decoder.Read(piece), 1, piece.Length);
        }

        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1_000_000);
        Assert.True(bomb.Position < bomb.Length || bomb.Length < 128 * 1024);
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Dispose_WhenTheDestinationFails_ThrowsOnceAndLeaksNothing(Compression compression)
    {
        var encoder = compression.Encode(new FullStream(), level: null);
        Assert.Throws<IOException>(() =>
        {
            using (encoder)
            {
                encoder.Write(Codec.Content(1000));
            }
        });
        encoder.Dispose();
    }

    private sealed class FullStream : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("No space left on device");

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));
    }
}
