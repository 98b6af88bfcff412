using Holdfast.Core.Files;
using Holdfast.Core.Stores;

namespace Holdfast.Stores.Directories;

/// <summary>
/// A directory as an object store: one file per object, mode 0600, in directories of mode 0700. Files appear whole, are
/// durable when a write returns, and may be those of other programs. Several processes may use one directory.
/// </summary>
/// <param name="root">The directory; relative paths are taken from the current directory now.</param>
/// <param name="createRoot">Whether the first write may create the directory; reading never does.</param>
public sealed class DirectoryStore(string root, bool createRoot) : IObjectStore
{
    /// <summary>How often a write begins anew because something vanished under it.</summary>
    private const int Attempts = 5;

    private readonly StoreTree tree = new(root);
    private DirectoryPlaces? places;

    /// <inheritdoc/>
    public string Address => tree.Root;

    private DirectoryPlaces Places => LazyInitializer.EnsureInitialized(ref places, () => new(tree, createRoot));

    /// <inheritdoc/>
    public Task<ObjectInfo> PutAsync(
        ObjectKey key,
        ObjectContent content,
        PutCondition condition,
        CancellationToken cancellationToken
    ) =>
        RunAsync(
            () => Put(key, content, condition, cancellationToken),
            $"writing {key} to {Address}",
            cancellationToken
        );

    /// <inheritdoc/>
    public Task<Stream> OpenReadAsync(ObjectKey key, ByteRange? range, CancellationToken cancellationToken) =>
        RunAsync<Stream>(() => OpenRead(key, range), $"opening {key} in {Address}", cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<ObjectInfo> ListAsync(
        string prefix,
        ObjectKey? startAfter,
        CancellationToken cancellationToken
    ) => DirectoryListing.ListAsync(tree, prefix, startAfter, cancellationToken);

    /// <inheritdoc/>
    public Task<ObjectInfo?> HeadAsync(ObjectKey key, CancellationToken cancellationToken) =>
        RunAsync(
            () => tree.FindFile(key) is { } path ? DirectoryListing.Describe(key, path) : null,
            $"looking at {key} in {Address}",
            cancellationToken
        );

    /// <inheritdoc/>
    public Task DeleteAsync(ObjectKey key, CancellationToken cancellationToken) =>
        RunAsync(() => Delete(key), $"removing {key} from {Address}", cancellationToken);

    /// <summary>Does nothing: no file stays open.</summary>
    public void Dispose() { }

    private static async Task<T> RunAsync<T>(Func<T> work, string doing, CancellationToken cancellationToken)
    {
        try
        {
            return await Task.Run(work, cancellationToken);
        }
        catch (Exception error) when (DirectoryFaults.IsOfFileSystem(error))
        {
            throw DirectoryFaults.Translate(error, doing);
        }
    }

    private ObjectInfo Put(ObjectKey key, ObjectContent content, PutCondition condition, CancellationToken cancellation)
    {
        if (StoreTree.IsReserved(key.Value) || key.Value.Contains(PendingFile.Suffix + '/', StringComparison.Ordinal))
        {
            throw new StoreException(
                StoreFault.Unexpected,
                $"{key} cannot be stored in a directory: names that end in {PendingFile.Suffix} are temporary files"
            );
        }

        for (var attempt = 1; ; attempt++)
        {
            try
            {
                Places.Prepare(tree.PathOf(key));
                return PutOnce(key, content, condition, cancellation);
            }
            catch (IOException error) when (DirectoryFaults.MayBeRace(error) && attempt < Attempts)
            {
                // Another process removed the directory as empty, or swept the temporary file before it was locked.
            }
        }
    }

    private ObjectInfo PutOnce(
        ObjectKey key,
        ObjectContent content,
        PutCondition condition,
        CancellationToken cancellationToken
    )
    {
        var path = tree.PathOf(key);
        var ifAbsent = condition == PutCondition.IfAbsent;
        if (ifAbsent && StoreTree.IsFile(path))
        {
            return RequireSame(key, content, cancellationToken);
        }

        using var pending = PendingFile.Create(path);
        var written = ContentCopy.Write(content, pending.Stream.SafeFileHandle, cancellationToken);
        if (written != content.Sha256 || pending.Stream.Length != content.Length)
        {
            throw new StoreException(
                StoreFault.Damaged,
                $"the bytes of {key} changed while they were written to {Address}; nothing was stored",
                "try again; if it happens again, suspect the memory or the disk of this machine"
            );
        }

        cancellationToken.ThrowIfCancellationRequested();
        return Commit(pending, path, replace: !ifAbsent)
            ? DirectoryListing.Describe(key, path)!
            : RequireSame(key, content, cancellationToken);
    }

    private static bool Commit(PendingFile pending, string path, bool replace)
    {
        try
        {
            return pending.Commit(replace);
        }
        catch (IOException) when (pending.IsInPlace && !replace)
        {
            // It is there, but not durably: a write that failed leaves nothing. What was replaced is gone either way.
            File.Delete(path);
            throw;
        }
    }

    /// <summary>A name that exists is no conflict when it holds these very bytes: an earlier try was not answered.</summary>
    private ObjectInfo RequireSame(ObjectKey key, ObjectContent content, CancellationToken cancellationToken)
    {
        var path = tree.PathOf(key);
        return ContentCopy.IsSame(path, content, cancellationToken)
            ? DirectoryListing.Describe(key, path)!
            : throw new StoreException(
                StoreFault.AlreadyExists,
                $"{key} exists already in {Address} and was not replaced"
            );
    }

    private StoredFileStream OpenRead(ObjectKey key, ByteRange? range)
    {
        try
        {
            if (tree.FindFile(key) is { } path)
            {
                return new StoredFileStream(path, range);
            }
        }
        catch (IOException error) when (DirectoryFaults.MayBeRace(error)) { }

        throw new StoreException(StoreFault.NotFound, $"{key} does not exist in {Address}");
    }

    private bool Delete(ObjectKey key)
    {
        tree.RequireRoot();
        var path = tree.PathOf(key);
        if (StoreTree.IsReserved(key.Value) || tree.IsBehindLink(path) || Directory.Exists(path))
        {
            return false;
        }

        try
        {
            File.Delete(path);
            DurableFiles.FlushDirectory(Path.GetDirectoryName(path)!);
            Places.RemoveEmpty(path);
        }
        catch (DirectoryNotFoundException)
        {
            // Nothing was there, or another process has removed the directory as empty, and seen to that.
        }

        return true;
    }
}
