using System.Text;
using Holdfast.Core.Timeline;
using Holdfast.Core.Timeline.Format;
using Holdfast.Core.Vault;

namespace Holdfast.Benchmarks;

/// <summary>
/// What sealing adds to the writing of a base of 32 MiB, in processor time: that is the same on a machine that does other
/// things, too.
/// </summary>
internal static class Sealing
{
    private const int PageSize = 4096;
    private const uint Pages = 8192;
    private const int Rounds = 15;

    public static void Run()
    {
        var content = new byte[PageSize * (int)Pages];
        var random = new Random(1);
        for (var at = 0; at < content.Length - 64; at += 64)
        {
            Encoding.ASCII.GetBytes(
                $"order {random.Next(100000)} of customer {random.Next(2000)} was sent",
                content.AsSpan(at)
            );
        }

        var session = SessionKey.New();
        foreach (var codec in new[] { SegmentCodec.Zstd, SegmentCodec.None })
        {
            var (plain, secret) = (new List<Cost>(), new List<Cost>());
            for (var round = 0; round <= Rounds; round++)
            {
                plain.Add(Measure(content, codec, session: null));
                secret.Add(Measure(content, codec, session));
            }

            var (without, with) = (Median(plain), Median(secret));
            Console.WriteLine(
                FormattableString.Invariant(
                    $"{codec}: {without.Milliseconds:F1} ms plain, {with.Milliseconds:F1} ms sealed, {100 * (with.Milliseconds / without.Milliseconds - 1):F1} % more; {with.Allocated - without.Allocated} bytes more allocated for {with.Blocks} blocks"
                )
            );
        }
    }

    private static Cost Measure(byte[] content, SegmentCodec codec, SessionKey? session)
    {
        var header = new SegmentHeader
        {
            Kind = SegmentKind.Base,
            Codec = codec,
            Cipher = session == null ? SegmentCipher.None : SegmentCipher.Aes256Gcm,
            PageSize = PageSize,
            Lineage = new LineageId(new byte[LineageId.Length]),
            Key = session?.Id.Value ?? 0,
            Salt = session?.NextSalt() ?? 1,
        };
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var began = Environment.CpuUsage.TotalTime;
        using var writer = new SegmentWriter(
            header,
            new CommitPoint(1, Pages, 1),
            new SegmentOptions { PageHashes = true },
            session: session
        );
        for (uint page = 1; page <= Pages; page++)
        {
            writer.Page(page, content.AsSpan((int)(page - 1) * PageSize, PageSize));
        }

        writer.End(new CommitInfo(1, DateTimeOffset.UnixEpoch, Pages, 1, (int)Pages, CommitFlags.None));
        _ = writer.Finish();
        var taken = Environment.CpuUsage.TotalTime - began;
        return new Cost(
            taken.TotalMilliseconds,
            GC.GetAllocatedBytesForCurrentThread() - allocated,
            (int)(Pages * PageSize / (1 << 20)) + 1
        );
    }

    // The first is the warming up.
    private static Cost Median(List<Cost> costs) =>
        costs.Skip(1).OrderBy(cost => cost.Milliseconds).ElementAt((costs.Count - 1) / 2);

    private readonly record struct Cost(double Milliseconds, long Allocated, int Blocks);
}
