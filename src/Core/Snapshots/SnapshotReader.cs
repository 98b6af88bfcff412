using Holdfast.Core.Codecs;
using Holdfast.Core.Engines;
using Holdfast.Core.Errors;
using Holdfast.Core.Files;
using Holdfast.Core.Stores;
using Holdfast.Core.Vault;

namespace Holdfast.Core.Snapshots;

/// <summary>Fetches a stored copy, in one pass: fetch, hash, decompress, hash, hand on. Treats the bytes as hostile.</summary>
internal static class SnapshotReader
{
    private const long SpaceLeftFree = 64L * 1024 * 1024;

    /// <summary>
    /// The most bytes that a copy of unknown size may take of a disk: it must not be filled because something unpacks
    /// without end. A small disk has room, too.
    /// </summary>
    public static long MostOf(long free) => free - Math.Min(SpaceLeftFree, free / 4);

    /// <summary>Reads a copy to its end and compares it with its manifest.</summary>
    /// <param name="store">Where it is.</param>
    /// <param name="entry">The copy.</param>
    /// <param name="manifest">What it must be; null when only the name is known.</param>
    /// <param name="maxBytes">The most bytes of content there is room for when there is no manifest.</param>
    /// <param name="key">Gives the key of an encrypted copy; null when there is none.</param>
    /// <param name="consume">Told each piece of the database file, in order.</param>
    /// <param name="progress">Told the bytes of content so far.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The number of bytes of content.</returns>
    /// <exception cref="StoreException">
    /// <see cref="StoreFault.Damaged"/>: the bytes are not those that were stored, or do not decompress.
    /// </exception>
    /// <exception cref="HoldfastException">There is no room for what it unpacks to.</exception>
    public static async Task<long> ReadAsync(
        IObjectStore store,
        SnapshotEntry entry,
        SnapshotManifest? manifest,
        long maxBytes,
        Func<CancellationToken, Task<PrivateKey>>? key,
        Action<ReadOnlySpan<byte>> consume,
        IProgress<ByteProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var opening = entry.Name.IsEncrypted ? await KeyOfAsync(store, entry, key, cancellationToken) : null;
        await using var source = await store.OpenReadAsync(entry.Key, range: null, cancellationToken);

        // A read that waits for the network does not see the token; taking its stream away ends it.
        await using var abort = cancellationToken.Register(source.Dispose);
        await using var stored = new HashingStream(source);
        await using var opened = opening is null ? stored : Open(store, entry, stored, opening);
        await using var decoder = CompressionOf(entry, manifest).Decode(opened);
        using var content = System.Security.Cryptography.IncrementalHash.CreateHash(
            System.Security.Cryptography.HashAlgorithmName.SHA256
        );
        long written = 0;
        try
        {
            await PipelinedCopy.RunAsync(
                decoder,
                piece =>
                {
                    written += piece.Length;
                    RequireBounded(store, entry, manifest, maxBytes, written);
                    content.AppendData(piece);
                    consume(piece);
                    progress?.Report(new ByteProgress(written, manifest?.ContentSize ?? 0));
                },
                cancellationToken
            );
            if (manifest is not null)
            {
                Compare(store, entry, manifest, written, Sha256Digest.Of(content), stored);
            }

            return written;
        }
        catch (InvalidDataException error)
        {
            throw Damaged(store, entry, error.Message);
        }
        catch (Exception error)
            when (error is not OperationCanceledException && cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(error.Message, error, cancellationToken);
        }
    }

    private static async Task<PrivateKey> KeyOfAsync(
        IObjectStore store,
        SnapshotEntry entry,
        Func<CancellationToken, Task<PrivateKey>>? key,
        CancellationToken cancellationToken
    ) =>
        key is not null
            ? await key(cancellationToken)
            : throw new HoldfastException(
                ErrorCode.WrongKey,
                $"the copy {entry.Key} at {store.Address} is encrypted, and no key was given",
                "give the recovery kit: --key-file FILE, or HOLDFAST_KEY_FILE"
            );

    private static Stream Open(IObjectStore store, SnapshotEntry entry, Stream stored, PrivateKey key)
    {
        try
        {
            return SealedFile.Open(stored, key);
        }
        catch (InvalidDataException error)
        {
            throw Damaged(store, entry, error.Message);
        }
    }

    private static void RequireBounded(
        IObjectStore store,
        SnapshotEntry entry,
        SnapshotManifest? manifest,
        long maxBytes,
        long written
    )
    {
        if (manifest is not null && written > manifest.ContentSize)
        {
            throw Damaged(store, entry, $"it unpacks to more than the {manifest.ContentSize} bytes that were copied");
        }

        // Nobody said how large it is. That it does not fit here is no damage.
        if (manifest is null && written > maxBytes)
        {
            throw new HoldfastException(
                ErrorCode.Failure,
                $"the copy {entry.Key} at {store.Address} unpacks to more than there is room for: {ByteText.Of(maxBytes)}",
                "make room, or take a directory with more"
            );
        }
    }

    private static Compression CompressionOf(SnapshotEntry entry, SnapshotManifest? manifest) =>
        manifest is not null && CompressionCodec.TryParse(manifest.Compression, out var compression)
            ? compression
            : entry.Name.Compression;

    private static void Compare(
        IObjectStore store,
        SnapshotEntry entry,
        SnapshotManifest manifest,
        long contentSize,
        Sha256Digest contentDigest,
        HashingStream stored
    )
    {
        var difference =
            stored.Count != manifest.Size ? $"it has {stored.Count} bytes where {manifest.Size} were stored"
            : stored.Digest() != manifest.Sha256 ? "its SHA-256 is not the one that was recorded"
            : contentSize != manifest.ContentSize
                ? $"it unpacks to {contentSize} bytes where {manifest.ContentSize} were copied"
            : contentDigest != manifest.ContentSha256 ? "what it unpacks to has not the SHA-256 that was recorded"
            : null;
        if (difference is not null)
        {
            throw Damaged(store, entry, difference);
        }
    }

    private static StoreException Damaged(IObjectStore store, SnapshotEntry entry, string what) =>
        new(
            StoreFault.Damaged,
            $"the copy {entry.Key} at {store.Address} is damaged: {what}",
            "take another copy: --id ID, --nth 2, or --on-corrupt fallback"
        );
}
