using Holdfast.Core.Retention;

namespace Holdfast.Core.Tests.Retention;

public sealed class RetentionRulesTests
{
    [Theory]
    [InlineData("")]
    [InlineData("last=3")]
    [InlineData("within=30d")]
    [InlineData("daily=7 weekly=4 monthly=12 yearly=7")]
    [InlineData("last=1 within=48h hourly=7d daily=30d weekly=12w monthly=6m yearly=7y forever=true min=1 grace=2w")]
    [InlineData("daily=7 grace=none")]
    public void TryParse_Text_RoundTrips(string text)
    {
        Assert.True(RetentionRules.TryParse(text, out var rules, out _));
        Assert.Equal(text, rules.ToString());
    }

    [Fact]
    public void TryParse_Configuration_IsRead()
    {
        var entries = new Dictionary<string, string?>
        {
            ["Last"] = "3",
            ["within"] = "30d",
            ["daily"] = "7",
            ["hourly"] = "48h",
            ["min"] = "5",
        };
        Assert.True(RetentionRules.TryParse(entries, out var rules, out _));
        var expected = new RetentionRules
        {
            Last = 3,
            Within = new KeepDuration(30, KeepUnit.Days),
            Daily = TierLimit.Newest(7),
            Hourly = TierLimit.For(new KeepDuration(48, KeepUnit.Hours)),
            Min = 5,
        };
        Assert.Equal(expected, rules);
    }

    [Fact]
    public void TryParse_CommasAndForever_AreRead()
    {
        Assert.True(RetentionRules.TryParse("forever, min=1,last=2", out var rules, out _));
        Assert.Equal(
            new RetentionRules
            {
                Forever = true,
                Min = 1,
                Last = 2,
            },
            rules
        );
    }

    [Theory]
    [InlineData("last=30d", "'last' is '30d', but takes a number of copies from 1 on, such as last=3")]
    [InlineData("last=0", "'last' is '0'")]
    [InlineData("last=-1", "'last' is '-1'")]
    [InlineData("last", "'last' is ''")]
    [InlineData("min=0", "'min' is '0'")]
    [InlineData("within=30", "'within' is '30', but takes a duration")]
    [InlineData("within=0d", "'within' is '0d'")]
    [InlineData("daily=0", "'daily' is '0', but takes a number (daily=7) or a duration (daily=48h")]
    [InlineData("daily=0d", "'daily' is '0d'")]
    [InlineData("daily=seven", "'daily' is 'seven'")]
    [InlineData("grace=soon", "or none")]
    [InlineData("forever=maybe", "'forever' is 'maybe', but takes true or false")]
    [InlineData("dayly=7", "'dayly' is not a rule; the rules are last, within,")]
    [InlineData("daily=7 daily=8", "'daily' is given twice")]
    public void TryParse_Nonsense_IsNamed(string text, string error)
    {
        Assert.False(RetentionRules.TryParse(text, out var rules, out var errors));
        Assert.Contains(error, Assert.Single(errors), StringComparison.Ordinal);
        Assert.Same(RetentionRules.None, rules);
    }

    [Fact]
    public void TryParse_SeveralErrors_AreAllReported()
    {
        Assert.False(RetentionRules.TryParse("last=x daily=y hurly=1", out _, out var errors));
        Assert.Equal(3, errors.Count);
    }

    [Theory]
    [InlineData("last=3", "0h")]
    [InlineData("within=30d", "0h")]
    [InlineData("last=3 daily=7", "7d")]
    [InlineData("yearly=7y", "7d")]
    [InlineData("daily=7 grace=none", "0h")]
    [InlineData("last=3 grace=2d", "2d")]
    public void EffectiveGrace_Rules_IsExpected(string text, string grace) =>
        Assert.Equal(grace, Copies.Rules(text).EffectiveGrace.ToString());

    [Fact]
    public void Properties_OutOfRange_Throw()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new RetentionRules { Last = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new RetentionRules { Min = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new RetentionRules { Within = KeepDuration.Zero });
        Assert.Throws<ArgumentOutOfRangeException>(() => TierLimit.Newest(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => TierLimit.For(KeepDuration.Zero));
    }
}
