namespace Holdfast.Core.Files;

/// <summary>
/// A private directory for one run's temporary files, removed when disposed. A file in it stays locked while its run
/// lives; directories whose lock is free were left by killed runs and are swept. Thread-safe.
/// </summary>
public sealed class Scratch : IDisposable
{
    private const string LockName = "in-use";
    private readonly FileStream lockFile;
    private int files;

    private Scratch(string path, FileStream lockFile)
    {
        Path = path;
        this.lockFile = lockFile;
    }

    /// <summary>The directory of this run.</summary>
    public string Path { get; }

    /// <summary>Creates a directory of its own below <paramref name="root"/>, which is created when missing.</summary>
    /// <exception cref="IOException">The root cannot be created or written.</exception>
    public static Scratch Create(string root)
    {
        DurableFiles.CreatePrivateDirectory(root);
        var path = System.IO.Path.Combine(root, $"run-{Guid.NewGuid():N}");
        DurableFiles.CreatePrivateDirectory(path);
        return new Scratch(path, OpenExclusively(System.IO.Path.Combine(path, LockName), FileMode.CreateNew));
    }

    /// <summary>A path in this directory at which nothing exists.</summary>
    public string NewPath(string extension) =>
        System.IO.Path.Combine(Path, $"{Interlocked.Increment(ref files)}{extension}");

    /// <summary>The bytes that can still be written here.</summary>
    public long FreeBytes => new DriveInfo(Path).AvailableFreeSpace;

    /// <summary>Removes what killed runs left below <paramref name="root"/>.</summary>
    /// <returns>The number of directories removed.</returns>
    public static int SweepOrphans(string root, TimeProvider time)
    {
        if (!Directory.Exists(root))
        {
            return 0;
        }

        var swept = 0;
        foreach (var path in Directory.EnumerateDirectories(root, "run-*"))
        {
            if (IsOrphan(path, time) && TryRemove(path))
            {
                swept++;
            }
        }

        return swept;
    }

    /// <summary>Removes the directory and all in it.</summary>
    public void Dispose()
    {
        _ = TryRemove(Path);
        lockFile.Dispose();
    }

    private static bool IsOrphan(string path, TimeProvider time)
    {
        var lockPath = System.IO.Path.Combine(path, LockName);
        try
        {
            using (OpenExclusively(lockPath, FileMode.Open))
            {
                return true;
            }
        }
        catch (FileNotFoundException)
        {
            // Either a run that is just beginning, or one that died before it had its lock.
            return time.GetUtcNow().UtcDateTime - Directory.GetLastWriteTimeUtc(path) > TimeSpan.FromMinutes(1);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static bool TryRemove(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
            return true;
        }
        catch (DirectoryNotFoundException)
        {
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static FileStream OpenExclusively(string path, FileMode mode) =>
        new(path, mode, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
}
