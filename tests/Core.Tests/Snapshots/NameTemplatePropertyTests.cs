using FsCheck;
using FsCheck.Fluent;
using Holdfast.Core.Snapshots;
using Holdfast.Core.Stores;

namespace Holdfast.Core.Tests.Snapshots;

public class NameTemplatePropertyTests
{
    private static readonly string[] Times =
    [
        "{unix}",
        "{time:yyyy-MM-dd}",
        "{time:yyyyMMdd-HHmmss}",
        "{time:yyyy-MM-ddTHHmmss.fffZ}",
        "{time:ss_mm_HH_dd_MM_yyyy}",
        "{local:yyyyMMdd-HHmmss}",
        "{local:yyyyMMddHHmmssfff}",
    ];

    private static readonly string[] Shapes =
    [
        "{0}",
        "{0}.db",
        "copies/{0}/copy.db",
        "{{database}}-{0}.db",
        "{{database}}/{0}-{{reason}}.db",
        "{{reason}}-{0}.db",
        "{{reason}}_{0}_{{database}}",
        "{0}-{{id}}-{{reason}}.tar.db",
        "x.{{id}}.{0}-v.{{database}}",
    ];

    [Fact]
    public void Match_OfWhatWasRendered_GivesItBack() => Properties.Hold(Cases, _ => [], Check, tests: 2000);

    [Fact]
    public void Match_OfAnyName_DoesNotThrow()
    {
        var templates = Times.SelectMany(time =>
            Shapes.Select(shape =>
                NameTemplate.Parse(Format(shape, time), null, TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"))
            )
        );
        var all = templates.ToList();
        var names = Gen.ListOf(Gen.Elements("0123456789-_.TZabcx/ ٢é".ToCharArray())).Select(c => new string([.. c]));
        Properties.Hold(
            names.Where(ObjectKey.IsValid),
            _ => [],
            name => all.ForEach(template => template.Match(new ObjectKey(name)))
        );
    }

    [Fact]
    public void Match_OfALongHostileName_EndsSoon()
    {
        var template = NameTemplate.Parse("{database}-{reason}-{unix}.db", null, TimeZoneInfo.Utc);
        foreach (var piece in (string[])["a-", "1773500966-", "-", "a-1773500966-2.db-"])
        {
            var name = string.Concat(Enumerable.Repeat(piece, 880 / piece.Length));
            Assert.Null(template.Match(new ObjectKey(name + ".dbx")));
        }
    }

    private static Gen<Case> Cases =>
        from time in Gen.Elements(Times)
        from shape in Gen.Elements(Shapes)
        from database in Gen.Elements("app", "my.app", "a-b", "app-2", "2026", "x_y", "[a]", "a b")
        from day in Gen.Choose(0, 80_000)
        from millisecond in Gen.Choose(0, 86_399_999)
        from reason in Gen.Elements(null, "alembic", "Drop: 5 tables", "-2", "2026", "x-2026-01-01", "a.gz", "0a1b2c3d")
        from id in Gen.Elements("00000000", "12345678", "abcdef01", "9e9e9e9e")
        from sequence in Gen.Elements(1, 2, 9, 10, 99, 100, 999)
        from extension in Gen.Elements("", ".gz", ".zst")
        select new Case(
            Format(shape, time),
            database,
            new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero).AddDays(day).AddMilliseconds(millisecond),
            reason,
            id,
            sequence,
            extension
        );

    private static string Format(string shape, string time) =>
        shape
            .Replace("{0}", time, StringComparison.Ordinal)
            .Replace("{{", "{", StringComparison.Ordinal)
            .Replace("}}", "}", StringComparison.Ordinal);

    private static void Check(Case @case)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");
        var template = NameTemplate.Parse(@case.Template, @case.Database, zone);
        var key = template.Render(@case.Time, @case.Reason, @case.Id, @case.Sequence, @case.Extension);
        var name = template.Match(key);
        Assert.NotNull(name);
        Assert.Equal(@case.Database, name.Database);
        AssertTime(@case, name);
        Assert.Equal(@case.Extension, Holdfast.Core.Codecs.CompressionCodec.Extension(name.Compression));
        if (@case.Template.Contains("{id}", StringComparison.Ordinal))
        {
            Assert.Equal(@case.Id, name.Id);
        }

        // A reason that itself ends in a number looks like the number of a second copy; the manifest knows it whole.
        var reason = NameTemplate.Slug(@case.Reason);
        if (!char.IsAsciiDigit(reason[^1]))
        {
            Assert.Equal(@case.Sequence, name.Sequence);
            Assert.Equal(@case.Template.Contains("{reason}", StringComparison.Ordinal) ? reason : null, name.Reason);
        }
    }

    private static void AssertTime(Case @case, SnapshotName name)
    {
        var unit =
            @case.Template.Contains("fff", StringComparison.Ordinal) ? TimeSpan.FromMilliseconds(1)
            : @case.Template.Contains("ss", StringComparison.Ordinal)
            || @case.Template.Contains("unix", StringComparison.Ordinal)
                ? TimeSpan.FromSeconds(1)
            : TimeSpan.FromDays(1);
        var late = @case.Time - name.Time;
        Assert.InRange(late, TimeSpan.Zero, name.IsTimeAmbiguous ? unit + TimeSpan.FromHours(1) : unit);
    }

    private sealed record Case(
        string Template,
        string Database,
        DateTimeOffset Time,
        string? Reason,
        string Id,
        int Sequence,
        string Extension
    );
}
