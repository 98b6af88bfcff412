using Holdfast.Core.Stores;
using Holdfast.Core.Timeline;
using Holdfast.Core.Timeline.Format;
using Holdfast.Core.Timeline.Spool;
using Holdfast.Core.Vault;
using Holdfast.Testing;

namespace Holdfast.Core.Tests.Timeline.Format;

/// <summary>Segments with known content, the same each time.</summary>
internal static class Segments
{
    public const int PageSize = 512;
    public const ulong Salt = 0x0123_4567_89AB_CDEF;
    public static readonly DateTimeOffset Time = new(2026, 3, 14, 15, 9, 26, TimeSpan.Zero);

    public static readonly LineageId Lineage = new([0x01, 0x9C, 0xEC, 0x3B, 0x60, 0xF0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);

    /// <summary>A session whose key is known, for what must be the same each time.</summary>
    public static readonly SessionKey Session = new(
        new KeyId([.. Enumerable.Range(0xA0, KeyId.Length).Select(b => (byte)b)]),
        [.. Enumerable.Range(1, SessionKey.Length).Select(b => (byte)b)]
    );

    public static SegmentHeader Header(
        SegmentKind kind,
        SegmentCodec codec,
        int pageSize = PageSize,
        SessionKey? session = null
    ) =>
        new()
        {
            Cipher = session == null ? SegmentCipher.None : SegmentCipher.Aes256Gcm,
            Key = session?.Id.Value ?? 0,
            Kind = kind,
            Codec = codec,
            PageSize = pageSize,
            Lineage = Lineage,
            Salt = Salt,
        };

    /// <summary>The content of a page: halfway compressible.</summary>
    public static byte[] Page(uint number, int version, int pageSize = PageSize)
    {
        var page = new byte[pageSize];
        SampleBytes.Of(pageSize / 4, HashCode(number, version)).CopyTo(page, 0);
        return page;
    }

    /// <summary>Three commits on commit 4: one with runs, one that is condensed, one that only shrinks.</summary>
    public static readonly IReadOnlyList<TestCommit> Journal =
    [
        new(5, 20, CommitFlags.None, [1, 2, 3, 7, 9, 10, 20]),
        new(8, 300, CommitFlags.Condensed, [1, .. Range(200, 300)]),
        new(9, 299, CommitFlags.Resynchronised, []),
    ];

    public static readonly CommitPoint JournalFrom = new(4, 10, 0xFEED);

    public static readonly IReadOnlyList<TestCommit> Base = [new(6, 25, CommitFlags.None, [.. Range(1, 20)])];

    public static readonly CommitPoint BaseFrom = new(4, 20, 0xBEEF);

    public static IReadOnlyList<SegmentObject> Write(
        SegmentHeader header,
        CommitPoint from,
        IEnumerable<TestCommit> commits,
        SegmentOptions? options = null,
        Func<string>? newPath = null
    )
    {
        var session = header.Cipher == SegmentCipher.None ? null : Session;
        using var writer = new SegmentWriter(header, from, options ?? new SegmentOptions(), newPath, session: session);
        foreach (var commit in commits)
        {
            commit.TellTo(writer, header.PageSize);
        }

        return writer.Finish();
    }

    public static async Task<byte[]> BytesAsync(this SegmentObject stored)
    {
        using var bytes = new MemoryStream();
        await using var content = stored.Content.OpenRead();
        await content.CopyToAsync(bytes);
        return bytes.ToArray();
    }

    /// <summary>Stores a segment as it should be.</summary>
    public static async Task<ObjectKey> StoreAsync(
        this IObjectStore store,
        ObjectKey key,
        IEnumerable<SegmentObject> objects,
        ulong salt = Salt
    )
    {
        foreach (var stored in objects)
        {
            await store.PutAsync(
                TimelineNames.Part(key, salt, stored.Part),
                stored.Content,
                PutCondition.IfAbsent,
                CancellationToken.None
            );
        }

        return key;
    }

    public static async Task<SegmentReader> OpenAsync(
        this IObjectStore store,
        ObjectKey key,
        ISessionKeys? keys = null
    ) =>
        await SegmentReader.OpenAsync(
            store,
            key,
            (await store.HeadAsync(key, CancellationToken.None))!.Size,
            keys,
            CancellationToken.None
        );

    private static IEnumerable<uint> Range(uint first, uint last) =>
        Enumerable.Range((int)first, (int)(last - first + 1)).Select(number => (uint)number);

    private static int HashCode(uint number, int version) => unchecked((int)number * 7919 + version);
}

/// <summary>Keys that are known.</summary>
internal sealed class KnownKeys(params SessionKey[] sessions) : ISessionKeys
{
    public ValueTask<SessionKey> FindAsync(KeyId session, CancellationToken cancellationToken) =>
        new(
            sessions.FirstOrDefault(s => s.Id == session)
                ?? throw new StoreException(StoreFault.NotFound, $"there is no session {session}")
        );
}

/// <summary>A commit of a test: the content of its pages follows from their numbers and its own.</summary>
internal sealed record TestCommit(long Number, uint DatabasePages, CommitFlags Flags, IReadOnlyList<uint> Pages)
{
    public CommitInfo Info =>
        new(
            Number,
            Segments.Time.AddMicroseconds(Number * 1_234_567),
            DatabasePages,
            (ulong)Number * 0x9E37_79B9_7F4A_7C15,
            Pages.Count,
            Flags
        );

    public void TellTo(ISpoolVisitor visitor, int pageSize)
    {
        visitor.Begin(Info);
        foreach (var page in Pages)
        {
            visitor.Page(page, Segments.Page(page, (int)Number, pageSize));
        }

        visitor.End(Info);
    }
}

/// <summary>Keeps what it is told.</summary>
internal sealed class Recorder : ISpoolVisitor
{
    private List<(uint, byte[])> pages = [];

    public List<(CommitInfo Commit, List<(uint Number, byte[] Content)> Pages)> Commits { get; } = [];

    public void Begin(in CommitInfo commit) => pages = [];

    public void Page(uint number, ReadOnlySpan<byte> page) => pages.Add((number, page.ToArray()));

    public void End(in CommitInfo commit) => Commits.Add((commit, pages));

    /// <summary>Compares with what should have been told.</summary>
    public void AssertIs(IReadOnlyList<TestCommit> expected, int pageSize = Segments.PageSize)
    {
        Assert.Equal(expected.Select(commit => commit.Info), Commits.Select(commit => commit.Commit));
        foreach (var (commit, told) in expected.Zip(Commits))
        {
            Assert.Equal(commit.Pages, told.Pages.Select(page => page.Number));
            Assert.All(told.Pages, p => Assert.Equal(Segments.Page(p.Number, (int)commit.Number, pageSize), p.Content));
        }
    }
}
