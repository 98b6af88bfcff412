using Holdfast.Core.Stores;
using Holdfast.Core.Timeline;
using Holdfast.Core.Timeline.History;
using Holdfast.Core.Timeline.Restore;
using Holdfast.Stores.Directories;
using Holdfast.Testing;

namespace Holdfast.Core.Tests.Timeline.Restore;

public class TimelineHistoryTests
{
    private readonly History history = new(11, 512, 40);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Commits_OfBaseRollUpsAndJournals_AreEachToldOnce(bool newestFirst)
    {
        using var vault = new Vault(history);
        await vault.BaseAsync(1, 1);
        await vault.JournalAsync(2, 9);
        await vault.JournalAsync(10, 20);
        await vault.RollUpAsync(2, 20);
        await vault.JournalAsync(21, 33);
        await vault.JournalAsync(34, 40);

        var items = await ReadAsync(vault, new HistoryRange { NewestFirst = newestFirst });

        var numbers = items.Cast<CommitEntry>().Select(c => c.Number);
        Assert.Equal(
            newestFirst ? Enumerable.Range(1, 40).Reverse() : Enumerable.Range(1, 40),
            numbers.Select(n => (int)n)
        );
        Assert.All(
            items.Cast<CommitEntry>(),
            commit =>
            {
                var was = history.Commits[(int)commit.Number - 1].Info;
                Assert.Equal((was.Time, was.DatabasePages, 512), (commit.Time, commit.DatabasePages, commit.PageSize));
                Assert.Equal(commit.Number == 1 ? null : was.PageCount, commit.Pages);
                Assert.True(commit.IsRestorable);
            }
        );
    }

    [Fact]
    public async Task ABaseAlone_IsOneCommit()
    {
        using var vault = new Vault(history);
        await vault.BaseAsync(1, 1);
        Assert.Equal(1, Assert.IsType<CommitEntry>(Assert.Single(await ReadAsync(vault, new HistoryRange()))).Number);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Gaps_OfEachKind_AreToldWithTheirReason(bool newestFirst)
    {
        using var vault = new Vault(history);
        await vault.BaseAsync(2, 4);
        await vault.RollUpAsync(3, 6);
        await vault.BaseAsync(8, 8);
        await vault.JournalAsync(12, 15);
        var missing = await vault.JournalAsync(16, 19);
        await vault.JournalAsync(20, 25);
        var damaged = await vault.JournalAsync(26, 29);
        await vault.JournalAsync(30, 33);
        var newest = await vault.JournalAsync(34, 40);
        var catalogue = await vault.ListAsync();
        await vault.DeleteAsync(missing);
        vault.Damage(damaged, -80);
        vault.Damage(newest, -80);

        var items = await ReadAsync(vault, new HistoryRange { NewestFirst = newestFirst }, catalogue);

        string[] expected =
        [
            "3 no",
            "4..6",
            "gap 7..7 NotStored",
            "8..8",
            "gap 9..11 NotStored",
            "12..15 no",
            "gap 16..19 Missing",
            "20..25 no",
            "gap 26..29 Damaged",
            "30..33 no",
            "gap 34.. Damaged",
        ];
        Assert.Equal(expected, Told(newestFirst ? items.Reverse() : items));
        var gaps = items.OfType<GapEntry>().OrderBy(g => g.First).ToList();
        Assert.Null(gaps[0].Detail);
        Assert.Contains(missing.Value, gaps[2].Detail, StringComparison.Ordinal);
        Assert.Contains(damaged.Value, gaps[3].Detail, StringComparison.Ordinal);
        Assert.Contains(newest.Value, gaps[4].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ALostRollUp_IsReadFromTheJournalsBesideIt()
    {
        using var vault = new Vault(history);
        await vault.JournalAsync(1, 5);
        await vault.JournalAsync(6, 20);
        var rollUp = await vault.RollUpAsync(1, 20);
        vault.Damage(rollUp, -80);

        var items = await ReadAsync(vault, new HistoryRange());

        Assert.Equal(20, items.OfType<CommitEntry>().Count());
        Assert.Empty(items.OfType<GapEntry>());
    }

    [Fact]
    public async Task CondensedCommits_TellWhatTheyStandFor()
    {
        using var vault = new Vault(history)
        {
            GivenUp = new HashSet<long> { 4, 5, 6 },
        };
        await vault.JournalAsync(1, 9);

        var commits = (await ReadAsync(vault, new HistoryRange { NewestFirst = false })).Cast<CommitEntry>().ToList();

        Assert.Equal([1, 2, 3, 7, 8, 9], commits.Select(c => c.Number));
        Assert.Equal([1, 2, 3, 4, 8, 9], commits.Select(c => c.First));
        Assert.Equal(CommitFlags.Condensed, commits[3].Flags);
    }

    [Fact]
    public async Task AnyRange_OfNumbersAndTimes_IsWhatAFilterGives()
    {
        using var vault = new Vault(history);
        await vault.BaseAsync(1, 1);
        await vault.RollUpAsync(2, 9);
        await vault.RollUpAsync(10, 17);
        await vault.JournalAsync(22, 28);
        await vault.JournalAsync(29, 29);
        await vault.JournalAsync(30, 40);
        var all = (await ReadAsync(vault, new HistoryRange())).OfType<CommitEntry>().ToList();
        Assert.Equal(36, all.Count);
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var round = 0; round < 200; round++)
        {
            var range = new HistoryRange
            {
                First = random.Next(3) == 0 ? random.Next(1, 45) : 1,
                Last = random.Next(3) == 0 ? random.Next(1, 45) : long.MaxValue,
                Since = random.Next(2) == 0 ? Moment(random) : null,
                Until = random.Next(2) == 0 ? Moment(random) : null,
                NewestFirst = random.Next(2) == 0,
            };
            var expected = all.Where(c => c.Number >= range.First && c.Number <= range.Last)
                .Where(c => !(c.Time < range.Since) && !(c.Time > range.Until))
                .Select(c => c.Number);

            var found = (await ReadAsync(vault, range)).OfType<CommitEntry>().Select(c => c.Number).ToList();

            Assert.True(
                found.SequenceEqual(range.NewestFirst ? expected : expected.Reverse()),
                $"seed {seed}, round {round}: {range}: {string.Join(' ', found)}"
            );
        }
    }

    [Fact]
    public async Task WhoStopsEarly_HasReadOnlyTheIndexesThatWereNeeded()
    {
        using var vault = new Vault(history);
        await vault.BaseAsync(1, 1);
        for (var first = 2; first <= 40; first++)
        {
            await vault.RollUpAsync(first, first);
        }

        var catalogue = await vault.ListAsync();
        var before = Reads(vault);
        await foreach (
            var item in new TimelineHistory(catalogue).ReadAsync(
                catalogue.Lineages[0],
                new HistoryRange { Until = history.Commits[29].Info.Time },
                CancellationToken.None
            )
        )
        {
            if (item is CommitEntry { Number: 27 })
            {
                break;
            }
        }

        Assert.InRange(Reads(vault) - before, 4, 6);
    }

    [Fact]
    public async Task Databases_AreFoundWithOneListingEach()
    {
        using var scratch = new ScratchDirectory();
        using var store = new FaultInjectingStore(new DirectoryStore(scratch.Path, createRoot: true));
        foreach (var name in (string[])["t", "t-a", "t-b c", "t.x", "tä", "u"])
        {
            foreach (var commit in (int[])[1, 2, 3])
            {
                await store.PutAsync($"timeline/{name}/0000019cec3b60f00102030405060708/j-{commit:x16}", [1]);
            }
        }

        await store.PutAsync("timeline/foreign/readme.txt", [1]);

        Assert.Equal(
            ["t", "t-a", "t-b c", "t.x", "tä", "u"],
            await TimelineCatalogue.DatabasesAsync(store, "", default)
        );
        Assert.Equal(["t-a", "t-b c"], await TimelineCatalogue.DatabasesAsync(store, "t-", default));
    }

    private static int Reads(Vault vault) => vault.Store.Calls.Count(c => c.Operation == StoreOperation.OpenRead);

    private DateTimeOffset Moment(Random random) =>
        history.Commits[random.Next(40)].Info.Time.AddMicroseconds(random.Next(-1, 2));

    private static async Task<IReadOnlyList<HistoryEntry>> ReadAsync(
        Vault vault,
        HistoryRange range,
        TimelineCatalogue? catalogue = null
    )
    {
        catalogue ??= await vault.ListAsync();
        var items = new List<HistoryEntry>();
        await foreach (
            var item in new TimelineHistory(catalogue).ReadAsync(catalogue.Lineages[0], range, CancellationToken.None)
        )
        {
            items.Add(item);
        }

        return items;
    }

    // Runs of commits that are alike, and gaps.
    private static List<string> Told(IEnumerable<HistoryEntry> oldestFirst)
    {
        var told = new List<string>();
        CommitEntry? first = null;
        CommitEntry? last = null;
        foreach (var item in oldestFirst.Append(null))
        {
            if (item is CommitEntry commit && first is not null && commit.IsRestorable == first.IsRestorable)
            {
                last = commit;
                continue;
            }

            if (first is not null)
            {
                var no = first.IsRestorable ? "" : " no";
                told.Add(
                    first == last && !first.IsRestorable ? $"{first.Number}{no}" : $"{first.Number}..{last!.Number}{no}"
                );
            }

            (first, last) = (item as CommitEntry, item as CommitEntry);
            if (item is GapEntry gap)
            {
                told.Add($"gap {gap.First}..{gap.Last} {gap.Reason}");
            }
        }

        return told;
    }
}
