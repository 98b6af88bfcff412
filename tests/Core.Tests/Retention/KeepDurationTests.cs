using FsCheck.Fluent;
using Holdfast.Core.Retention;
using static Holdfast.Core.Tests.Retention.Copies;

namespace Holdfast.Core.Tests.Retention;

public sealed class KeepDurationTests
{
    [Theory]
    [InlineData("48h", 48, KeepUnit.Hours)]
    [InlineData("30d", 30, KeepUnit.Days)]
    [InlineData("12w", 12, KeepUnit.Weeks)]
    [InlineData("6m", 6, KeepUnit.Months)]
    [InlineData("7y", 7, KeepUnit.Years)]
    [InlineData("1000y", 1000, KeepUnit.Years)]
    public void TryParse_Duration_IsReadAndWrittenBack(string text, int amount, KeepUnit unit)
    {
        Assert.True(KeepDuration.TryParse(text, out var duration));
        Assert.Equal(new KeepDuration(amount, unit), duration);
        Assert.Equal(text, duration.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("d")]
    [InlineData("30")]
    [InlineData("-1d")]
    [InlineData("+1d")]
    [InlineData(" 1d")]
    [InlineData("1.5d")]
    [InlineData("1,000d")]
    [InlineData("30D")]
    [InlineData("30days")]
    [InlineData("1d12h")]
    [InlineData("1001y")]
    [InlineData("99999999999999999999h")]
    [InlineData("٣d")]
    public void TryParse_AnythingElse_IsRefused(string? text) => Assert.False(KeepDuration.TryParse(text, out _));

    [Fact]
    public void Constructor_OutOfRange_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new KeepDuration(-1, KeepUnit.Days));
        Assert.Throws<ArgumentOutOfRangeException>(() => new KeepDuration(1001, KeepUnit.Years));
        Assert.Throws<ArgumentOutOfRangeException>(() => new KeepDuration(int.MaxValue, KeepUnit.Hours));
    }

    [Theory]
    [InlineData("48h", "2026-03-28T12:00Z", "2026-03-30T12:00Z")]
    [InlineData("2d", "2026-03-28T12:00Z", "2026-03-30T12:00Z")]
    [InlineData("1w", "2026-03-28T12:00Z", "2026-04-04T12:00Z")]
    // The 28th, 29th, 30th and 31st of March minus a month are all February 28.
    [InlineData("1m", "2026-02-28T12:00Z", "2026-03-31T22:00Z")]
    [InlineData("1m", "2026-02-27T12:00Z", "2026-03-27T23:00Z")]
    [InlineData("1m", "2026-01-31T12:00Z", "2026-02-28T23:00Z")]
    [InlineData("12m", "2024-02-29T12:00Z", "2025-02-28T23:00Z")]
    [InlineData("1y", "2024-02-29T12:00Z", "2025-02-28T23:00Z")]
    [InlineData("4y", "2024-02-29T12:00Z", "2028-02-29T23:00Z")]
    [InlineData("1y", "2023-02-28T12:00Z", "2024-02-29T23:00Z")]
    // Late in the evening in UTC it is the next day in Berlin already.
    [InlineData("1y", "2025-06-30T22:30Z", "2026-07-01T22:00Z")]
    [InlineData("1000y", "9500-01-01T00:00Z", "9999-12-31T23:59:59.9999999Z")]
    [InlineData("365250d", "9500-01-01T00:00Z", "9999-12-31T23:59:59.9999999Z")]
    public void EndFrom_Start_IsExpected(string text, string start, string end)
    {
        Assert.True(KeepDuration.TryParse(text, out var duration));
        Assert.Equal(Utc(end), duration.EndFrom(Utc(start), Zones.Berlin));
    }

    [Fact]
    public void EndFrom_DayWithoutMidnight_StartsWithTheDay()
    {
        // In Santiago clocks go forward at midnight on 2026-09-06: that day begins at 01:00 (-03:00).
        var end = new KeepDuration(1, KeepUnit.Months).EndFrom(Utc("2026-08-05T12:00Z"), Zones.Santiago);
        Assert.Equal(Utc("2026-09-06T04:00Z"), end);
    }

    [Fact]
    public void EndFrom_LaterStart_NeverEndsEarlier()
    {
        var cases =
            from zone in Gen.Elements(Zones.All)
            from unit in Gen.Choose(0, 4)
            from amount in Gen.Choose(0, 30)
            from minute in Gen.Choose(0, 10 * 366 * 24 * 60)
            from later in Gen.OneOf(Gen.Choose(0, 180), Gen.Choose(0, 100_000))
            select (Zone: zone, Duration: new KeepDuration(amount, (KeepUnit)unit), minute, later);
        Properties.Hold(
            cases,
            _ => [],
            sample =>
            {
                var start = Utc("2018-01-01").AddMinutes(sample.minute);
                var end = sample.Duration.EndFrom(start, sample.Zone);
                Assert.True(end <= sample.Duration.EndFrom(start.AddMinutes(sample.later), sample.Zone));
                Assert.True(end >= start);
            },
            2000
        );
    }
}
