using BenchmarkDotNet.Attributes;
using Holdfast.Core.Retention;
using Holdfast.Core.Snapshots;
using Holdfast.Core.Stores;

namespace Holdfast.Benchmarks;

/// <summary>What a listing of many copies costs to read and to decide about.</summary>
[MemoryDiagnoser]
public class Deciding
{
    private readonly NameTemplate template = NameTemplate.Parse(NameTemplate.Default + ".db", "app", TimeZoneInfo.Utc);
    private ObjectKey[] keys = [];
    private RetentionCandidate[] candidates = [];
    private RetentionRules rules = RetentionRules.None;

    [Params(1_000, 100_000)]
    public int Copies { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var start = new DateTimeOffset(2016, 1, 1, 3, 0, 0, TimeSpan.Zero);
        keys =
        [
            .. Enumerable.Range(0, Copies).Select(i => template.Render(start.AddHours(i), null, "00000000", 1, ".gz")),
        ];
        candidates = [.. keys.Select((k, i) => new RetentionCandidate(k.Value, start.AddHours(i)))];
        _ = RetentionRules.TryParse("hourly=48 daily=30 weekly=12 monthly=12 yearly=7", out rules, out _);
    }

    [Benchmark]
    public int ReadNames() => keys.Count(k => template.Match(k) is not null);

    [Benchmark]
    public int Decide() =>
        RetentionPlan
            .Decide(candidates, rules, TimeZoneInfo.Utc, candidates[^1].Time.AddMinutes(1))
            .Decisions.Count(d => d.IsKept);
}
