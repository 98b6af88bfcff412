using System.Buffers;
using System.Buffers.Binary;
using Holdfast.Core.Timeline.Spool;
using Holdfast.Core.Vault;

namespace Holdfast.Core.Timeline.Format;

/// <summary>
/// Writes one segment: commits in, objects out. Each full block is compressed at once; memory is a few blocks and one
/// small object, whatever the size. The same calls with the same header give the same bytes. Not thread-safe.
/// </summary>
/// <remarks>
/// For each commit <see cref="Begin"/>, then its pages in ascending order, then <see cref="End"/>, whose argument
/// counts: a base knows its commit only when it was read. Parts that are full can be taken and stored while the rest is
/// written; <see cref="Finish"/> gives what remains, the object with the index last.
/// </remarks>
public sealed class SegmentWriter : ISpoolVisitor, IDisposable
{
    /// <summary>From here on a journal is full: its index is still small enough to be read whole.</summary>
    private const int FullIndex = 8 * 1024 * 1024;

    private readonly SegmentHeader header;
    private readonly SegmentOptions options;
    private readonly Func<string>? newPath;
    private readonly SegmentIndexBuilder index;
    private readonly BlockEncoder encoder;
    private readonly BlockBuffer pages;
    private readonly BlockBuffer? hashes;
    private readonly byte[] headerBytes = new byte[SegmentHeader.Length];
    private int blocks;
    private readonly List<SegmentObject> ready = [];
    private byte[] stored;
    private ObjectBuffer current;
    private int part = 1;

    /// <summary>Begins a segment.</summary>
    /// <param name="header">What it is; its salt should be random.</param>
    /// <param name="from">What it builds on, see <see cref="SegmentIndex.From"/>.</param>
    /// <param name="options">How it is written.</param>
    /// <param name="newPath">
    /// Gives paths of temporary files that do not exist, for objects above 4 MiB; without it they are kept in memory.
    /// Who gives them removes them.
    /// </param>
    /// <param name="settled">Of a delta that is read from the live file: the commit at which it was settled.</param>
    /// <param name="session">The key under which it is sealed, the one that the header names; null for none.</param>
    public SegmentWriter(
        SegmentHeader header,
        CommitPoint from,
        SegmentOptions options,
        Func<string>? newPath = null,
        CommitPoint? settled = null,
        SessionKey? session = null
    )
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.BlockBytes, SegmentHeader.MaxBlockBytes);
        this.header = header;
        this.options = options;
        this.newPath = newPath;
        index = new SegmentIndexBuilder(header, from, settled);
        encoder = new BlockEncoder(
            header.Codec,
            options.CompressionLevel,
            options.BlockBytes,
            SegmentKey.Of(header, session)
        );
        pages = new BlockBuffer(Math.Max(1, options.BlockBytes / header.PageSize) * header.PageSize);
        hashes = options.PageHashes
            ? new BlockBuffer(Math.Max(1, options.BlockBytes / sizeof(ulong)) * sizeof(ulong))
            : null;
        stored = ArrayPool<byte>.Shared.Rent(BlockEncoder.Bound(Math.Max(pages.Capacity, hashes?.Capacity ?? 0)));
        header.Write(headerBytes);
        current = NewObject();
    }

    /// <summary>The commits written so far.</summary>
    public int CommitCount => index.CommitCount;

    /// <summary>The stored bytes of the blocks written so far; up to a block of pages may still wait.</summary>
    public long BlockBytes => index.BlockBytes;

    /// <summary>The digest at the end of the object with the index, once the segment is finished: no other has it.</summary>
    public Stores.Sha256Digest Digest { get; private set; }

    /// <summary>Whether the next commit should go into another segment.</summary>
    public bool IsFull => index.Length >= FullIndex;

    /// <inheritdoc/>
    public void Begin(in CommitInfo commit) { }

    /// <inheritdoc/>
    public void Page(uint number, ReadOnlySpan<byte> page)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(page.Length, header.PageSize);
        index.Page(number);
        var added = pages.Add(page);
        if (hashes != null)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(hashes.Add(sizeof(ulong)), PageHash.Of(number, added));
            if (hashes.IsFull)
            {
                WriteBlock(hashes, ofHashes: true);
            }
        }

        if (pages.IsFull)
        {
            WriteBlock(pages, ofHashes: false);
        }
    }

    /// <inheritdoc/>
    public void End(in CommitInfo commit)
    {
        if (header.Kind != SegmentKind.Journal && index.CommitCount > 0)
        {
            throw new InvalidOperationException("a base or a delta is one commit");
        }

        index.Commit(commit);
    }

    /// <summary>The parts that became full since the last call, to be stored before what follows.</summary>
    public IReadOnlyList<SegmentObject> TakeParts()
    {
        SegmentObject[] taken = [.. ready];
        ready.Clear();
        return taken;
    }

    /// <summary>Ends the segment.</summary>
    /// <returns>What was not taken yet: the parts, then the object with the index.</returns>
    public IReadOnlyList<SegmentObject> Finish()
    {
        if (index.CommitCount == 0)
        {
            throw new InvalidOperationException("a segment holds a commit");
        }

        WriteBlock(pages, ofHashes: false);
        if (hashes != null)
        {
            WriteBlock(hashes, ofHashes: true);
        }

        var raw = index.ToBytes(options.PageHashes);
        var bytes = CompressIndex(raw);
        var isOne = part == 1 && current.Length + bytes.Length + SegmentFooter.Length <= options.PartBytes;
        if (!isOne)
        {
            EndPart();
        }

        var footer = new SegmentFooter(bytes.Length, raw.Length, isOne ? 0 : part - 1, index.BlockBytes);
        var footerBytes = new byte[SegmentFooter.Length];
        footer.Write(footerBytes, headerBytes, bytes);
        Digest = SegmentFooter.DigestOf(footerBytes);
        current.Write(bytes);
        current.Write(footerBytes);
        return [.. TakeParts(), new SegmentObject(0, current.ToContent())];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        encoder.Dispose();
        pages.Dispose();
        hashes?.Dispose();
        current.Dispose();
        ArrayPool<byte>.Shared.Return(Interlocked.Exchange(ref stored, []));
    }

    private byte[] CompressIndex(byte[] raw)
    {
        if (raw.Length > SegmentFooter.MaxIndexBytes)
        {
            throw new Errors.HoldfastException(
                Errors.ErrorCode.Failure,
                $"the index of a segment would take {raw.Length} bytes, and can take {SegmentFooter.MaxIndexBytes}",
                "larger blocks make it smaller"
            );
        }

        var bytes = new byte[BlockEncoder.Bound(raw.Length)];
        return bytes[..encoder.Encode(SealedKind.Index, 0, raw, bytes)];
    }

    private void WriteBlock(BlockBuffer block, bool ofHashes)
    {
        var raw = block.Content;
        if (raw.IsEmpty)
        {
            return;
        }

        var kind = ofHashes ? SealedKind.Hashes : SealedKind.Pages;
        var bytes = stored.AsSpan(0, encoder.Encode(kind, blocks++, raw, stored));
        if (current.Length > SegmentHeader.Length && current.Length + bytes.Length > options.PartBytes)
        {
            EndPart();
        }

        index.Block(part, bytes.Length, raw.Length, ofHashes, BlockDecoder.DigestOf(bytes));
        current.Write(bytes);
        block.Clear();
    }

    private void EndPart()
    {
        ready.Add(new SegmentObject(part, current.ToContent()));
        current.Dispose();
        part++;
        current = NewObject();
    }

    private ObjectBuffer NewObject()
    {
        var buffer = new ObjectBuffer(newPath);
        buffer.Write(headerBytes);
        return buffer;
    }
}
