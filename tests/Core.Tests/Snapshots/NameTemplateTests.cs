using Holdfast.Core.Errors;
using Holdfast.Core.Snapshots;
using Holdfast.Core.Stores;

namespace Holdfast.Core.Tests.Snapshots;

public class NameTemplateTests
{
    private const string Id = "0a1b2c3d";
    private static readonly DateTimeOffset Pi = new(2026, 3, 14, 15, 9, 26, 535, TimeSpan.Zero);
    private static readonly TimeZoneInfo Berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");

    [Theory]
    [InlineData("cellar-backup-{time:yyyy-MM-dd-HHmmss}.db", ".gz", "cellar-backup-2026-03-14-150926.db.gz")]
    [InlineData("cellar-backup-{time:yyyy-MM-dd-HHmmss}.db", "", "cellar-backup-2026-03-14-150926.db")]
    [InlineData("db-backup-{unix}.db", "", "db-backup-1773500966.db")]
    [InlineData(
        "quartermaster-{local:yyyyMMdd-HHmmss}-{reason}.db",
        "",
        "quartermaster-20260314-160926-before-drop-table.db"
    )]
    [InlineData("{database}/{time:yyyy}/{time:MM}", "", null)]
    [InlineData("{database}/{time:yyyyMMddTHHmmss.fffZ}_{id}", ".zst", "app/20260314T150926.535Z_0a1b2c3d.zst")]
    public void Render_OfAllTokens_GivesTheDocumentedName(string template, string extension, string? expected)
    {
        if (expected is null)
        {
            Assert.Throws<HoldfastException>(() => NameTemplate.Parse(template, "app", Berlin));
            return;
        }

        var name = NameTemplate.Parse(template, "app", Berlin);
        var key = name.Render(Pi, "Before: DROP TABLE!", Id, 1, extension);
        Assert.Equal(expected, key.Value);
        var read = name.Match(key);
        Assert.NotNull(read);
        Assert.Equal("app", read.Database);
        Assert.Equal(1, read.Sequence);
        Assert.Equal(template.Contains("fff", StringComparison.Ordinal) ? Pi : Pi.AddMilliseconds(-535), read.Time);
    }

    [Theory]
    [InlineData("app-{unix}.db", "app-1773500966-2.db.gz")]
    [InlineData("app-{unix}", "app-1773500966-2.gz")]
    [InlineData("app-{unix}.tar.db", "app-1773500966-2.tar.db.gz")]
    [InlineData("{unix}/copy.db", "1773500966/copy-2.db.gz")]
    [InlineData("{unix}-{database}", "1773500966-my.app-2.gz")]
    [InlineData("v1.{time:yyyyMMdd.THHmmss}", "v1.20260314.T150926-2.gz")]
    [InlineData("{unix}-v.{id}", "1773500966-v.0a1b2c3d-2.gz")]
    public void Render_OfASecondCopy_PutsANumberBeforeTheExtension(string template, string expected)
    {
        var name = NameTemplate.Parse(template, "my.app", TimeZoneInfo.Utc);
        var key = name.Render(Pi, "x", Id, 2, ".gz");
        Assert.Equal(expected, key.Value);
        Assert.Equal(2, name.Match(key)!.Sequence);
        Assert.Equal(1, name.Match(name.Render(Pi, "x", Id, 1, ".gz"))!.Sequence);
        Assert.Equal(999, name.Match(name.Render(Pi, "x", Id, 999, ""))!.Sequence);
    }

    [Theory]
    [InlineData(null, "manual")]
    [InlineData("", "manual")]
    [InlineData("!!!", "manual")]
    [InlineData("Alembic", "alembic")]
    [InlineData("  before   v2.0 / drop  ", "before-v2-0-drop")]
    [InlineData("Größe ändern", "gr-e-ndern")]
    [InlineData("../../etc/passwd", "etc-passwd")]
    [InlineData("a\0b\nc", "a-b-c")]
    [InlineData("日本語", "manual")]
    public void Slug_OfAMessyReason_IsSafe(string? reason, string expected) =>
        Assert.Equal(expected, NameTemplate.Slug(reason));

    [Fact]
    public void Slug_OfALongReason_IsShortAndDoesNotEndInADash()
    {
        Assert.Equal(new string('x', 60), NameTemplate.Slug(new string('x', 5000)));
        Assert.Equal(new string('x', 59), NameTemplate.Slug(new string('x', 59) + " y"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("app.db")]
    [InlineData("{database}.db")]
    [InlineData("{unix}-{time:yyyy}.db")]
    [InlineData("{unix}-{unix}.db")]
    [InlineData("{unix}-{id}-{id}")]
    [InlineData("{unix}-{reason}-{reason}")]
    [InlineData("{unix}{id}")]
    [InlineData("{reason}{unix}")]
    [InlineData("{time}.db")]
    [InlineData("{time:}.db")]
    [InlineData("{time:MM-dd}.db")]
    [InlineData("{time:yyyyHH}.db")]
    [InlineData("{time:yyyyMMddmm}.db")]
    [InlineData("{time:yyyyMMMM}.db")]
    [InlineData("{time:yyyyyyyy}.db")]
    [InlineData("{time:yyyyMMdddd}.db")]
    [InlineData("{time:yyyyMMddhhmm}.db")]
    [InlineData("{time:yyyyMMddHHmmss.ff.f}.db")]
    [InlineData("{time:yyyy/MM/dd}.db")]
    [InlineData("{time:yyyy'x'}.db")]
    [InlineData("{time:yyyy\n}.db")]
    [InlineData("{unix:yyyy}.db")]
    [InlineData("{Unix}.db")]
    [InlineData("{unix}{.db")]
    [InlineData("{unix}}.db")]
    [InlineData("{week}-{unix}.db")]
    [InlineData("/var/backups/{unix}.db")]
    [InlineData("../{unix}.db")]
    [InlineData("a//{unix}.db")]
    [InlineData("./{unix}.db")]
    [InlineData("{unix}/")]
    [InlineData("a\\{unix}.db")]
    [InlineData("a\u0007{unix}.db")]
    [InlineData("{unix}.db.gz")]
    [InlineData("{unix}.zst")]
    [InlineData("{unix}.GZ")]
    [InlineData("{unix}.json")]
    [InlineData("{unix}.pin")]
    [InlineData("{unix}.marked")]
    [InlineData("{unix}.verified")]
    [InlineData("{unix}.damaged")]
    public void Parse_OfATemplateThatCannotWork_IsRefused(string template)
    {
        var error = Assert.Throws<HoldfastException>(() => NameTemplate.Parse(template, "app", TimeZoneInfo.Utc));
        Assert.Equal(ErrorCode.Usage, error.Code);
        Assert.NotNull(error.Hint);
    }

    [Fact]
    public void Parse_OfATemplateWhoseNamesAreTooLong_IsRefused()
    {
        var text = new string('x', 880) + "{unix}.db";
        Assert.Throws<HoldfastException>(() => NameTemplate.Parse(text, "app", TimeZoneInfo.Utc));
        Assert.Throws<HoldfastException>(() => NameTemplate.Parse("{database}/{unix}", "..", TimeZoneInfo.Utc));
    }

    [Theory]
    [InlineData("app-20260314-150926.db.gz.part")]
    [InlineData("app-20260314-150926.db.bz2")]
    [InlineData("app-20260314-150926.db.gz.gz")]
    [InlineData("app-20260314-150926.sql")]
    [InlineData("app-20260314-1509260.db")]
    [InlineData("app-20261314-150926.db")]
    [InlineData("app-20260230-150926.db")]
    [InlineData("app-20260314-250926.db")]
    [InlineData("app-00000000-000000.db")]
    [InlineData("app-20260314-150926-0.db")]
    [InlineData("app-20260314-150926-1.db")]
    [InlineData("app-20260314-150926-02.db")]
    [InlineData("app-20260314-150926-1000.db")]
    [InlineData("app-20260314-150926-x.db")]
    [InlineData("app2-20260314-150926.db")]
    [InlineData("my-app-20260314-150926.db")]
    [InlineData("APP-20260314-150926.db")]
    [InlineData("dir/app-20260314-150926.db")]
    [InlineData("app-٢٠٢٦٠٣١٤-150926.db")]
    [InlineData("app-20260314-150926-٢.db")]
    [InlineData("app-20260314-150926Xdb")]
    public void Match_OfANameThatLooksAlike_IsForeign(string name) =>
        Assert.Null(NameTemplate.Parse(Cellar.Template, "app", TimeZoneInfo.Utc).Match(new ObjectKey(name)));

    [Theory]
    [InlineData("db-backup-99999999.db")]
    [InlineData("db-backup-999999999999.db")]
    [InlineData("db-backup-١٧٧٣٥٠٠٩٦٦.db")]
    [InlineData("db-backup--1773500966.db")]
    [InlineData("db-backup-1773500966.5.db")]
    public void Match_OfWhatIsNoUnixTime_IsForeign(string name) =>
        Assert.Null(NameTemplate.Parse("db-backup-{unix}.db", "app", TimeZoneInfo.Utc).Match(new ObjectKey(name)));

    [Theory]
    [InlineData("app-00010101-000000.db")]
    [InlineData("app-99991231-235959.db")]
    public void Match_OfATimeAtTheEdgeOfTheCalendar_IsForeign(string name) =>
        Assert.Null(
            NameTemplate.Parse("{database}-{local:yyyyMMdd-HHmmss}.db", "app", Berlin).Match(new ObjectKey(name))
        );

    [Fact]
    public void Match_OfANameWithoutRoomForItsSidecars_IsForeign()
    {
        var name = $"app-20260314-150926-{new string('x', 870)}.db";
        var template = NameTemplate.Parse("{database}-{time:yyyyMMdd-HHmmss}-{reason}.db", "app", TimeZoneInfo.Utc);
        Assert.Null(template.Match(new ObjectKey(name)));
    }

    [Fact]
    public void Match_InTheHourThatClocksShowTwice_TakesTheEarlierAndSaysSo()
    {
        var template = NameTemplate.Parse("{database}-{local:yyyyMMdd-HHmmss}.db", "app", Berlin);
        var first = new DateTimeOffset(2026, 10, 25, 0, 30, 0, TimeSpan.Zero);
        foreach (var time in (DateTimeOffset[])[first, first.AddHours(1)])
        {
            var key = template.Render(time, null, Id, 1, "");
            Assert.Equal("app-20261025-023000.db", key.Value);
            var name = template.Match(key)!;
            Assert.Equal(first, name.Time);
            Assert.True(name.IsTimeAmbiguous);
        }

        Assert.False(template.Match(template.Render(first.AddHours(2), null, Id, 1, ""))!.IsTimeAmbiguous);
        Assert.False(template.Match(template.Render(first.AddHours(-1), null, Id, 1, ""))!.IsTimeAmbiguous);
    }

    [Fact]
    public void Match_OfATimeThatClocksSkip_StillReadsIt()
    {
        var template = NameTemplate.Parse("{database}-{local:yyyyMMdd-HHmmss}.db", "app", Berlin);
        Assert.NotNull(template.Match(new ObjectKey("app-20260329-023000.db")));
    }

    [Fact]
    public void Match_WithoutADatabase_TellsItsName()
    {
        var templates = KnownTemplates.For(database: null, ".db");
        foreach (
            var (name, database, reason) in (IEnumerable<(string, string, string?)>)
                [
                    ("app-20260314-150926.db.gz", "app", null),
                    ("my-app-2-20260314-150926.db", "my-app-2", null),
                    ("cellar-backup-2026-03-14-150926-2.db", "cellar-backup", null),
                    ("db-backup-1773500966.db.gz", "db-backup", null),
                    ("quartermaster-20260314-150926-alembic.db", "quartermaster", "alembic"),
                ]
        )
        {
            var found = templates.Select(t => t.Match(new ObjectKey(name))).First(n => n is not null)!;
            Assert.Equal((database, reason), (found.Database, found.Reason));
            Assert.Equal(Pi.AddMilliseconds(-535), found.Time);
        }

        Assert.Throws<InvalidOperationException>(() => templates[0].Render(Pi, null, Id, 1, ""));
    }
}
