using Holdfast.Core.Stores;
using Holdfast.Core.Timeline;
using Holdfast.Core.Timeline.Format;
using Holdfast.Core.Vault;
using Holdfast.Stores.Directories;
using Holdfast.Testing;

namespace Holdfast.Core.Tests.Timeline.Format;

/// <summary>
/// The stored format is a promise: what was written by an earlier version is read for ever, and what is written stays the
/// same. The compressed file is only read: another libzstd may compress otherwise.
/// </summary>
public class SegmentGoldenTests
{
    private static readonly string Golden = Path.Combine(Repository.Root, "tests/Core.Tests/golden/timeline");

    private static readonly TestCommit[] Journal =
    [
        new(5, 12, CommitFlags.None, [1, 2, 5]),
        new(7, 14, CommitFlags.Condensed, [9, 10, 11]),
        new(8, 9, CommitFlags.Resynchronised, []),
    ];

    private static readonly TestCommit[] Delta = [new(9, 25, CommitFlags.None, [2, 3, 9, 20])];
    private static readonly CommitPoint DeltaSettled = new(6, 21, 0xD00D);

    private static readonly TestCommit[] Base = [new(6, 25, CommitFlags.None, [1, 2, 3, 7, 8, 20])];

    [Theory]
    [InlineData("journal-1.segment", 0)]
    [InlineData("journal-1-zstd.segment", 0)]
    [InlineData("journal-1-parts.segment", 3)]
    [InlineData("base-1.segment", 0)]
    [InlineData("journal-1-sealed.segment", 3)]
    [InlineData("journal-1-zstd-sealed.segment", 0)]
    [InlineData("base-1-sealed.segment", 0)]
    public async Task Read_OfAGoldenFile_TellsWhatWasWritten(string name, int parts)
    {
        using var store = new DirectoryStore(Golden, createRoot: false);
        var reader = await store.OpenAsync(
            new ObjectKey(name),
            IsSealed(name) ? new KnownKeys(Segments.Session) : null
        );
        var isBase = name.StartsWith("base", StringComparison.Ordinal);
        Assert.Equal(
            Segments.Header(
                isBase ? SegmentKind.Base : SegmentKind.Journal,
                name.Contains("zstd", StringComparison.Ordinal) ? SegmentCodec.Zstd : SegmentCodec.None,
                session: SessionOf(name)
            ),
            reader.Index.Header
        );
        Assert.Equal(isBase ? Segments.BaseFrom : Segments.JournalFrom, reader.Index.From);
        Assert.Equal(parts, reader.Index.Parts);
        Assert.Equal(isBase ? 1 : 0, reader.Index.HashBlocks.Count);
        var told = new Recorder();
        await reader.ReadAsync(1, long.MaxValue, told, CancellationToken.None);
        told.AssertIs(isBase ? Base : Journal);
        await reader.VerifyAsync(CancellationToken.None);
    }

    [Fact]
    public async Task ADelta_IsReadAndWritten_AsTheGoldenFile()
    {
        var header = Segments.Header(SegmentKind.Delta, SegmentCodec.None) with { Level = 2 };
        var options = new SegmentOptions { BlockBytes = 1024, PageHashes = true };
        using var writer = new SegmentWriter(header, Segments.BaseFrom, options, settled: DeltaSettled);
        Delta[0].TellTo(writer, Segments.PageSize);
        var path = Path.Combine(Golden, "delta-1.segment");
        var written = await Assert.Single(writer.Finish()).BytesAsync();
        if (Environment.GetEnvironmentVariable("HOLDFAST_WRITE_GOLDEN") == "1" && !File.Exists(path))
        {
            await File.WriteAllBytesAsync(path, written);
        }

        Assert.Equal(await File.ReadAllBytesAsync(path), written);
        using var store = new DirectoryStore(Golden, createRoot: false);
        var reader = await store.OpenAsync(new ObjectKey("delta-1.segment"));
        Assert.Equal(header, reader.Index.Header);
        Assert.Equal((Segments.BaseFrom, DeltaSettled), (reader.Index.From, reader.Index.Settled));
        var told = new Recorder();
        await reader.ReadAsync(1, long.MaxValue, told, CancellationToken.None);
        told.AssertIs(Delta);
        await reader.VerifyAsync(CancellationToken.None);
    }

    [Theory]
    [InlineData("journal-1.segment", 1_000_000)]
    [InlineData("journal-1-parts.segment", 1_200)]
    [InlineData("base-1.segment", 1_000_000)]
    [InlineData("journal-1-sealed.segment", 1_200)]
    [InlineData("base-1-sealed.segment", 1_000_000)]
    public async Task Write_OfTheSame_GivesTheGoldenFile(string name, int partBytes)
    {
        var isBase = name.StartsWith("base", StringComparison.Ordinal);
        var options = new SegmentOptions
        {
            BlockBytes = 1024,
            PartBytes = partBytes,
            PageHashes = isBase,
        };
        var objects = isBase
            ? Segments.Write(
                Segments.Header(SegmentKind.Base, SegmentCodec.None, session: SessionOf(name)),
                Segments.BaseFrom,
                Base,
                options
            )
            : Segments.Write(
                Segments.Header(SegmentKind.Journal, SegmentCodec.None, session: SessionOf(name)),
                Segments.JournalFrom,
                Journal,
                options
            );
        foreach (var stored in objects)
        {
            var path = Path.Combine(Golden, TimelineNames.Part(new ObjectKey(name), Segments.Salt, stored.Part).Value);
            if (Environment.GetEnvironmentVariable("HOLDFAST_WRITE_GOLDEN") == "1" && !File.Exists(path))
            {
                await File.WriteAllBytesAsync(path, await stored.BytesAsync());
            }

            Assert.Equal(await File.ReadAllBytesAsync(path), await stored.BytesAsync());
        }
    }

    private static bool IsSealed(string name) => name.Contains("sealed", StringComparison.Ordinal);

    private static SessionKey? SessionOf(string name) => IsSealed(name) ? Segments.Session : null;
}
