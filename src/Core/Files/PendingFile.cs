namespace Holdfast.Core.Files;

/// <summary>
/// The one way in which a file appears: written under a temporary name in its directory, flushed, renamed, the
/// directory flushed. Disposal without <see cref="Commit"/> removes it. While it lives it holds an advisory lock on
/// the temporary file, so that <see cref="SweepOrphans"/> can tell a file in use from one that a killed run left.
/// Not thread-safe.
/// </summary>
public sealed class PendingFile : IDisposable
{
    /// <summary>The end of every temporary name.</summary>
    public const string Suffix = ".holdfast-tmp";

    private const int WouldBlock = 11;

    private readonly string finalPath;

    private PendingFile(string finalPath, string path, FileStream stream)
    {
        this.finalPath = finalPath;
        Path = path;
        Stream = stream;
    }

    /// <summary>The temporary path.</summary>
    public string Path { get; }

    /// <summary>The open file, unbuffered; owned by this object.</summary>
    public FileStream Stream { get; }

    /// <summary>Whether the file has its final name; also when <see cref="Commit"/> failed after giving it.</summary>
    public bool IsInPlace { get; private set; }

    /// <summary>Creates the temporary file, mode 0600, beside where it is to appear.</summary>
    /// <exception cref="IOException">The directory does not exist or cannot be written.</exception>
    public static PendingFile Create(string finalPath)
    {
        var full = System.IO.Path.GetFullPath(finalPath);
        var directory = System.IO.Path.GetDirectoryName(full)!;
        while (true)
        {
            var path = System.IO.Path.Combine(directory, $".{Guid.NewGuid():N}{Suffix}");
            if (TryCreate(path) is { } stream)
            {
                return new PendingFile(full, path, stream);
            }
        }
    }

    /// <summary>Makes the file appear under its final name, replacing what is there when <paramref name="replace"/>.</summary>
    /// <returns>False, and nothing changed, when the name exists and must not be replaced.</returns>
    public bool Commit(bool replace)
    {
        Stream.Flush(flushToDisk: true);
        if (replace)
        {
            File.Move(Path, finalPath, overwrite: true);
        }
        else if (!NativeFiles.TryRenameToNew(Path, finalPath))
        {
            return false;
        }

        IsInPlace = true;
        NativeFiles.FlushDirectory(System.IO.Path.GetDirectoryName(finalPath)!);
        return true;
    }

    /// <summary>Removes temporary files in a directory whose writer is dead. Failures are left for the next sweep.</summary>
    /// <returns>The number of files removed.</returns>
    public static int SweepOrphans(string directory)
    {
        var swept = 0;
        foreach (var path in Directory.EnumerateFiles(directory, $".*{Suffix}"))
        {
            try
            {
                // Opening exclusively fails while the writer lives: it holds the same lock. For writing, too: NFS grants
                // an exclusive lock for nothing less, and .NET would go on without one.
                using (new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 0))
                {
                    File.Delete(path);
                    swept++;
                }
            }
            catch (Exception error) when (LocalFailure.Is(error))
            {
                continue;
            }
        }

        return swept;
    }

    /// <summary>Closes the file; removes it when it was not committed. What cannot be removed is left for a sweep.</summary>
    public void Dispose()
    {
        try
        {
            if (!IsInPlace)
            {
                File.Delete(Path);
            }
        }
        catch (Exception error) when (LocalFailure.Is(error))
        {
            // Thrown here it would hide why the file was not committed, and keep it locked: no sweep could take it.
            return;
        }
        finally
        {
            Stream.Dispose();
        }
    }

    /// <summary>
    /// Creates and locks a file. These are two steps, and a sweep in between takes it for an orphan: then it is null.
    /// Once locked and still there, it is safe.
    /// </summary>
    private static FileStream? TryCreate(string path)
    {
        FileStream stream;
        try
        {
            stream = new FileStream(
                path,
                new FileStreamOptions
                {
                    Mode = FileMode.CreateNew,
                    Access = FileAccess.ReadWrite,
                    Share = FileShare.None,
                    BufferSize = 0,
                    UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                }
            );
        }
        catch (IOException locked) when (locked.HResult == WouldBlock)
        {
            return null;
        }

        if (File.Exists(path))
        {
            return stream;
        }

        stream.Dispose();
        return null;
    }
}
