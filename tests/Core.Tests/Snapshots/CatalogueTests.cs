using Holdfast.Core.Retention;
using Holdfast.Core.Snapshots;
using Holdfast.Core.Stores;

namespace Holdfast.Core.Tests.Snapshots;

public sealed class CatalogueTests : IDisposable
{
    private readonly Cellar cellar = new();

    public void Dispose() => cellar.Dispose();

    [Fact]
    public async Task List_OfAnEmptyTarget_IsEmpty()
    {
        Assert.Empty(await cellar.ListAsync());
        Assert.Empty(await cellar.CatalogueOf(null).ListAsync(default));
    }

    [Fact]
    public async Task List_OfATargetThatIsNotThere_Throws()
    {
        Directory.Delete(cellar[""]);
        var error = await Assert.ThrowsAsync<StoreException>(cellar.ListAsync);
        Assert.Equal(StoreFault.TargetNotFound, error.Fault);
    }

    [Fact]
    public async Task List_ThatFailsMidway_IsNeverAShorterList()
    {
        await cellar.BackupDailyAsync(3);
        foreach (var after in (int[])[0, 1, 5])
        {
            var listed = 0;
            cellar.Store.Before = (operation, _) => Fail(operation == Operation.List && after == 0);
            cellar.Store.After = (operation, _) => Fail(operation == Operation.List && ++listed == after);
            await Assert.ThrowsAsync<StoreException>(cellar.ListAsync);
        }
    }

    [Fact]
    public async Task List_WhenManifestsCannotBeReached_IsNeverAShorterList()
    {
        await cellar.BackupDailyAsync(2);
        cellar.Store.Before = (operation, _) => Fail(operation == Operation.Read);
        await Assert.ThrowsAsync<StoreException>(() => cellar.CatalogueOf(null).ListAsync(default));

        // With a name that fits there is no need to read anything.
        Assert.Equal(2, (await cellar.ListAsync()).Count);
    }

    [Fact]
    public async Task List_BesideTimelines_GoesOnBehindEachLineage()
    {
        var key = await cellar.BackupAsync();
        foreach (var lineage in (string[])["0199a0000000000000000000000000aa", "0199b0000000000000000000000000bb"])
        {
            Directory.CreateDirectory(cellar[$"timeline/cellar/{lineage}"]);
            for (var commit = 1; commit <= 50; commit++)
            {
                File.WriteAllText(cellar[$"timeline/cellar/{lineage}/j-{commit:x16}"], "");
            }
        }

        // Names that only look like those of a timeline.
        foreach (
            var name in (string[])
                [
                    "timeline/zoo-20260314-150926.db",
                    "timeline/cellar/x/zoo-20260314-150926.db",
                    "zoo-20260314-150926.db",
                ]
        )
        {
            Directory.CreateDirectory(Path.GetDirectoryName(cellar[name])!);
            File.WriteAllText(cellar[name], "");
        }

        var listed = 0;
        cellar.Store.After = (operation, _) => listed += operation == Operation.List ? 1 : 0;
        Assert.Equal(key, Assert.Single(await cellar.ListAsync()).Key);
        Assert.InRange(listed, 4, 20);
        Assert.Contains(
            await cellar.CatalogueOf(null).ListAsync(default),
            e => e.Key.Value == "zoo-20260314-150926.db"
        );
    }

    [Fact]
    public async Task List_AmongForeignFiles_SeesOnlyCopies()
    {
        var key = await cellar.BackupAsync();
        var before = cellar.Objects.ToList();
        string[] foreign =
        [
            "README.md",
            "package.json",
            ".json",
            "dir/.pin.json",
            "..json",
            "cellar.db",
            "cellar-20260314.db",
            "other-20260314-150926.db.gz",
            "cellar-20260314-150926.db.gz.part",
            "x.verified.json",
            "dir/cellar-20260314-150926.db.gz",
        ];
        foreach (var name in foreign)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(cellar[name])!);
            File.WriteAllText(cellar[name], "not ours");
        }

        Assert.Equal(key, Assert.Single(await cellar.ListAsync()).Key);
        Assert.Contains(key, (await cellar.CatalogueOf(null).ListAsync(default)).Select(e => e.Key));
        Assert.Equal(before.Concat(foreign).Order(StringComparer.Ordinal), cellar.Objects);
    }

    [Fact]
    public async Task List_OfCopiesWithoutManifest_TakesThemUpAsUnverified()
    {
        File.WriteAllText(cellar["cellar-20260101-000000.db"], "made by hand");
        File.WriteAllText(cellar["cellar-20260102-000000-2.db.gz"], "made by hand");
        var entries = await cellar.ListAsync();
        Assert.Equal([2, 1], entries.Select(e => e.Name.Sequence));
        Assert.All(entries, e => Assert.Equal(CopyState.Unverified, e.State));
        Assert.Equal(12, entries[0].Size);
        Assert.Empty(await cellar.Catalogue.ReadManifestsAsync(entries, default));
    }

    [Fact]
    public async Task List_AfterTheTemplateChanged_ClaimsOldCopiesByTheirManifests()
    {
        var old = await cellar.BackupAsync();
        cellar.Clock.Advance(TimeSpan.FromDays(1));
        cellar.Name = "{database}_{unix}.db";
        var recent = await cellar.BackupAsync();
        Assert.Equal([recent, old], (await cellar.ListAsync()).Select(e => e.Key));
        Assert.Equal(cellar.Clock.Now.AddDays(-1), (await cellar.EntryAsync(old)).Name.Time);

        var ids = (await cellar.CatalogueOf(null).ListAsync(default)).ToDictionary(e => e.Key, e => e.Name.Id);
        Assert.All(await cellar.ListAsync(), e => Assert.Equal(ids[e.Key], e.Name.Id));
        Assert.Empty(await cellar.CatalogueOf("other").ListAsync(default));
    }

    [Fact]
    public async Task List_OfAll_GivesTheSameIdsAndNumbersAsOfOne()
    {
        cellar.Name = "{database}-{time:yyyyMMdd-HHmmss}-{id}.db";
        await cellar.BackupAsync();
        await cellar.BackupAsync();
        cellar.Name = Cellar.Template;
        await cellar.BackupAsync();
        await cellar.BackupAsync();
        cellar.Name = "{database}-{time:yyyyMMdd-HHmmss}-{id}.db";
        var one = (await cellar.ListAsync()).Where(e => e.Name.Id.Length == 8).ToDictionary(e => e.Key, e => e.Name.Id);
        var all = (await cellar.CatalogueOf(null).ListAsync(default)).ToDictionary(e => e.Key, e => e.Name.Id);
        Assert.Equal(one, all);
        Assert.Equal(4, one.Values.Distinct().Count());
    }

    [Fact]
    public async Task List_OfAll_NamesTheDatabaseAsTheManifestDoes()
    {
        cellar.Name = "bottles-{unix}.db";
        await cellar.BackupAsync();
        File.WriteAllText(cellar["bottles-1700000000.db"], "made by hand");
        var entries = await cellar.CatalogueOf(null).ListAsync(default);
        Assert.Equal(["cellar", null], entries.Select(e => e.Name.Database));
    }

    [Fact]
    public async Task List_OfAMissingCopy_ShowsItAsBad()
    {
        var key = await cellar.BackupAsync();
        File.Delete(cellar[key]);
        var entry = Assert.Single(await cellar.ListAsync());
        Assert.True(entry.IsMissing);
        Assert.Equal(CopyState.Bad, entry.State);
    }

    [Fact]
    public async Task List_WithADamagedManifest_StillShowsTheCopy()
    {
        var key = await cellar.BackupAsync();
        File.WriteAllText(cellar[Sidecar.Manifest.For(key)], "{");
        Assert.Equal(key, Assert.Single(await cellar.ListAsync()).Key);
        Assert.Equal(key, Assert.Single(await cellar.CatalogueOf(null).ListAsync(default)).Key);
        Assert.Empty(await cellar.Catalogue.ReadManifestsAsync(await cellar.ListAsync(), default));
    }

    [Fact]
    public async Task List_WithAManifestOfALaterVersion_StillShowsTheCopy()
    {
        var key = await cellar.BackupAsync();
        File.WriteAllText(cellar[Sidecar.Manifest.For(key)], "{\"holdfast\":2}");
        Assert.Equal(key, Assert.Single(await cellar.CatalogueOf(null).ListAsync(default)).Key);
        Assert.Empty(await cellar.Catalogue.ReadManifestsAsync(await cellar.ListAsync(), default));
    }

    [Fact]
    public async Task List_OfAHugeManifest_DoesNotReadItAll()
    {
        await using (var file = File.Create(cellar["foreign.json"]))
        {
            file.SetLength(1L << 40);
        }

        // All of it would take hours, and more memory than there is.
        Assert.Empty(await cellar.ListAsync());
    }

    [Fact]
    public async Task List_OfSeveralCopies_IsNewestFirst()
    {
        string[] names =
        [
            "cellar-20260102-000000-10.db",
            "cellar-20260102-000000-2.db",
            "cellar-20260102-000000.db.gz",
            "cellar-20260101-235959.db",
            "cellar-20251231-000000.db",
        ];
        foreach (var name in names.Reverse())
        {
            File.WriteAllText(cellar[name], "x");
        }

        Assert.Equal(names, (await cellar.ListAsync()).Select(e => e.Key.Value));
    }

    [Fact]
    public async Task List_OfTheHourThatClocksShowTwice_IsNewestFirstByTheManifests()
    {
        cellar.Name = "{database}-{local:yyyyMMdd-HHmmss}.db";
        cellar.Zone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");
        var keys = new List<ObjectKey>();
        foreach (var minutes in (int[])[-20, 30, 45, 75, 100, 140])
        {
            cellar.Clock.Now = new DateTimeOffset(2026, 10, 25, 0, 0, 0, TimeSpan.Zero).AddMinutes(minutes);
            keys.Add(await cellar.BackupAsync());
        }

        var entries = await cellar.ListAsync();
        Assert.Equal(keys.AsEnumerable().Reverse(), entries.Select(e => e.Key));
        Assert.Equal(entries.Select(e => e.Name.Time), entries.Select(e => e.Name.Time).OrderDescending());
    }

    [Fact]
    public async Task ReadManifest_ThatIsOfAnotherObject_IsDamage()
    {
        var keys = await cellar.BackupDailyAsync(2);
        File.Copy(cellar[Sidecar.Manifest.For(keys[0])], cellar[Sidecar.Manifest.For(keys[1])], overwrite: true);
        var entry = await cellar.EntryAsync(keys[1]);
        var error = await Assert.ThrowsAsync<StoreException>(() => cellar.Catalogue.ReadManifestAsync(entry, default));
        Assert.Equal(StoreFault.Damaged, error.Fault);
    }

    private static void Fail(bool now)
    {
        if (now)
        {
            throw HookedStore.Unreachable();
        }
    }
}
