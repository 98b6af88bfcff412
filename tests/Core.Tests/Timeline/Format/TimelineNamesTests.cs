using Holdfast.Core.Stores;
using Holdfast.Core.Timeline;
using Holdfast.Core.Timeline.Format;

namespace Holdfast.Core.Tests.Timeline.Format;

public class TimelineNamesTests
{
    private const string Directory = "timeline/app/019cec3b60f00102030405060708090a/";
    private static readonly DateTimeOffset Time = new(2026, 3, 14, 15, 9, 26, 535, TimeSpan.Zero);
    private readonly TimelineNames names = new("app", Segments.Lineage);

    [Fact]
    public void Names_AreThoseOfTheSpecification()
    {
        Assert.Equal($"{Directory}j-0000000000000005", names.Journal(5).Value);
        Assert.Equal(
            $"{Directory}r-0000000000000005-00000000000000ff-019cece52687",
            names.RollUp(5, 255, Time.AddMicroseconds(999)).Value
        );
        Assert.Equal($"{Directory}b-0000000000000005-0000000000000007-019cece52687", names.Base(5, 7, Time).Value);
        Assert.Equal(
            $"{Directory}d2-0000000000000005-0000000000000007-0000000000000009-019cece52687",
            names.Delta(2, 5, 7, 9, Time).Value
        );
        Assert.Equal($"{Directory}c-0000000000000007-0000000000000009-019cece52687", names.Closing(7, 9, Time).Value);
        Assert.Equal(
            $"{Directory}point-0000000000000007-019cece52687-before-drop-table",
            names.Point(7, Time, "  before „DROP table“! ").Value
        );
        Assert.Equal(
            $"{Directory}b-0000000000000005.0123456789abcdef.p0001",
            names.BasePart(5, Segments.Salt, 1).Value
        );
        Assert.Equal(names.BasePart(5, Segments.Salt, 1), TimelineNames.Part(names.Base(5, 7, Time), Segments.Salt, 1));
        Assert.Equal(
            $"{Directory}d2-0000000000000005-0000000000000007.0123456789abcdef.p0001",
            TimelineNames.Part(names.Delta(2, 5, 7, 9, Time), Segments.Salt, 1).Value
        );
        Assert.Equal(
            $"{Directory}c-0000000000000007-0000000000000009-019cece52687.0123456789abcdef.p0001",
            TimelineNames.Part(names.Closing(7, 9, Time), Segments.Salt, 1).Value
        );
        Assert.Equal(
            $"{Directory}j-0000000000000005.0123456789abcdef.p12345",
            TimelineNames.Part(names.Journal(5), Segments.Salt, 12_345).Value
        );
    }

    [Fact]
    public void TryParse_OfEachName_GivesWhatItWasMadeOf()
    {
        Assert.Equal(new TimelineName { Object = TimelineObject.Journal, First = 5 }, Parse(names.Journal(5)));
        var rollUp = new TimelineName
        {
            Object = TimelineObject.RollUp,
            First = 5,
            Last = 1L << 62,
            Time = Time,
        };
        Assert.Equal(rollUp, Parse(names.RollUp(5, 1L << 62, Time.AddMicroseconds(1))));
        Assert.Equal(rollUp with { Object = TimelineObject.Base, Settled = 5 }, Parse(names.Base(5, 1L << 62, Time)));
        Assert.Equal(
            rollUp with
            {
                Object = TimelineObject.Closing,
                Settled = 5,
            },
            Parse(names.Closing(5, 1L << 62, Time))
        );
        Assert.Equal(
            rollUp with
            {
                Object = TimelineObject.Delta,
                Level = 200,
                Settled = 6,
            },
            Parse(names.Delta(200, 5, 6, 1L << 62, Time))
        );
        var point = Parse(names.Point(9, Time, "a b"));
        Assert.Equal(
            new TimelineName
            {
                Object = TimelineObject.Point,
                Last = 9,
                Time = Time,
                Slug = "a-b",
            },
            point
        );
        var part = Parse(names.BasePart(5, Segments.Salt, 1));
        Assert.Equal(
            (TimelineObject.Part, "b-0000000000000005", Segments.Salt, 1),
            (part.Object, part.Stem, part.Salt, part.Number)
        );
    }

    [Theory]
    [InlineData("timeline/app/019cec3b60f00102030405060708090a")]
    [InlineData("timeline/app/019CEC3B60F00102030405060708090A/j-0000000000000005")]
    [InlineData("timeline/app/019cec3b60f00102030405060708090a/sub/j-0000000000000005")]
    [InlineData("timeline/app/j-0000000000000005")]
    [InlineData("timeline/other/019cec3b60f00102030405060708090a/j-0000000000000005")]
    [InlineData(Directory + "j-000000000000005")]
    [InlineData(Directory + "j-000000000000000A")]
    [InlineData(Directory + "j-8000000000000000")]
    [InlineData(Directory + "j-4000000000000001")]
    [InlineData(Directory + "j--000000000000005")]
    [InlineData(Directory + "r-0000000000000005-0000000000000004-019cece52687")]
    [InlineData(Directory + "r-0000000000000005-0000000000000006-ffffffffffff")]
    [InlineData(Directory + "d1-0000000000000005-0000000000000006-019cece52687")]
    [InlineData(Directory + "d256-0000000000000005-0000000000000006-0000000000000007-019cece52687")]
    [InlineData(Directory + "d-0000000000000005-0000000000000006-0000000000000007-019cece52687")]
    [InlineData(Directory + "d1-0000000000000005-0000000000000004-0000000000000007-019cece52687")]
    [InlineData(Directory + "d1-0000000000000005-0000000000000006-0000000000000005-019cece52687")]
    [InlineData(Directory + "c-0000000000000005-0000000000000004-019cece52687")]
    [InlineData(Directory + "x-0000000000000005-0000000000000006-019cece52687")]
    [InlineData(Directory + "j-0000000000000005.0123456789abcdef.p0")]
    [InlineData(Directory + "j-0000000000000005.0123456789abcdef.q1")]
    [InlineData(Directory + "j-0000000000000005.holdfast-tmp")]
    [InlineData(Directory + ".")]
    [InlineData(Directory + "README")]
    public void TryParse_OfAForeignName_IsFalse(string name) =>
        Assert.False(ObjectKey.IsValid(name) && TimelineNames.TryParse(new ObjectKey(name), "app", out _, out _));

    private static TimelineName Parse(ObjectKey key)
    {
        Assert.True(TimelineNames.TryParse(key, "app", out var lineage, out var name));
        Assert.Equal(Segments.Lineage, lineage);
        return name;
    }
}
