using System.Security.Cryptography;
using Holdfast.Core.Files;
using Holdfast.Core.Stores;

namespace Holdfast.Core.Copying;

/// <summary>Brings single objects from one store to another, through a file, so that the store can try again. Thread-safe.</summary>
internal sealed class ObjectTransfer(IObjectStore from, IObjectStore to, Scratch scratch)
{
    private const int BufferBytes = 128 * 1024;

    /// <summary>Copies an object; the store proves that it holds the bytes that were read.</summary>
    /// <param name="key">Its name at both.</param>
    /// <param name="condition">Whether what is there is replaced.</param>
    /// <param name="expected">What it must be; null when nothing tells.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The bytes that were copied; null when there is one of that name, which stays.</returns>
    /// <exception cref="StoreException"><see cref="StoreFault.Damaged"/>: it is not what is expected, and was not copied.</exception>
    public async Task<long?> CopyAsync(
        ObjectKey key,
        PutCondition condition,
        Sha256Digest? expected,
        CancellationToken cancellationToken
    )
    {
        var path = scratch.NewPath(".object");
        try
        {
            var (length, digest) = await FetchAsync(key, path, cancellationToken);
            if (expected is { } wanted && wanted != digest)
            {
                throw new StoreException(
                    StoreFault.Damaged,
                    $"{key} at {from.Address} is not what was written: its SHA-256 is another one"
                );
            }

            _ = await to.PutAsync(key, ObjectContent.FromFile(path, length, digest), condition, cancellationToken);
            return length;
        }
        catch (StoreException error) when (error.Fault == StoreFault.AlreadyExists)
        {
            return null;
        }
        catch (Exception error) when (LocalFailure.Is(error))
        {
            throw LocalFailure.Of($"writing {path}", error, "take another place for temporary files: --scratch DIR");
        }
        finally
        {
            File.Delete(path);
        }
    }

    private async Task<(long Length, Sha256Digest Digest)> FetchAsync(
        ObjectKey key,
        string path,
        CancellationToken cancellationToken
    )
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var stream = await from.OpenReadAsync(key, range: null, cancellationToken);
        await using var file = new FileStream(
            path,
            FileMode.CreateNew,
            FileAccess.Write,
            FileShare.None,
            bufferSize: 0
        );
        var buffer = new byte[BufferBytes];
        while (await stream.ReadAsync(buffer, cancellationToken) is var read and > 0)
        {
            hash.AppendData(buffer, 0, read);
            await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }

        return (file.Length, new Sha256Digest(hash.GetHashAndReset()));
    }
}
