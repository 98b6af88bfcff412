using System.Globalization;
using Holdfast.Core.Errors;
using Holdfast.Core.Time;

namespace Holdfast.Core.Tests.Time;

public sealed class WhenExpressionTests
{
    private static readonly TimeZoneInfo Berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");

    // A Tuesday, 15:00 in Berlin.
    private static readonly DateTimeOffset Now = new(2026, 11, 17, 14, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("now", "2026-11-17T15:00:00+01:00")]
    [InlineData(" NOW ", "2026-11-17T15:00:00+01:00")]
    [InlineData("2026-11-17", "2026-11-17T00:00:00+01:00")]
    [InlineData("2026-07-01", "2026-07-01T00:00:00+02:00")]
    [InlineData("2026-11-17T14:00", "2026-11-17T14:00:00+01:00")]
    [InlineData("2026-11-17 14:00", "2026-11-17T14:00:00+01:00")]
    [InlineData("2026-11-17t14:00:30", "2026-11-17T14:00:30+01:00")]
    [InlineData("2026-11-17T14:00:30.5", "2026-11-17T14:00:30.5+01:00")]
    [InlineData("2026-11-17T14:00:30.1234567Z", "2026-11-17T14:00:30.1234567+00:00")]
    [InlineData("2026-11-17T14:00Z", "2026-11-17T14:00:00+00:00")]
    [InlineData("2026-11-17 14:00:00+05:30", "2026-11-17T14:00:00+05:30")]
    [InlineData("2026-11-17T14:00-0330", "2026-11-17T14:00:00-03:30")]
    [InlineData("2026-11-17T14:00 +02", "2026-11-17T14:00:00+02:00")]
    [InlineData("10m", "2026-11-17T14:50:00+01:00")]
    [InlineData("10 min ago", "2026-11-17T14:50:00+01:00")]
    [InlineData("2 hours ago", "2026-11-17T13:00:00+01:00")]
    [InlineData("1 Hour Ago", "2026-11-17T14:00:00+01:00")]
    [InlineData("90s", "2026-11-17T14:58:30+01:00")]
    [InlineData("3d ago", "2026-11-14T15:00:00+01:00")]
    [InlineData("2 weeks ago", "2026-11-03T15:00:00+01:00")]
    [InlineData("0m", "2026-11-17T15:00:00+01:00")]
    // Over the night when clocks went back: elapsed time, not the same time of day.
    [InlineData("24d", "2026-10-24T16:00:00+02:00")]
    [InlineData("yesterday 14:00", "2026-11-16T14:00:00+01:00")]
    [InlineData("Today  09:30", "2026-11-17T09:30:00+01:00")]
    [InlineData("today 09:30:15", "2026-11-17T09:30:15+01:00")]
    public void Parse_Expression_IsExpected(string text, string expected)
    {
        var time = WhenExpression.Parse(text, new Clock(Now), Berlin);
        var wanted = DateTimeOffset.Parse(expected, CultureInfo.InvariantCulture);
        Assert.Equal(wanted, time);
        Assert.Equal(wanted.Offset, time.Offset);
    }

    [Fact]
    public void Parse_YesterdayAfterLocalMidnight_IsOfTheZone()
    {
        // 23:30Z on the 17th is the 18th in Berlin.
        var time = WhenExpression.Parse("yesterday 23:00", new Clock(Now.AddHours(9.5)), Berlin);
        Assert.Equal(new DateTimeOffset(2026, 11, 17, 23, 0, 0, TimeSpan.FromHours(1)), time);
    }

    [Fact]
    public void Parse_DayWithoutMidnight_BeginsWhenTheDayBegins()
    {
        var santiago = TimeZoneInfo.FindSystemTimeZoneById("America/Santiago");
        var time = WhenExpression.Parse("2026-09-06", new Clock(Now), santiago);
        Assert.Equal(new DateTimeOffset(2026, 9, 6, 1, 0, 0, TimeSpan.FromHours(-3)), time);
    }

    [Theory]
    [InlineData("", "'' is not a point in time")]
    [InlineData("soon", "'soon' is not a point in time")]
    [InlineData("17.11.2026", "'17.11.2026' is not a point in time")]
    [InlineData("11/17/2026", "'11/17/2026' is not a point in time")]
    [InlineData("10", "'10' is not a point in time")]
    [InlineData("-10m", "'-10m' is not a point in time")]
    [InlineData("10m from now", "'10m from now' is not a point in time")]
    [InlineData("3 months ago", "'3 months ago' is not a point in time")]
    [InlineData("2026-11-17T", "'2026-11-17T' is not a point in time")]
    [InlineData("2026-11-17Z", "'2026-11-17Z' is not a point in time")]
    [InlineData("tomorrow 10:00", "'tomorrow 10:00' is not a point in time")]
    [InlineData("٣m", "'٣m' is not a point in time")]
    [InlineData("yesterday", "'yesterday' has no time of day")]
    [InlineData("2026-02-29", "'2026-02-29' is not on the calendar")]
    [InlineData("2026-13-01T10:00", "'2026-13-01T10:00' is not on the calendar")]
    [InlineData("2026-11-17 25:00", "'2026-11-17 25:00' is not on the clock")]
    [InlineData("2026-11-17 24:00", "'2026-11-17 24:00' is not on the clock")]
    [InlineData("2026-11-17 14", "'2026-11-17 14' is not on the clock")]
    [InlineData("today 9:30", "'today 9:30' is not on the clock")]
    [InlineData("2026-11-17T14:00+15:00", "'2026-11-17T14:00+15:00' has an offset that no place on earth has")]
    [InlineData("2026-11-17T14:00+02:60", "'2026-11-17T14:00+02:60' has an offset that no place on earth has")]
    [InlineData("0001-01-01T00:00+02:00", "'0001-01-01T00:00+02:00' is not on the calendar")]
    [InlineData("0001-01-01", "'0001-01-01' is not on the calendar")]
    [InlineData("0001-01-01 00:00", "'0001-01-01 00:00' is not on the calendar")]
    [InlineData("9999-12-31T23:59-02:00", "'9999-12-31T23:59-02:00' is not on the calendar")]
    [InlineData("9999999w", "'9999999w' is not on the calendar")]
    [InlineData("99999999999999999999m", "'99999999999999999999m' is not on the calendar")]
    public void Parse_Nonsense_SaysWhatIsWrong(string text, string message)
    {
        var error = Assert.Throws<HoldfastException>(() => WhenExpression.Parse(text, new Clock(Now), Berlin));
        Assert.Equal(ErrorCode.Usage, error.Code);
        Assert.Equal(message, error.Message);
        Assert.StartsWith("write ", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_TimeThatClocksSkipped_IsRefused()
    {
        var error = Assert.Throws<HoldfastException>(() =>
            WhenExpression.Parse("2026-03-29 02:30", new Clock(Now), Berlin)
        );
        Assert.Equal(
            "'2026-03-29 02:30' does not exist in Europe/Berlin: the clocks went forward over it",
            error.Message
        );
        Assert.Equal(ErrorCode.Usage, error.Code);
    }

    [Fact]
    public void Parse_TimeThatHappenedTwice_AsksWhich()
    {
        var error = Assert.Throws<HoldfastException>(() =>
            WhenExpression.Parse("2026-10-25 02:30", new Clock(Now), Berlin)
        );
        Assert.Equal("'2026-10-25 02:30' happened twice in Europe/Berlin: the clocks went back over it", error.Message);
        Assert.Equal("write 2026-10-25T02:30:00+02:00 or 2026-10-25T02:30:00+01:00", error.Hint);
        Assert.Equal(
            new DateTimeOffset(2026, 10, 25, 0, 30, 0, TimeSpan.Zero),
            WhenExpression.Parse("2026-10-25T02:30:00+02:00", new Clock(Now), Berlin)
        );
    }

    private sealed class Clock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
