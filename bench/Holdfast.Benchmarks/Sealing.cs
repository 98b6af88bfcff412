using System.Text;
using BenchmarkDotNet.Attributes;
using Holdfast.Core.Timeline;
using Holdfast.Core.Timeline.Format;
using Holdfast.Core.Vault;

namespace Holdfast.Benchmarks;

/// <summary>What sealing adds to the writing of a base of 32 MiB, compressed as the shipper does it; and what is allocated.</summary>
[MemoryDiagnoser]
public class Sealing
{
    private const int PageSize = 4096;
    private const uint Pages = 8192;
    private readonly byte[] content = new byte[PageSize * (int)Pages];
    private readonly SessionKey session = SessionKey.New();

    [Params(SegmentCipher.None, SegmentCipher.Aes256Gcm)]
    public SegmentCipher Cipher { get; set; }

    [Params(SegmentCodec.Zstd, SegmentCodec.None)]
    public SegmentCodec Codec { get; set; }

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
    }

    [Benchmark]
    public long Write()
    {
        var isSealed = Cipher != SegmentCipher.None;
        var header = new SegmentHeader
        {
            Kind = SegmentKind.Base,
            Codec = Codec,
            Cipher = Cipher,
            PageSize = PageSize,
            Lineage = new LineageId(new byte[LineageId.Length]),
            Key = isSealed ? session.Id.Value : 0,
            Salt = session.NextSalt(),
        };
        using var writer = new SegmentWriter(
            header,
            new CommitPoint(1, Pages, 1),
            new SegmentOptions { PageHashes = true },
            session: isSealed ? session : null
        );
        for (uint page = 1; page <= Pages; page++)
        {
            writer.Page(page, content.AsSpan((int)(page - 1) * PageSize, PageSize));
        }

        writer.End(new CommitInfo(1, DateTimeOffset.UnixEpoch, Pages, 1, (int)Pages, CommitFlags.None));
        _ = writer.Finish();
        return writer.BlockBytes;
    }
}
