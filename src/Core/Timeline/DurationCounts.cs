namespace Holdfast.Core.Timeline;

/// <summary>How often something took how long, in fixed buckets. Immutable.</summary>
public sealed class DurationCounts
{
    private static readonly TimeSpan[] Limits =
    [
        .. new double[] { 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000 }.Select(
            TimeSpan.FromMilliseconds
        ),
    ];

    private readonly long[] counts;

    private DurationCounts(long[] counts, TimeSpan longest) => (this.counts, Longest) = (counts, longest);

    /// <summary>Nothing was counted.</summary>
    public static DurationCounts None { get; } = new(new long[Limits.Length + 1], TimeSpan.Zero);

    /// <summary>The longest a thing in each bucket took; the last bucket, which is not among them, has no limit.</summary>
    public static IReadOnlyList<TimeSpan> UpperLimits => Limits;

    /// <summary>How many are in each bucket; one more than <see cref="UpperLimits"/>.</summary>
    public IReadOnlyList<long> Counts => counts;

    /// <summary>The longest of all.</summary>
    public TimeSpan Longest { get; }

    /// <summary>How many there are.</summary>
    public long Total => counts.Sum();

    /// <summary>The time that a part of them, 0 to 1, did not exceed: the limit of a bucket, or the longest.</summary>
    public TimeSpan Quantile(double part)
    {
        var left = (long)Math.Ceiling(part * Total);
        for (var bucket = 0; bucket < Limits.Length; bucket++)
        {
            left -= counts[bucket];
            if (left <= 0)
            {
                return Limits[bucket] < Longest ? Limits[bucket] : Longest;
            }
        }

        return Longest;
    }

    /// <summary>These and one more.</summary>
    public DurationCounts With(TimeSpan duration)
    {
        var more = (long[])counts.Clone();
        var bucket = Array.FindIndex(Limits, limit => duration <= limit);
        more[bucket < 0 ? Limits.Length : bucket]++;
        return new DurationCounts(more, duration > Longest ? duration : Longest);
    }
}
