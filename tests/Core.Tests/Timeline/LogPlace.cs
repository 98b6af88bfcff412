using Holdfast.Core.Timeline;
using Holdfast.Core.Timeline.Spool;
using Holdfast.Testing;

namespace Holdfast.Core.Tests.Timeline;

/// <summary>A log in a directory of its own, that can be closed, harmed and opened again.</summary>
internal sealed class LogPlace : IDisposable
{
    private readonly ScratchDirectory scratch = new();

    public LogPlace(
        int seed = 1,
        long cap = 1L << 30,
        long file = 32L << 20,
        int pageSize = 512,
        params string[] targets
    )
    {
        Options = new TimelineLogOptions
        {
            Directory = scratch["log"],
            Database = "app.db",
            Targets = targets.Length == 0 ? ["vault"] : targets,
            CapBytes = cap,
            FileBytes = file,
        };
        Database = new ModelDatabase(seed, pageSize);
        Log = TimelineLog.Open(Options, Clock);
    }

    public TimelineLogOptions Options { get; }

    public ManualClock Clock { get; } = new();

    public ModelDatabase Database { get; }

    public TimelineLog Log { get; private set; }

    public ISpool Spool => Log.All[0];

    public string Directory => Options.Directory;

    public string LineageDirectory => Path.Combine(Directory, Log.Lineage!.Value.ToString());

    public void Begin(uint size = 20) => _ = Database.Begin(Log, size);

    public void CommitMany(int count, int most = 6)
    {
        for (var number = 0; number < count; number++)
        {
            Clock.Advance(TimeSpan.FromMilliseconds(7));
            _ = Database.CommitAtRandom(Log, most);
        }
    }

    public void Close() => Log.Dispose();

    public TimelineLog Reopen()
    {
        Log.Dispose();
        return Log = TimelineLog.Open(Options, Clock);
    }

    /// <summary>
    /// Puts the directory aside as it is now, as if the process were killed at this moment; opening the log again goes on
    /// from there.
    /// </summary>
    public TimelineLog ReopenKilled()
    {
        var copy = CopyOfDirectory();
        Log.Dispose();
        System.IO.Directory.Delete(Directory, recursive: true);
        System.IO.Directory.Move(copy, Directory);
        return Log = TimelineLog.Open(Options, Clock);
    }

    public string CopyOfDirectory()
    {
        var copy = scratch[$"copy-{Guid.NewGuid():N}"];
        foreach (var path in System.IO.Directory.EnumerateFiles(Directory, "*", SearchOption.AllDirectories))
        {
            var to = Path.Combine(copy, Path.GetRelativePath(Directory, path));
            System.IO.Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            if (!path.EndsWith(".lock", StringComparison.Ordinal))
            {
                File.Copy(path, to);
            }
        }

        return copy;
    }

    public List<string> SpoolFiles() =>
        [.. System.IO.Directory.EnumerateFiles(LineageDirectory, "spool-*").Order(StringComparer.Ordinal)];

    /// <summary>The log says what the model knows: tip, hash, position, every page, every commit in the spool.</summary>
    public void AssertOneStory(long? tip = null)
    {
        var last = tip ?? Database.Commits.Count;
        var commit = Database.Commits[(int)last - 1];
        Assert.Equal(commit, Log.Tip);
        var pages = Database.After(last);
        Assert.Equal(ModelDatabase.HashOf(pages), Log.Tip.Hash);
        AssertPages(pages);
        Assert.Equal(ModelDatabase.PositionAfter(last), Log.Position);
        AssertSpool(Spool, last);
    }

    public void AssertSpool(ISpool spool, long last)
    {
        Assert.Equal(last, spool.Newest.Number);
        var visitor = new CollectingVisitor();
        spool.Read(spool.Oldest, last, visitor, long.MaxValue, CancellationToken.None);
        Assert.Equal(
            Database.Commits.Skip((int)spool.Oldest - 1).Take((int)(last - spool.Oldest + 1)),
            visitor.Commits
        );
        for (var number = spool.Oldest; number <= last; number++)
        {
            Assert.Equal(Database.ChangesOf(number).OrderBy(page => page.Key), visitor.Pages[number]);
        }
    }

    public void Dispose()
    {
        Log.Dispose();
        scratch.Dispose();
    }

    private void AssertPages(List<byte[]> pages)
    {
        var buffer = new byte[PageHash.PrefixLength + Database.PageSize];
        for (var page = 0; page < pages.Count; page++)
        {
            pages[page].CopyTo(buffer, PageHash.PrefixLength);
            Assert.False(Log.Differs((uint)page + 1, buffer), $"page {page + 1}");
            buffer[100] ^= 1;
            Assert.True(Log.Differs((uint)page + 1, buffer), $"page {page + 1}");
        }

        Assert.True(Log.Differs((uint)pages.Count + 1, buffer));
    }
}
