using Holdfast.Core.Codecs;
using Holdfast.Core.Errors;

namespace Holdfast.Core.Tests.Codecs;

public class RoundTripTests
{
    private const int BufferSize = 128 * 1024;

    public static TheoryData<Compression, int> Levels =>
        new()
        {
            { Compression.None, 0 },
            { Compression.Gzip, 0 },
            { Compression.Gzip, 1 },
            { Compression.Gzip, 6 },
            { Compression.Gzip, 9 },
            { Compression.Zstd, 1 },
            { Compression.Zstd, 3 },
            { Compression.Zstd, 19 },
        };

    public static TheoryData<Compression> Codecs => new(Compression.None, Compression.Gzip, Compression.Zstd);

    [Theory]
    [MemberData(nameof(Levels))]
    public void Decode_OfWhatWasEncoded_GivesTheSameBytes(Compression compression, int level)
    {
        int[] sizes = [0, 1, 2, BufferSize - 1, BufferSize, BufferSize + 1, 2 * BufferSize, 5_000_000];
        foreach (var size in level > 9 ? sizes[..^1] : sizes)
        {
            var content = Codec.Content(size);
            Assert.Equal(content, Codec.Decode(compression, Codec.Encode(compression, content, level)));
        }
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Decode_OfRandomSizes_GivesTheSameBytes(Compression compression)
    {
        var random = new Random();
        for (var i = 0; i < 50; i++)
        {
            var content = Codec.Content(random.Next(300_000));
            Assert.Equal(content, Codec.Decode(compression, Codec.Encode(compression, content)));
        }
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Decode_OfASourceThatGivesOneByteAtATime_GivesTheSameBytes(Compression compression)
    {
        var content = Codec.Content(200_000);
        var slow = new TrickleStream(Codec.Encode(compression, content));
        Assert.Equal(content, Codec.Decode(compression, slow));
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Decode_IntoOneByteAtATime_GivesTheSameBytes(Compression compression)
    {
        var content = Codec.Content(70_000);
        using var decoder = compression.Decode(new MemoryStream(Codec.Encode(compression, content)));
        var found = new List<byte>();
        for (int next; (next = decoder.ReadByte()) >= 0; )
        {
            found.Add((byte)next);
        }

        Assert.Equal(content, found);
        Assert.Equal(-1, decoder.ReadByte());
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Decode_IntoNothing_ReadsNothing(Compression compression)
    {
        using var decoder = compression.Decode(new MemoryStream(Codec.Encode(compression, [1, 2, 3])));
        Assert.Equal(0, decoder.Read(Span<byte>.Empty));
        Assert.Equal(1, decoder.ReadByte());
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Encode_InManySmallWrites_GivesTheSameBytes(Compression compression)
    {
        var content = Codec.Content(20_000);
        using var stored = new MemoryStream();
        using (var encoder = compression.Encode(stored, level: null))
        {
            foreach (var value in content)
            {
                encoder.WriteByte(value);
            }
        }

        Assert.True(stored.CanRead, "the destination stays open");
        Assert.Equal(content, Codec.Decode(compression, stored.ToArray()));
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Decode_WhenDisposed_LeavesTheSourceOpen(Compression compression)
    {
        var source = new MemoryStream(Codec.Encode(compression, [1]));
        compression.Decode(source).Dispose();
        Assert.True(source.CanRead);
    }

    [Theory]
    [InlineData(Compression.Gzip, -1)]
    [InlineData(Compression.Gzip, 10)]
    [InlineData(Compression.Zstd, 0)]
    [InlineData(Compression.Zstd, 20)]
    [InlineData(Compression.None, 1)]
    public void Encode_AtALevelThatIsNone_IsRefused(Compression compression, int level)
    {
        var error = Assert.Throws<HoldfastException>(() => compression.Encode(Stream.Null, level));
        Assert.Equal(ErrorCode.Usage, error.Code);
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Names_OfACodec_LeadBackToIt(Compression compression)
    {
        Assert.True(CompressionCodec.TryParse(compression.Name(), out var parsed));
        Assert.Equal(compression, parsed);
        Assert.Equal(compression, CompressionCodec.FromName("copy.db" + compression.Extension()));
        Assert.False(CompressionCodec.TryParse(compression.Name().ToUpperInvariant(), out _));
    }

    /// <summary>A network on a bad day.</summary>
    private sealed class TrickleStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(1, buffer.Length)]);

        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(1, count));
    }
}
