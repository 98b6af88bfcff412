using System.Security.Cryptography;
using System.Text;
using BenchmarkDotNet.Attributes;
using Holdfast.Core.Codecs;

namespace Holdfast.Benchmarks;

/// <summary>What compressing, decompressing and hashing 16 MiB of database-like bytes costs, and allocates.</summary>
[MemoryDiagnoser]
public class Codecs
{
    private readonly byte[] content = new byte[16 * 1024 * 1024];
    private byte[] compressed = [];

    [Params(Compression.Gzip, Compression.Zstd)]
    public Compression Compression { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        for (var at = 0; at < content.Length - 64; at += 64)
        {
            Encoding.ASCII.GetBytes(
                $"order {random.Next(100000)} of customer {random.Next(2000)} was sent",
                content.AsSpan(at)
            );
        }

        compressed = Encode();
    }

    [Benchmark]
    public byte[] Encode()
    {
        using var target = new MemoryStream(content.Length / 2);
        using (var encoder = Compression.Encode(target, level: null))
        {
            encoder.Write(content);
        }

        return target.ToArray();
    }

    [Benchmark]
    public long Decode()
    {
        using var source = new MemoryStream(compressed);
        using var decoder = Compression.Decode(source);
        var buffer = new byte[512 * 1024];
        long total = 0;
        for (int read; (read = decoder.Read(buffer)) > 0; )
        {
            total += read;
        }

        return total;
    }

    [Benchmark]
    public byte[] Hash() => SHA256.HashData(content);
}
