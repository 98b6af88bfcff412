using Holdfast.Core.Timeline;
using Holdfast.Core.Timeline.Spool;

namespace Holdfast.Core.Tests.Timeline.Spool;

public sealed class ChangesTests
{
    [Fact]
    public void ChangesOf_Commits_TellsTheNewestThatChangedEachPage()
    {
        using var place = new LogPlace();
        place.Begin();
        place.CommitMany(40);

        AssertChanges(place, since: 1);
    }

    [Fact]
    public void ChangesOf_AfterARestart_IsTheSame()
    {
        for (var seed = 1; seed < 20; seed++)
        {
            using var place = new LogPlace(seed, file: 4_000);
            place.Begin();
            place.CommitMany(20);
            if (seed % 3 == 0)
            {
                place.Log.Flush();
            }

            _ = seed % 2 == 0 ? place.Reopen() : place.ReopenKilled();
            AssertChanges(place, since: 1);
            place.CommitMany(20);
            _ = place.ReopenKilled();
            AssertChanges(place, since: 1);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ChangesOf_TheTableIsLost_KnowsWhatComesAfter(bool wholly)
    {
        using var place = new LogPlace();
        place.Begin();
        place.CommitMany(10);
        place.Close();
        var path = Path.Combine(place.Directory, "changes");
        if (wholly)
        {
            File.Delete(path);
        }
        else
        {
            File.WriteAllBytes(path, File.ReadAllBytes(path)[..1024]);
        }

        _ = place.Reopen();
        Assert.Equal(11, place.Spool.ChangesSince);
        place.CommitMany(10);
        AssertChanges(place, since: 11);
        _ = place.ReopenKilled();
        AssertChanges(place, since: 11);
    }

    [Fact]
    public void ReadNet_AnyRange_TellsTheNewestContentOfWhatChanged()
    {
        for (var seed = 1; seed < 10; seed++)
        {
            var random = new Random(seed);
            using var place = new LogPlace(seed, file: 6_000);
            place.Begin();
            place.CommitMany(40);
            for (var round = 0; round < 20; round++)
            {
                var first = random.Next(2, 41);
                var last = random.Next(first, 42);
                var told = new CollectingVisitor();
                Assert.True(place.Spool.ReadNet(first, last, told, default));
                var (commit, pages) = (Assert.Single(told.Commits), told.Pages[last]);
                Assert.Equal(place.Database.Commits[last - 1] with { PageCount = pages.Count }, commit);
                Assert.Equal(ChangedIn(place, first, last).Order(), pages.Keys.Order());
                var database = place.Database.After(last);
                Assert.All(pages, page => Assert.Equal(database[(int)page.Key - 1], page.Value));
            }
        }
    }

    [Fact]
    public void ReadNet_CommitsAreGone_TellsNothing()
    {
        using var place = new LogPlace(file: 4_000);
        place.Begin();
        place.CommitMany(40);
        place.Spool.SetProgress("vault", new TargetProgress { Stored = 30, Released = 30 });
        Assert.True(place.Spool.Oldest > 2);
        var told = new CollectingVisitor();

        Assert.False(place.Spool.ReadNet(2, 40, told, default));
        Assert.False(place.Spool.ReadNet(40, 50, told, default));
        Assert.Empty(told.Commits);
    }

    private static void AssertChanges(LogPlace place, long since)
    {
        Assert.Equal(since, place.Spool.ChangesSince);
        var found = new long[place.Database.Size + 3];
        place.Spool.ChangesOf(1, found);
        for (uint page = 1; page <= place.Database.Size; page++)
        {
            var expected = 0L;
            for (var commit = since + 1; commit <= place.Database.Commits.Count; commit++)
            {
                expected = place.Database.ChangesOf(commit).ContainsKey(page) ? commit : expected;
            }

            Assert.Equal(expected, found[page - 1] > since ? found[page - 1] : 0);
        }

        Assert.All(found[(int)place.Database.Size..], commit => Assert.Equal(0, commit));
    }

    private static HashSet<uint> ChangedIn(LogPlace place, int first, int last)
    {
        var pages = Enumerable
            .Range(first, last - first + 1)
            .SelectMany(commit => place.Database.ChangesOf(commit).Keys)
            .ToHashSet();
        _ = pages.RemoveWhere(page => page > place.Database.Commits[last - 1].DatabasePages);
        return pages;
    }
}
