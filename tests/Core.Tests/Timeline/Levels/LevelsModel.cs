using Holdfast.Core.Retention;
using Holdfast.Core.Stores;
using Holdfast.Core.Tests.Timeline.Shipping;
using Holdfast.Core.Timeline;
using Holdfast.Core.Timeline.Format;
using Holdfast.Core.Timeline.Restore;
using Holdfast.Core.Timeline.Retention;
using Holdfast.Core.Timeline.Shipping;
using Holdfast.Testing;

namespace Holdfast.Core.Tests.Timeline.Levels;

/// <summary>
/// A database that lives for months: commits, restore points of all levels, retention, kills and failures of the target,
/// all by the code that ships. Whatever retention keeps must be restorable at any moment.
/// </summary>
internal sealed class LevelsModel : IDisposable
{
    private readonly Random random;
    private readonly ScratchDirectory scratch = new();
    private readonly LogPlace place;
    private readonly FakeCapture capture;
    private readonly MemoryStore inner = new();
    private readonly FaultInjectingStore store;
    private readonly TimelineShipperOptions options;
    private readonly Dictionary<string, long> everMade = new(StringComparer.Ordinal);
    private readonly Random whileReading;
    private readonly int[] steps;
    private CancellationTokenSource stop = new();
    private LineageShipment? shipment;
    private int killAfter = int.MaxValue;
    private double failures;

    public LevelsModel(int seed)
    {
        random = new Random(seed);
        whileReading = new Random(seed);
        place = new LogPlace(seed, file: random.Next(2) == 0 ? 3_000 : 1 << 20);
        capture = new FakeCapture(place, seed);
        store = new FaultInjectingStore(inner);
        _ = store.When(Fault);
        steps = [random.Next(1, 90), random.Next(60, 600), random.Next(600, 6_000), random.Next(6_000, 60_000)];
        options = new TimelineShipperOptions
        {
            Database = "app",
            Target = "vault",
            Scratch = scratch["scratch"],
            Interval = TimeSpan.FromMilliseconds(1),
            FirstRetry = TimeSpan.FromTicks(1),
            LongestRetry = TimeSpan.FromTicks(1),
            KeepEveryCommit = TimeSpan.FromHours(random.Next(1, 60)),
            KeepPoints = AnyRules(),
            Zone = Zones()[random.Next(Zones().Length)],
            LeastDeltasForBase = random.Next(2) == 0 ? 0 : 1 << 20,
            LeastJournalForBase = random.Next(3) == 0 ? 0 : 1 << 20,
            BaseAge = random.Next(4) == 0 ? TimeSpan.FromDays(random.Next(1, 60)) : null,
            MostJournals = 4,
            PartBytes = random.Next(3) == 0 ? 2_000 : 1 << 20,
            RollUpGrace = TimeSpan.Zero,
            Grace = TimeSpan.FromMinutes(random.Next(120)),
        };
    }

    /// <summary>The points that are there at the end.</summary>
    public int Points { get; private set; }

    /// <summary>How many restores were compared.</summary>
    public int Restores { get; private set; }

    public int Deltas { get; private set; }

    public int Deleted { get; private set; }

    public int Kills { get; private set; }

    public async Task RunAsync(int rounds)
    {
        _ = place.Database.Begin(place.Log, (uint)random.Next(1, 50));
        capture.BeforeRead = _ =>
        {
            if (whileReading.Next(3) == 0)
            {
                capture.Commit(whileReading.Next(1, 4));
            }
        };
        for (var round = 0; round < rounds; round++)
        {
            capture.Commit(random.Next(0, 4));
            failures = random.Next(4) == 0 ? 0.15 : 0;
            killAfter = random.Next(5) == 0 ? store.Calls.Count + random.Next(1, 25) : int.MaxValue;
            await ShipAsync();
            await CheckAsync(all: round == rounds - 1);
            place.Clock.Advance(TimeSpan.FromMinutes(steps[random.Next(steps.Length)]));
        }
    }

    public void Dispose()
    {
        stop.Dispose();
        place.Dispose();
        store.Dispose();
        scratch.Dispose();
    }

    private InjectedFault? Fault(StoreCall call)
    {
        if (call.Number > killAfter)
        {
            stop.Cancel();
            return InjectedFault.Unreachable(call.Number == killAfter + 1 && call.Number % 2 == 0);
        }

        return failures > 0 && Random.Shared.NextDouble() < failures
            ? InjectedFault.Unreachable(call.Number % 2 == 0)
            : null;
    }

    /// <summary>Ships until nothing is left to do, or until it is killed behind some call of the store.</summary>
    private async Task ShipAsync()
    {
        try
        {
            shipment ??= await BeginAsync();
            do
            {
                await shipment.ShipPointAsync(stop.Token);
                while (await shipment.ShipJournalAsync(stop.Token)) { }
                await shipment.MaintainAsync(stop.Token);
                await shipment.WhenQuietAsync(TimeSpan.FromMilliseconds(1));
            } while (!shipment.IsQuiet);
        }
        catch (OperationCanceledException)
        {
            await KillAsync();
        }
        catch (StoreException) when (stop.IsCancellationRequested)
        {
            await KillAsync();
        }
    }

    private async Task<LineageShipment> BeginAsync()
    {
        var calls = new Core.Timeline.Shipping.StoreCalls(store, options, place.Clock);
        var next = new LineageShipment(
            place.Log.All[^1],
            capture,
            calls,
            options,
            session: null,
            place.Clock,
            () => { }
        );
        await next.VerifyAsync(stop.Token);
        return next;
    }

    private async Task KillAsync()
    {
        Kills++;
        await stop.CancelAsync();
        if (shipment != null)
        {
            await shipment.EndAsync();
        }

        shipment = null;
        stop.Dispose();
        stop = new CancellationTokenSource();
        (killAfter, failures) = (int.MaxValue, 0);
        _ = place.ReopenKilled();
    }

    private async Task CheckAsync(bool all)
    {
        var catalogue = await TimelineCatalogue.ListAsync(inner, "app", keys: null, default);
        if (catalogue.Lineages.Count == 0)
        {
            return;
        }

        var lineage = Assert.Single(catalogue.Lineages);
        var points = lineage.Bases.Concat(lineage.Deltas).ToList();
        foreach (var point in points)
        {
            everMade[point.Key.Value] = point.Name.Last;
        }

        var pruner = new TimelinePruner(RetentionCalls.Once(inner), "app", options.Keep, place.Clock);
        var plan = await pruner.PlanAsync(default);
        var wanted = plan.Points.Where(p => p.Decision.IsKept || p.Decision.SweepAt > place.Clock.Now).ToList();
        NothingWantedIsGone(plan);
        foreach (var one in wanted.Where(one => one.Point.IsExact && (all || random.Next(wanted.Count) < 2)))
        {
            await RestoresAsync(catalogue, one.Point.Name.Last);
        }

        var newest = shipment?.Stored ?? 0;
        if (newest > 0 && shipment!.IsRestorable)
        {
            var start = place.Clock.Now - options.KeepEveryCommit!.Value;
            var first = points.Min(point => point.Name.Last);
            var window = place
                .Database.Commits.Where(commit =>
                    commit.Time >= start && commit.Number >= first && commit.Number <= newest
                )
                .ToList();
            await RestoresAsync(catalogue, newest);
            if (window.Count > 0)
            {
                await RestoresAsync(catalogue, window[random.Next(window.Count)].Number);
            }
        }

        (Points, Deltas) = (points.Count, lineage.Deltas.Count);
        Deleted = everMade.Count - points.Count;
    }

    /// <summary>What the rules keep of all points that ever were is there, though retention ran many times meanwhile.</summary>
    private void NothingWantedIsGone(TimelineRetentionPlan plan)
    {
        var present = plan.Points.Select(point => point.Point.Key.Value).ToHashSet(StringComparer.Ordinal);
        var ever = new List<RetentionCandidate>(plan.Points.Select(point => point.Decision.Candidate));
        foreach (var (key, _) in everMade.Where(item => !present.Contains(item.Key)))
        {
            Assert.True(TimelineNames.TryParse(new ObjectKey(key), "app", out _, out var name));
            ever.Add(
                new RetentionCandidate(key, name.Time!.Value, Reach: TimelineLevel.ReachOf(TimelineLevel.Of(name)))
            );
        }

        var rules = options.KeepPoints.IsEmpty ? options.KeepPoints with { Last = 1 } : options.KeepPoints;
        var kept = RetentionPlan
            .Decide(ever, rules, options.Zone, place.Clock.Now)
            .Decisions.Where(decision => decision.IsKept)
            .Select(decision => decision.Id);
        Assert.All(kept, id => Assert.Contains(id, present));
    }

    private async Task RestoresAsync(TimelineCatalogue catalogue, long commit)
    {
        var plan = await new TimelinePlanner(catalogue).PlanAsync(new TimelineRequest { Commit = commit }, default);
        var pages = new MemoryPages((int)plan.Target.DatabasePages, plan.PageSize);
        _ = await new TimelineRestore(catalogue).RunAsync(
            plan,
            pages,
            new TimelineRestoreOptions { Requests = 1 },
            default
        );
        var expected = place.Database.After(commit);
        Assert.Equal(expected.Count, (int)plan.Target.DatabasePages);
        Assert.Equal(place.Database.Commits[(int)commit - 1].Hash, plan.Target.Hash);
        for (var page = 0; page < expected.Count; page++)
        {
            Assert.True(expected[page].AsSpan().SequenceEqual(pages[page]), $"page {page + 1} of commit {commit}");
        }

        Restores++;
    }

    private RetentionRules AnyRules() =>
        new()
        {
            Min = random.Next(1, 4),
            Hourly = AnyLimit(48),
            Daily = AnyLimit(14),
            Weekly = AnyLimit(6),
            Monthly = AnyLimit(6),
            Yearly = AnyLimit(3),
            Grace = random.Next(3) switch
            {
                0 => KeepDuration.Zero,
                1 => new KeepDuration(random.Next(1, 40), KeepUnit.Hours),
                _ => null,
            },
        };

    private TierLimit? AnyLimit(int most) =>
        random.Next(5) switch
        {
            0 or 1 => null,
            2 => TierLimit.For(new KeepDuration(random.Next(1, 20), KeepUnit.Days)),
            _ => TierLimit.Newest(random.Next(1, most)),
        };

    private static TimeZoneInfo[] Zones() =>
        [
            TimeZoneInfo.Utc,
            TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"),
            TimeZoneInfo.FindSystemTimeZoneById("Asia/Kathmandu"),
        ];

    private sealed class MemoryPages(int pages, int pageSize) : IPageWriter
    {
        private readonly byte[] bytes = new byte[pages * pageSize];

        public ReadOnlySpan<byte> this[int page] => bytes.AsSpan(page * pageSize, pageSize);

        public void Write(uint first, ReadOnlySpan<byte> content) =>
            content.CopyTo(bytes.AsSpan((int)(first - 1) * pageSize));
    }
}
