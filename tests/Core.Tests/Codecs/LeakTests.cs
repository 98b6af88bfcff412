using Holdfast.Core.Codecs;

namespace Holdfast.Core.Tests.Codecs;

/// <summary>Looks at the memory of the whole process, and must be alone in it.</summary>
[CollectionDefinition(nameof(LeakTests), DisableParallelization = true)]
[Collection(nameof(LeakTests))]
public class LeakTests
{
    public static TheoryData<Compression> Codecs => new(Compression.Gzip, Compression.Zstd);

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Dispose_BeforeTheEnd_LeaksNothing(Compression compression)
    {
        var stored = Codec.Encode(compression, Codec.Content(100_000));
        for (var round = 0; round < 50; round++)
        {
            Abandon(compression, stored);
        }

        var before = ResidentBytes();
        for (var round = 0; round < 1000; round++)
        {
            Abandon(compression, stored);
        }

        // A decoder holds about 100 KiB, an encoder more: a thousand of them would show.
        Assert.True(
            ResidentBytes() - before < 40L << 20,
            $"{(ResidentBytes() - before) >> 20} MiB were not given back"
        );
    }

    private static void Abandon(Compression compression, byte[] stored)
    {
        using var decoder = compression.Decode(new MemoryStream(stored));
        Assert.True(decoder.ReadByte() >= 0);
        using var encoder = compression.Encode(Stream.Null, level: null);
        encoder.Write(stored);
    }

    private static long ResidentBytes()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[1]) * Environment.SystemPageSize;
    }
}
