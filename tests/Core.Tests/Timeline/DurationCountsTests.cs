using Holdfast.Core.Timeline;

namespace Holdfast.Core.Tests.Timeline;

public sealed class DurationCountsTests
{
    [Fact]
    public void Quantile_OfManyAndAFewLong_IsTheLimitOfItsBucket()
    {
        var counts = DurationCounts.None;
        Assert.Equal(TimeSpan.Zero, counts.Quantile(0.99));
        for (var number = 0; number < 98; number++)
        {
            counts = counts.With(TimeSpan.FromMilliseconds(0.3));
        }

        counts = counts.With(TimeSpan.FromMilliseconds(7)).With(TimeSpan.FromSeconds(60));

        Assert.Equal(100, counts.Total);
        Assert.Equal(TimeSpan.FromMilliseconds(0.5), counts.Quantile(0.5));
        Assert.Equal(TimeSpan.FromMilliseconds(10), counts.Quantile(0.99));
        Assert.Equal(TimeSpan.FromSeconds(60), counts.Quantile(1));
        Assert.Equal(TimeSpan.FromSeconds(60), counts.Longest);
        Assert.Equal(DurationCounts.UpperLimits.Count + 1, counts.Counts.Count);
        Assert.Equal(1, counts.Counts[^1]);
    }

    [Fact]
    public void Quantile_OfOne_IsNoMoreThanIt() =>
        Assert.Equal(
            TimeSpan.FromMilliseconds(3),
            DurationCounts.None.With(TimeSpan.FromMilliseconds(3)).Quantile(0.5)
        );
}
