using Holdfast.Core.Errors;
using Holdfast.Core.Stores;
using Holdfast.Core.Timeline.Spool;
using Holdfast.Core.Vault;

namespace Holdfast.Core.Timeline.Format;

/// <summary>
/// A stored segment: its index, and its blocks by ranges. A segment of up to 64 KiB is read in one request and kept.
/// Thread-safe.
/// </summary>
public sealed class SegmentReader
{
    private const int TailBytes = 64 * 1024;

    private readonly IObjectStore store;
    private readonly SegmentKey? sealing;
    private readonly byte[]? whole;

    private SegmentReader(
        IObjectStore store,
        ObjectKey key,
        SegmentIndex index,
        SegmentKey? sealing,
        byte[]? whole,
        long bytesRead
    )
    {
        this.sealing = sealing;
        IndexBytesRead = bytesRead;
        this.store = store;
        this.whole = whole;
        Key = key;
        Index = index;
    }

    /// <summary>The name of the object with the index.</summary>
    public ObjectKey Key { get; }

    /// <summary>What the segment holds.</summary>
    public SegmentIndex Index { get; }

    /// <summary>The bytes that were read to know the index.</summary>
    internal long IndexBytesRead { get; }

    /// <summary>Reads the index of a segment and checks it.</summary>
    /// <param name="store">Where it is.</param>
    /// <param name="key">The name of the object with the index.</param>
    /// <param name="size">The size of that object.</param>
    /// <param name="keys">
    /// Finds the key that it is sealed under. With keys a segment that is not sealed is refused as damage; without keys one
    /// that is sealed cannot be read.
    /// </param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="SegmentException">It is cut short, damaged, not sealed, or needs a newer reader.</exception>
    /// <exception cref="StoreException">It cannot be read, or the vault does not hold the key.</exception>
    /// <exception cref="HoldfastException"><see cref="ErrorCode.WrongKey"/>: it is sealed for others.</exception>
    public static async Task<SegmentReader> OpenAsync(
        IObjectStore store,
        ObjectKey key,
        long size,
        ISessionKeys? keys,
        CancellationToken cancellationToken
    )
    {
        try
        {
            if (size < SegmentHeader.Length + SegmentFooter.Length)
            {
                throw new SegmentException(SegmentFault.Truncated, "it is shorter than any segment");
            }

            var tailLength = (int)Math.Min(size, TailBytes);
            var reading = ReadAsync(store, key, size - tailLength, tailLength, cancellationToken);
            if (tailLength == size)
            {
                var bytes = await reading;
                var small = new SegmentTail(bytes.AsSpan(..SegmentHeader.Length), bytes, size);
                var smallKey = await KeyOfAsync(small.Header, keys, cancellationToken);
                return new SegmentReader(store, key, small.Parse(smallKey), smallKey, bytes, size);
            }

            var heading = ReadAsync(store, key, 0, SegmentHeader.Length, cancellationToken);
            await Task.WhenAll(reading, heading);
            var (header, tail) = (await heading, await reading);
            var start = SegmentTail.StartOf(tail, size);
            if (start < size - tail.Length)
            {
                tail = await ReadAsync(store, key, start, (int)(size - start), cancellationToken);
            }

            var parsed = new SegmentTail(header, tail, size);
            var sealing = await KeyOfAsync(parsed.Header, keys, cancellationToken);
            return new SegmentReader(
                store,
                key,
                parsed.Parse(sealing),
                sealing,
                whole: null,
                header.Length + tail.Length
            );
        }
        catch (SegmentException error)
        {
            throw error.Of($"{key} at {store.Address}");
        }
    }

    private static async ValueTask<SegmentKey?> KeyOfAsync(
        SegmentHeader header,
        ISessionKeys? keys,
        CancellationToken cancellationToken
    )
    {
        var isSealed = header.Cipher != SegmentCipher.None;
        if (keys == null)
        {
            return isSealed
                ? throw new HoldfastException(
                    ErrorCode.WrongKey,
                    "the timeline is encrypted, and no key was given",
                    "give the recovery kit or a key file: --key-file FILE, or HOLDFAST_KEY_FILE"
                )
                : null;
        }

        return isSealed
            ? SegmentKey.Of(header, await keys.FindAsync(new KeyId(header.Key), cancellationToken))
            : throw new SegmentException(
                SegmentFault.Damaged,
                "it is not sealed, and the vault holds only what is: somebody else has put it there"
            );
    }

    /// <summary>How many bytes are still to be read for a block.</summary>
    internal int BytesToFetch(in SegmentBlock block) => whole != null && block.Part == 0 ? 0 : block.StoredLength;

    /// <summary>Opens a range of one of its objects.</summary>
    internal ValueTask<Stream> OpenRangeAsync(
        int part,
        long offset,
        long length,
        CancellationToken cancellationToken
    ) =>
        whole != null && part == 0
            ? new(new MemoryStream(whole, (int)offset, (int)length, writable: false))
            : new(store.OpenReadAsync(KeyOf(part), new ByteRange(offset, length), cancellationToken));

    /// <summary>Reads a block from a stream that stands at its beginning, checks and decompresses it.</summary>
    /// <param name="stream">A stream of <see cref="OpenRangeAsync"/>.</param>
    /// <param name="block">The block.</param>
    /// <param name="stored">Room for its stored bytes.</param>
    /// <param name="raw">Room for its content.</param>
    /// <param name="decoder">The decoder of this thread.</param>
    /// <param name="compareDigest">Whether its digest is compared; else the caller proves the content.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    internal async ValueTask ReadBlockAsync(
        Stream stream,
        SegmentBlock block,
        Memory<byte> stored,
        Memory<byte> raw,
        BlockDecoder decoder,
        bool compareDigest,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var bytes = stored[..block.StoredLength];
            if (
                await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken)
                < bytes.Length
            )
            {
                throw new SegmentException(SegmentFault.Truncated, "it ends before its last block");
            }

            if (compareDigest)
            {
                BlockDecoder.Compare(block, bytes.Span);
            }

            decoder.Decompress(
                Index.Header.Codec,
                decoder.Open(sealing, block, bytes.Span),
                raw.Span[..block.RawLength]
            );
        }
        catch (SegmentException error)
        {
            throw error.Of($"{KeyOf(block.Part)} at {store.Address}");
        }
    }

    /// <summary>Tells a visitor the commits of a range, in order, with all their pages; checks everything it reads.</summary>
    /// <exception cref="SegmentException">Something is not what was written.</exception>
    public async Task ReadAsync(long first, long last, ISpoolVisitor visitor, CancellationToken cancellationToken)
    {
        using var pages = new SegmentPages(this);
        for (var position = Index.FindLast(first - 1) + 1; position <= Index.FindLast(last); position++)
        {
            var commit = Index.Commit(position);
            visitor.Begin(commit);
            var ordinal = Index.FirstPage(position);
            for (var run = 0; run < Index.Pages(position).Length; run++)
            {
                var (number, count) = Index.Pages(position)[run];
                for (; count > 0; number++, count--, ordinal++)
                {
                    visitor.Page(number, (await pages.ReadAsync(ordinal, cancellationToken)).Span);
                }
            }

            visitor.End(commit);
        }
    }

    /// <summary>Reads every byte of every object of the segment and checks it.</summary>
    /// <exception cref="SegmentException">Something is not what was written.</exception>
    public async Task VerifyAsync(CancellationToken cancellationToken)
    {
        using var pages = new SegmentPages(this);
        var header = new byte[SegmentHeader.Length];
        Index.Header.Write(header);
        for (var part = 1; part <= Index.Parts; part++)
        {
            await VerifyHeaderAsync(KeyOf(part), header, cancellationToken);
        }

        foreach (var block in Index.Blocks.Concat(Index.HashBlocks))
        {
            _ = await pages.ReadBlockAsync(block, cancellationToken);
        }
    }

    private async Task VerifyHeaderAsync(ObjectKey key, byte[] header, CancellationToken cancellationToken)
    {
        try
        {
            var found = await ReadAsync(store, key, 0, header.Length, cancellationToken);
            if (!found.AsSpan().SequenceEqual(header))
            {
                throw new SegmentException(SegmentFault.Damaged, "it begins with another header");
            }
        }
        catch (SegmentException error)
        {
            throw error.Of($"{key} at {store.Address}");
        }
    }

    /// <summary>The name of one of its objects.</summary>
    internal ObjectKey KeyOf(int part) => TimelineNames.Part(Key, Index.Header.Salt, part);

    private static async Task<byte[]> ReadAsync(
        IObjectStore store,
        ObjectKey key,
        long offset,
        int length,
        CancellationToken cancellationToken
    )
    {
        var bytes = new byte[length];
        await using var stream = await store.OpenReadAsync(key, new ByteRange(offset, length), cancellationToken);
        return await stream.ReadAtLeastAsync(bytes, length, throwOnEndOfStream: false, cancellationToken) == length
            ? bytes
            : throw new SegmentException(SegmentFault.Truncated, "it is shorter than the store says");
    }
}
