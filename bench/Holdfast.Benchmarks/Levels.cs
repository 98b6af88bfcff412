using System.Diagnostics;
using System.Globalization;
using Holdfast.Core.Retention;
using Holdfast.Core.Stores;
using Holdfast.Core.Timeline;
using Holdfast.Core.Timeline.Format;
using Holdfast.Core.Timeline.Restore;
using Holdfast.Core.Timeline.Retention;
using Holdfast.Core.Timeline.Shipping;
using Holdfast.Core.Timeline.Spool;

namespace Holdfast.Benchmarks;

/// <summary>
/// What restore points of levels cost over simulated years: the code that ships, a model of a database, a clock that is
/// set, a store in memory.
/// </summary>
internal sealed class Levels : IDisposable
{
    private const int PageSize = 4096;
    private const int HotPages = 200;
    private readonly Random random = new(1);
    private readonly Clock clock = new();
    private readonly Store store = new();
    private readonly string directory = Directory.CreateTempSubdirectory("holdfast-levels-").FullName;
    private readonly List<(long Commit, int Version)>[] versions;
    private readonly TimelineLog log;
    private readonly TimelineShipperOptions options;
    private readonly LineageShipment shipment;
    private readonly byte[] buffer = new byte[PageHash.PrefixLength + PageSize];

    private Levels(int megabytes, RetentionRules rules, TimeSpan every)
    {
        versions = new List<(long, int)>[megabytes * 256];
        log = TimelineLog.Open(
            new TimelineLogOptions
            {
                Directory = Path.Combine(directory, "log"),
                Database = "app",
                Targets = ["vault"],
            },
            clock
        );
        options = new TimelineShipperOptions
        {
            Database = "app",
            Target = "vault",
            Scratch = Path.Combine(directory, "scratch"),
            KeepEveryCommit = every,
            KeepPoints = rules,
            RollUpGrace = TimeSpan.Zero,
        };
        log.BeginLineage(PageSize, null);
        Commit(Enumerable.Range(0, versions.Length), rewrite: true);
        var calls = new StoreCalls(store, options, clock);
        shipment = new LineageShipment(log.All[0], new Capture(this), calls, options, session: null, clock, () => { });
    }

    /// <summary>Runs it.</summary>
    public static async Task RunAsync(string[] arguments)
    {
        var megabytes = arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : 160;
        var years = arguments.Length > 1 ? int.Parse(arguments[1], CultureInfo.InvariantCulture) : 8;
        await HourAsync(megabytes);
        await YearsAsync(megabytes, years);
    }

    public void Dispose()
    {
        log.Dispose();
        Directory.Delete(directory, recursive: true);
    }

    private static async Task HourAsync(int megabytes)
    {
        var rules = new RetentionRules { Min = 1, Hourly = TierLimit.Newest(24) };
        using var levels = new Levels(megabytes, rules, TimeSpan.FromHours(48));
        await levels.shipment.VerifyAsync(default);
        await levels.ShipAsync();
        var first = await levels.PointsAsync();
        for (var transaction = 0; transaction < 3000; transaction++)
        {
            // A row anywhere, its entry in an index of a tenth of the pages, and the end of a table that grows.
            var pages = levels.versions.Length;
            levels.Commit(
                [levels.random.Next(pages), levels.random.Next(pages / 10), pages - 1 - (transaction / 40)],
                rewrite: false
            );
            levels.clock.Advance(TimeSpan.FromSeconds(1.2));
        }

        levels.clock.Advance(TimeSpan.FromMinutes(15));
        await levels.ShipAsync();
        var point = (await levels.PointsAsync()).Single(one => !first.Exists(other => other.Key == one.Key));
        Console.WriteLine(
            $"{megabytes} MiB database, base {Size(first[0].Bytes)}: an hour of 3000 small transactions is {point.Name.Object} of {Size(point.Bytes)}"
        );
    }

    private static async Task YearsAsync(int megabytes, int years)
    {
        var rules = new RetentionRules
        {
            Min = 1,
            Daily = TierLimit.Newest(7),
            Weekly = TierLimit.Newest(4),
            Monthly = TierLimit.Newest(12),
            Yearly = TierLimit.Newest(7),
            Grace = KeepDuration.Zero,
        };
        var watch = Stopwatch.StartNew();
        using var levels = new Levels(megabytes, rules, TimeSpan.FromHours(24));
        await levels.shipment.VerifyAsync(default);
        var (most, days) = (0L, (int)(365.25 * years));
        for (var day = 0; day < days; day++)
        {
            var pages = levels.versions.Length;
            var hot = Enumerable.Range(0, HotPages);
            levels.Commit(
                Enumerable.Range(0, pages / 100).Select(_ => levels.random.Next(pages)).Concat(hot),
                rewrite: true
            );
            await levels.ShipAsync();
            levels.clock.Advance(TimeSpan.FromDays(1));
            most = Math.Max(most, levels.store.Bytes);
            if (day % 365 == 364)
            {
                await Console.Error.WriteLineAsync(
                    $"year {(day + 1) / 365} after {watch.Elapsed:g}: {Size(levels.store.Bytes)}"
                );
            }
        }

        await levels.ReportAsync(most);
    }

    private async Task ReportAsync(long most)
    {
        var pruner = new TimelinePruner(RetentionCalls.Once(store), "app", options.Keep, clock);
        var plan = await pruner.PlanAsync(default);
        var kept = plan.Points.Where(point => point.Decision.Rule != null && point.Point.IsExact).ToList();
        var points = plan.Points.Sum(point => point.Point.Bytes);
        var distinct = DistinctBytes([.. kept.Select(point => point.Point.Name.Last)]);
        var catalogue = await TimelineCatalogue.ListAsync(store, "app", keys: null, default);
        var largest = plan
            .Points.Where(p => p.Point.Name.Object == TimelineObject.Base)
            .Max(point => point.Point.Bytes);
        var (bytes, objects) = (0L, 0);
        foreach (var point in kept)
        {
            var request = new TimelineRequest { Commit = point.Point.Name.Last };
            var way = await new TimelinePlanner(catalogue).PlanAsync(request, default);
            var restored = await new TimelineRestore(catalogue).RunAsync(way, new Nowhere(), new(), default);
            bytes = Math.Max(bytes, restored.BytesRead);
            objects = Math.Max(objects, restored.Objects);
        }

        Console.WriteLine(
            $"{versions.Length / 256} MiB database, 1% of its pages at random and {HotPages} hot ones rewritten each day, for {(clock.GetUtcNow() - Clock.Start).TotalDays / 365.25:0.#} years:"
        );
        var tiers = kept.GroupBy(point => point.Decision.Rule).Select(rule => $"{rule.Key} {rule.Count()}");
        Console.WriteLine($"  restore points kept by rules: {kept.Count} ({string.Join(", ", tiers)})");
        Console.WriteLine(
            $"  stored {Size(store.Bytes)} ({Size(points)} of it points: {plan.Points.Count(p => p.Point.Name.Object == TimelineObject.Base)} bases, {plan.Points.Count(p => p.Point.Name.Object == TimelineObject.Delta)} deltas), at most {Size(most)}"
        );
        Console.WriteLine(
            $"  distinct page versions of the kept points, compressed alike: {Size(distinct)}; stored / distinct = {(double)store.Bytes / distinct:0.00}"
        );
        Console.WriteLine(
            $"  every one of them was restored and agreed with its hash; the dearest read {Size(bytes)} ({(double)bytes / largest:0.00} of the largest base) in {objects} objects"
        );
    }

    /// <summary>The bytes of all page versions that the commits need, each once.</summary>
    private long DistinctBytes(List<long> commits)
    {
        var header = new SegmentHeader
        {
            Kind = SegmentKind.Journal,
            Codec = SegmentCodec.Zstd,
            PageSize = PageSize,
            Lineage = log.Lineage!.Value,
        };
        commits.Sort();
        var all = 0L;
        var seen = new int[versions.Length];
        Array.Fill(seen, -1);
        foreach (var commit in commits)
        {
            using var writer = new SegmentWriter(
                header,
                default,
                new SegmentOptions(),
                () => Path.Combine(directory, Guid.NewGuid().ToString("N"))
            );
            var any = false;
            for (var page = 0; page < versions.Length; page++)
            {
                var version = versions[page].FindLast(item => item.Commit <= commit).Version;
                if (seen[page] != version)
                {
                    Fill(page, version, buffer.AsSpan(PageHash.PrefixLength));
                    writer.Page((uint)page + 1, buffer.AsSpan(PageHash.PrefixLength));
                    (seen[page], any) = (version, true);
                }
            }

            writer.End(log.Tip with { Number = 1 });
            foreach (var part in writer.Finish())
            {
                all += any ? part.Content.Length : 0;
                if (part.Content.Path is { } path)
                {
                    File.Delete(path);
                }
            }
        }

        return all;
    }

    private void Commit(IEnumerable<int> pages, bool rewrite)
    {
        var number = log.Tip.Number + 1;
        foreach (var page in pages.Distinct())
        {
            var known = versions[page] ??= [];
            known.Add((number, rewrite || known.Count == 0 ? (known.Count + 1) << 8 : known[^1].Version + 1));
            Fill(page, known[^1].Version, buffer.AsSpan(PageHash.PrefixLength));
            log.AddPage((uint)page + 1, buffer);
        }

        _ = log.EndCommit((uint)versions.Length, default);
    }

    // Two fifths of a page are not to be compressed; a small change rewrites 100 bytes of it.
    private static void Fill(int page, int version, Span<byte> bytes)
    {
        "the quick brown fox jumps over the lazy dog, and the page has room "u8.CopyTo(bytes);
        for (var at = 64; at < bytes.Length; at += 64)
        {
            bytes[..Math.Min(64, bytes.Length - at)].CopyTo(bytes[at..]);
        }

        new Random(unchecked((page * 7919) + (version >> 8))).NextBytes(bytes[..1640]);
        if ((version & 255) > 0)
        {
            new Random(unchecked((page * 7919) + version)).NextBytes(bytes.Slice(2000 + (version % 15 * 100), 100));
        }
    }

    private async Task ShipAsync()
    {
        do
        {
            await shipment.ShipPointAsync(default);
            while (await shipment.ShipJournalAsync(default)) { }
            await shipment.MaintainAsync(default);
            await shipment.WhenQuietAsync(TimeSpan.FromMilliseconds(20));
        } while (!shipment.IsQuiet);
    }

    private async Task<List<LevelPoint>> PointsAsync()
    {
        var pruner = new TimelinePruner(RetentionCalls.Once(store), "app", options.Keep, clock);
        return
        [
            .. (await pruner.PlanAsync(default)).Points.Select(point => point.Point).DistinctBy(point => point.Key),
        ];
    }

    private static string Size(long bytes) =>
        string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0.0} MiB");

    private sealed class Capture(Levels levels) : ICapture
    {
        public CaptureStatus Status => new(0, 0, null, 0, TimeSpan.Zero, 0);

        public Task Completion => Task.CompletedTask;

        public Task<CommitInfo> CatchUpAsync(CancellationToken cancellationToken) => Task.FromResult(levels.log.Tip);

        public Task<CommitInfo> SettleAsync(CancellationToken cancellationToken) => Task.FromResult(levels.log.Tip);

        public void ReadFile(uint first, Span<byte> destination)
        {
            for (var at = 0; at < destination.Length; at += PageSize)
            {
                var page = (int)first - 1 + (at / PageSize);
                Fill(page, levels.versions[page][^1].Version, destination.Slice(at, PageSize));
            }
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class Nowhere : IPageWriter
    {
        public void Write(uint first, ReadOnlySpan<byte> pages) { }
    }

    private sealed class Clock : TimeProvider
    {
        public static readonly DateTimeOffset Start = new(2026, 1, 1, 3, 0, 0, TimeSpan.Zero);
        private DateTimeOffset now = Start;

        public void Advance(TimeSpan time) => now += time;

        public override DateTimeOffset GetUtcNow() => now;
    }

    private sealed class Store : IObjectStore
    {
        private readonly Lock gate = new();
        private readonly SortedDictionary<string, byte[]> objects = new(StringComparer.Ordinal);

        public string Address => "memory";

        public long Bytes
        {
            get
            {
                lock (gate)
                {
                    return objects.Values.Sum(bytes => (long)bytes.Length);
                }
            }
        }

        public async Task<ObjectInfo> PutAsync(
            ObjectKey key,
            ObjectContent content,
            PutCondition condition,
            CancellationToken cancellationToken
        )
        {
            var bytes = new byte[content.Length];
            await using (var from = content.OpenRead())
            {
                await from.ReadExactlyAsync(bytes, cancellationToken);
            }

            lock (gate)
            {
                objects.Add(key.Value, bytes);
            }

            return new ObjectInfo(key, bytes.Length, default);
        }

        public Task<Stream> OpenReadAsync(ObjectKey key, ByteRange? range, CancellationToken cancellationToken)
        {
            lock (gate)
            {
                var bytes = objects[key.Value];
                var start = (int)(range?.Offset ?? 0);
                var count = (int)Math.Min(range?.Length ?? bytes.Length, bytes.Length - start);
                return Task.FromResult<Stream>(new MemoryStream(bytes, start, count, writable: false));
            }
        }

        public async IAsyncEnumerable<ObjectInfo> ListAsync(
            string prefix,
            ObjectKey? startAfter,
            [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
        )
        {
            List<ObjectInfo> found;
            lock (gate)
            {
                found =
                [
                    .. objects
                        .Where(item => item.Key.StartsWith(prefix, StringComparison.Ordinal))
                        .Select(item => new ObjectInfo(new ObjectKey(item.Key), item.Value.Length, default)),
                ];
            }

            await Task.CompletedTask;
            foreach (var info in found)
            {
                yield return info;
            }
        }

        public Task<ObjectInfo?> HeadAsync(ObjectKey key, CancellationToken cancellationToken)
        {
            lock (gate)
            {
                return Task.FromResult(
                    objects.TryGetValue(key.Value, out var bytes) ? new ObjectInfo(key, bytes.Length, default) : null
                );
            }
        }

        public Task DeleteAsync(ObjectKey key, CancellationToken cancellationToken)
        {
            lock (gate)
            {
                _ = objects.Remove(key.Value);
            }

            return Task.CompletedTask;
        }

        public void Dispose() { }
    }
}
