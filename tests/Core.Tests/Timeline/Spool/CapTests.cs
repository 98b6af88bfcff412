using Holdfast.Core.Errors;
using Holdfast.Core.Timeline;
using Holdfast.Core.Timeline.Spool;
using Holdfast.Testing;

namespace Holdfast.Core.Tests.Timeline.Spool;

public sealed class CapTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Commits_BeyondTheCap_KeepTheNetChange(int seed)
    {
        using var place = new LogPlace(seed, cap: 120_000, file: 12_000);
        place.Begin(30);
        var basePages = place.Database.After(1);
        for (var round = 0; round < 10; round++)
        {
            place.CommitMany(60);
            Assert.True(place.Log.Bytes <= 120_000, $"{place.Log.Bytes}");
            AssertNetChange(place, basePages);
        }

        var gap = place.Log.GivenUp[^1];
        Assert.True(gap.NetChangeKept);
        Assert.Equal(2, gap.First);
        Assert.Equal(place.Log.Lineage, gap.Lineage);

        place.ReopenKilled();

        Assert.Null(place.Log.Lost);
        Assert.Equal(gap, place.Log.GivenUp[^1]);
        AssertNetChange(place, basePages);
        Assert.Equal(place.Database.Commits[^1], place.Log.Tip);
    }

    [Fact]
    public void Commits_NetChangeBeyondTheCap_AreDroppedAndSaidToBe()
    {
        using var place = new LogPlace(cap: 60_000, file: 10_000);
        place.Begin(400);
        for (uint page = 1; page <= 400; page++)
        {
            _ = place.Database.Commit(place.Log, 400, [page]);
            Assert.True(place.Log.Bytes <= 60_000);
        }

        var gap = place.Log.GivenUp.Last(gap => !gap.NetChangeKept);
        Assert.Equal(gap.Last + 1, place.Spool.Oldest);
        place.AssertSpool(place.Spool, 401);
        place.ReopenKilled();
        Assert.Equal(gap.Last + 1, place.Spool.Oldest);
        place.AssertSpool(place.Spool, 401);
    }

    [Fact]
    public void Commits_BeyondASmallCap_KeepToItWhateverTheSizeOfFiles()
    {
        using var place = new LogPlace(cap: 120_000);
        place.Begin(30);
        for (var round = 0; round < 20; round++)
        {
            place.CommitMany(30);
            Assert.True(place.Log.Bytes <= 120_000, $"{place.Log.Bytes}");
        }

        Assert.NotEmpty(place.Log.GivenUp);
    }

    [Fact]
    public void Release_ByAllTargets_FreesTheDisk()
    {
        using var place = new LogPlace(file: 10_000, targets: ["one", "two"]);
        place.Begin();
        place.CommitMany(100);
        var spool = place.Spool;
        var before = place.SpoolFiles().Count;

        Release(spool, "one", 101);
        Assert.Equal(before, place.SpoolFiles().Count);
        Release(spool, "two", 60);

        Assert.InRange(spool.Oldest, 40, 61);
        Assert.True(place.SpoolFiles().Count < before);
        place.AssertSpool(spool, 101);
        Assert.Equal(60, spool.ProgressOf("two").Released);
        place.Reopen();
        Assert.Equal(60, place.Spool.ProgressOf("two").Released);
        Assert.Equal(101, place.Spool.ProgressOf("one").Released);
        place.AssertSpool(place.Spool, 101);
    }

    [Fact]
    public void Reopen_KilledWithinAMerge_LeavesNoCommitTwice()
    {
        using var place = new LogPlace(cap: 120_000, file: 12_000);
        place.Begin(30);
        var basePages = place.Database.After(1);
        while (place.Log.GivenUp.Count == 0)
        {
            var files = place.SpoolFiles().ToDictionary(path => path, File.ReadAllBytes, StringComparer.Ordinal);
            place.CommitMany(1);
            if (place.Log.GivenUp.Count > 0)
            {
                // As if the process had been killed before the merged files were removed.
                foreach (var (path, bytes) in files.Where(file => !File.Exists(file.Key)))
                {
                    File.WriteAllBytes(path, bytes);
                }
            }
        }

        place.ReopenKilled();

        Assert.Null(place.Log.Lost);
        AssertNetChange(place, basePages);
    }

    [Fact]
    public void EndCommit_DiskIsFull_SaysSoAndStandsAtTheCommitBefore()
    {
        using var scratch = new ScratchDirectory();
        using var disk = SmallDisk.Mount(scratch["disk"], "size=1m");
        var options = new TimelineLogOptions
        {
            Directory = scratch["disk/log"],
            Database = "app.db",
            Targets = ["vault"],
            FileBytes = 200_000,
        };
        var database = new ModelDatabase(1, pageSize: 4096);
        using (var log = TimelineLog.Open(options, new ManualClock()))
        {
            _ = database.Begin(log, 30);
            void CommitForEver()
            {
                while (true)
                {
                    _ = database.Commit(log, 30, [1, 2, 3, 4, 5]);
                }
            }

            var error = Assert.Throws<HoldfastException>(CommitForEver);

            Assert.Contains("make room", error.Hint, StringComparison.Ordinal);
            Assert.Equal(database.Commits[^1], log.Tip);
            Assert.Throws<HoldfastException>(() => database.Commit(log, 30, [1, 2, 3, 4, 5]));
            Assert.Equal(database.Commits[^1], log.Tip);

            // Room again: it goes on as if nothing had been.
            Release(log.All[0], "vault", log.Tip.Number);
            database.RewindTo(log.Tip.Number);
            _ = database.Commit(log, 30, [7, 8]);
        }

        using var again = TimelineLog.Open(options, new ManualClock());
        Assert.Null(again.Lost);
        Assert.Equal(database.Commits[^1], again.Tip);
        Assert.Equal(ModelDatabase.HashOf(database.After(database.Commits.Count)), again.Tip.Hash);
    }

    private static void AssertNetChange(LogPlace place, List<byte[]> pages)
    {
        pages = [.. pages];
        var visitor = new CollectingVisitor();
        Assert.Equal(2, place.Spool.Oldest);
        place.Spool.Read(2, long.MaxValue - 1, visitor, long.MaxValue, CancellationToken.None);
        foreach (var commit in visitor.Commits)
        {
            var size = (int)commit.DatabasePages;
            while (pages.Count < size)
            {
                pages.Add([]);
            }

            pages.RemoveRange(size, pages.Count - size);
            foreach (var (page, content) in visitor.Pages[commit.Number])
            {
                pages[(int)page - 1] = content;
            }

            Assert.Equal(ModelDatabase.HashOf(pages), commit.Hash);
            Assert.Equal(place.Database.Commits[(int)commit.Number - 1].Hash, commit.Hash);
        }

        Assert.Equal(place.Database.Commits.Count, visitor.Commits[^1].Number);
    }

    [Fact]
    public void Cap_OnlyWaitingToBeRolledUp_GoesBeforeAnyDetailIsGivenUp()
    {
        using var place = new LogPlace(cap: 120_000, file: 10_000);
        place.Begin();
        for (var round = 0; round < 60; round++)
        {
            place.CommitMany(5);
            place.Spool.SetProgress("vault", new TargetProgress { Stored = place.Log.Tip.Number, Released = 1 });
        }

        Assert.Empty(place.Log.GivenUp);
        Assert.InRange(place.Log.Bytes, 40_000, 120_000);
        Assert.True(place.Spool.Oldest > 2);
        place.AssertSpool(place.Spool, 301);
    }

    [Fact]
    public void SetProgress_KilledOrItsFileDamaged_IsTheLastOneOrNone()
    {
        using var place = new LogPlace();
        place.Begin();
        place.CommitMany(5);
        place.Spool.SetProgress("vault", new TargetProgress { Stored = 5, Note = new string('x', 500) });
        place.Spool.SetProgress(
            "vault",
            new TargetProgress
            {
                Stored = 6,
                Released = 3,
                Note = "a note",
            }
        );

        place.ReopenKilled();
        Assert.Equal(
            new TargetProgress
            {
                Stored = 6,
                Released = 3,
                Note = "a note",
            },
            place.Spool.ProgressOf("vault")
        );

        var path = Assert.Single(Directory.EnumerateFiles(place.LineageDirectory, "target-*"));
        var bytes = File.ReadAllBytes(path);
        bytes[20] ^= 1;
        File.WriteAllBytes(path, bytes);
        place.Reopen();
        Assert.Equal(new TargetProgress(), place.Spool.ProgressOf("vault"));
    }

    private static void Release(ISpool spool, string target, long last) =>
        spool.SetProgress(target, new TargetProgress { Stored = last, Released = last });
}
