using Holdfast.Core.Timeline.Spool;

namespace Holdfast.Core.Tests.Timeline.Spool;

public sealed class SpoolDamageTests
{
    [Fact]
    public void Reopen_TornAtEveryByte_StandsAtTheLastWholeCommit()
    {
        using var place = new LogPlace();
        place.Begin(6);
        place.CommitMany(4, most: 3);
        var file = place.SpoolFiles()[^1];
        var name = Path.GetRelativePath(place.Directory, file);
        var ends = EndsOf(place);
        var copy = place.CopyOfDirectory();
        for (var length = ends[^1] - 1; length >= 0; length -= length > 300 ? 37 : 1)
        {
            var options = place.Options with { Directory = Cut(copy, name, length) };
            using var log = TimelineLog.Open(options, place.Clock);

            var tip = ends.Count(end => end <= length) + 1;
            Assert.Null(log.Lost);
            Assert.Equal(place.Database.Commits[tip - 1], log.Tip);
            Assert.Equal(ModelDatabase.PositionAfter(tip), log.Position);
            log.Dispose();
            Assert.Equal(tip == 1 ? 0 : ends[tip - 2], new FileInfo(Path.Combine(options.Directory, name)).Length);
            Directory.Delete(options.Directory, recursive: true);
        }
    }

    [Fact]
    public void Reopen_EveryBitOfTheLastCommitFlipped_NeverTellsAnotherStory()
    {
        using var place = new LogPlace();
        place.Begin(6);
        place.CommitMany(3, most: 3);
        var name = Path.GetRelativePath(place.Directory, place.SpoolFiles()[^1]);
        var ends = EndsOf(place);
        var copy = place.CopyOfDirectory();
        for (var at = ends[^2]; at < ends[^1]; at += at < ends[^2] + 128 ? 1 : 41)
        {
            var directory = Cut(copy, name, ends[^1]);
            FlipBit(Path.Combine(directory, name), at, (int)at % 8);
            using var log = TimelineLog.Open(place.Options with { Directory = directory }, place.Clock);

            Assert.Equal(place.Database.Commits[2], log.Tip);
            log.Dispose();
            Directory.Delete(directory, recursive: true);
        }
    }

    [Theory]
    [InlineData("state")]
    [InlineData("pages")]
    public void Reopen_FileFlipped_SaysThatTheStateIsLost(string name)
    {
        using var place = new LogPlace();
        place.Begin();
        place.CommitMany(5);
        place.Close();
        FlipBit(Path.Combine(place.Directory, name), 60, 3);

        place.Reopen();

        Assert.Null(place.Log.Lineage);
        Assert.NotNull(place.Log.Lost);
        Assert.Equal(0, place.Log.Tip.Number);

        // What is not stored yet can still be.
        place.AssertSpool(place.Log.All[0], 6);
        Assert.True(place.Log.All[0].Ended);
        _ = new ModelDatabase(5).Begin(place.Log, 9);
        Assert.Equal(2, place.Log.All.Count);
    }

    [Theory]
    [InlineData("state")]
    [InlineData("pages")]
    public void Reopen_FileMissing_HasNoLineage(string name)
    {
        using var place = new LogPlace();
        place.Begin();
        place.CommitMany(5);
        place.Close();
        File.Delete(Path.Combine(place.Directory, name));

        place.Reopen();

        Assert.Null(place.Log.Lineage);
        place.AssertSpool(place.Log.All[0], 6);
    }

    [Fact]
    public void Reopen_SpoolMissing_SaysThatTheStateIsLost()
    {
        using var place = new LogPlace();
        place.Begin();
        place.CommitMany(5);
        var directory = place.LineageDirectory;
        place.Close();
        Directory.Delete(directory, recursive: true);

        place.Reopen();

        Assert.Null(place.Log.Lineage);
        Assert.NotNull(place.Log.Lost);
    }

    [Fact]
    public void Reopen_FileInTheMiddleMissing_SaysThatTheStateIsLost()
    {
        using var place = new LogPlace(file: 10_000);
        place.Begin();
        place.CommitMany(60);
        var files = place.SpoolFiles();
        Assert.True(files.Count > 3);
        place.Close();
        File.Delete(files[1]);

        place.Reopen();

        Assert.Null(place.Log.Lineage);
        Assert.Contains("missing", place.Log.Lost, StringComparison.Ordinal);
    }

    [Fact]
    public void Reopen_TableAsAfterALossOfPower_IsBroughtUpToDate()
    {
        using var place = new LogPlace();
        place.Begin();
        var before = File.ReadAllBytes(Path.Combine(place.Directory, "pages"));
        var state = File.ReadAllBytes(Path.Combine(place.Directory, "state"));
        place.CommitMany(50);
        place.Log.Flush();
        place.Close();

        // The state and an arbitrary mixture of the old and the new table are what reached the disk.
        var now = File.ReadAllBytes(Path.Combine(place.Directory, "pages"));
        for (var at = 0; at < now.Length; at += 16)
        {
            before.AsSpan(at, 8).CopyTo(now.AsSpan(at));
        }

        File.WriteAllBytes(Path.Combine(place.Directory, "pages"), now);
        File.WriteAllBytes(Path.Combine(place.Directory, "state"), state);
        place.Reopen();

        Assert.Null(place.Log.Lost);
        place.AssertOneStory();
    }

    [Fact]
    public void Read_PageFlipped_Throws()
    {
        using var place = new LogPlace();
        place.Begin();
        place.CommitMany(3);
        FlipBit(place.SpoolFiles()[^1], 300, 1);

        var error = Assert.Throws<SpoolDamagedException>(() =>
            place.Spool.Read(2, 4, new CollectingVisitor(), long.MaxValue, CancellationToken.None)
        );

        Assert.Contains("damaged", error.Message, StringComparison.Ordinal);
    }

    private static List<long> EndsOf(LogPlace place)
    {
        var ends = new List<long>();
        using var reader = new EntryReader(place.SpoolFiles()[^1]);
        var length = new FileInfo(place.SpoolFiles()[^1]).Length;
        for (long at = 0; at < length; )
        {
            at += reader.Open(at, length)!.Value.TotalLength;
            ends.Add(at);
        }

        return ends;
    }

    private static string Cut(string copy, string name, long length)
    {
        var directory = $"{copy}-{length}";
        foreach (var path in Directory.EnumerateFiles(copy, "*", SearchOption.AllDirectories))
        {
            var to = Path.Combine(directory, Path.GetRelativePath(copy, path));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(path, to);
        }

        using var file = new FileStream(Path.Combine(directory, name), FileMode.Open);
        file.SetLength(length);
        return directory;
    }

    private static void FlipBit(string path, long at, int bit)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        file.Position = at;
        var value = file.ReadByte();
        file.Position = at;
        file.WriteByte((byte)(value ^ (1 << bit)));
    }
}
